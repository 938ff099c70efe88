// Cross-entropy of logits with integer targets, in log-sum-exp form, and its gradient.
import { exp, exp_nonpositive, log_scalar } from "./math";
import { hsum, load_tail, madd, store_tail } from "./simd";
import { row_max } from "./softmax";

/**
 * lse[r] = ln sum_c e^logits[r,c], loss[r] = lse[r] - logits[r, target[r]]; logits: [rows, cols], targets: i32 [rows] below cols.
 * A target below 0 is ignored: loss 0. Logits may be of any size, and -inf.
 */
export function scrossentropy(
  loss: usize,
  lse: usize,
  logits: usize,
  targets: usize,
  rows: i32,
  cols: i32,
): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, logits += row_bytes, loss += 4, lse += 4, targets += 4) {
    const value = log_sum_exp(logits, cols);
    const target = load<i32>(targets);
    store<f32>(lse, value);
    store<f32>(loss, target < 0 ? 0 : value - load<f32>(logits + (target << 2)));
  }
}

/** dlogits += scale (softmax - onehot(target)), with the lse of scrossentropy; ignored rows get nothing. */
export function scrossentropy_grad(
  dlogits: usize,
  logits: usize,
  lse: usize,
  targets: usize,
  rows: i32,
  cols: i32,
  scale: f32,
): void {
  const row_bytes: usize = cols << 2;
  const s = f32x4.splat(scale);
  for (let r = 0; r < rows; r++, logits += row_bytes, dlogits += row_bytes, lse += 4, targets += 4) {
    const target = load<i32>(targets);
    if (target < 0) continue;
    const shift = f32x4.splat(load<f32>(lse));
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const weight = exp(f32x4.sub(v128.load(logits + o), shift));
      v128.store(dlogits + o, madd(s, weight, v128.load(dlogits + o)));
    }
    const tail = cols - i;
    if (tail > 0) {
      const o: usize = i << 2;
      const weight = exp(f32x4.sub(load_tail(logits + o, tail), shift));
      store_tail(dlogits + o, madd(s, weight, load_tail(dlogits + o, tail)), tail);
    }
    const hit = dlogits + (target << 2);
    store<f32>(hit, load<f32>(hit) - scale);
  }
}

/** ln sum e^x of x: [n]; -inf for an empty or all -inf row. */
function log_sum_exp(x: usize, n: i32): f32 {
  const max = row_max(x, n);
  if (max === -Infinity) return max;
  const m = f32x4.splat(max);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (; n >= 8; n -= 8, x += 32) {
    s0 = f32x4.add(s0, exp_nonpositive(f32x4.sub(v128.load(x), m)));
    s1 = f32x4.add(s1, exp_nonpositive(f32x4.sub(v128.load(x, 16), m)));
  }
  for (; n >= 4; n -= 4, x += 16) s0 = f32x4.add(s0, exp_nonpositive(f32x4.sub(v128.load(x), m)));
  let sum = hsum(f32x4.add(s0, s1));
  for (; n > 0; n--, x += 4) {
    sum += f32x4.extract_lane(exp_nonpositive(f32x4.sub(v128.load32_splat(x), m)), 0);
  }
  return max + log_scalar(sum);
}
