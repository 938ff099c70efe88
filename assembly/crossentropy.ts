// Cross-entropy of logits with integer targets, in log-sum-exp form, and its gradient.
import { EXP2, exp2 } from "./exp";
import { vlog } from "./math";
import { hsum, load_tail, load_upto, madd, store_upto, tail_mask } from "./simd";
import { row_max } from "./softmax";

/**
 * lse[r] = ln sum_c e^logits[r,c], loss[r] = lse[r] - logits[r, target[r]]; logits: [rows, cols], targets: i32 [rows] below cols.
 * A target below 0 is ignored: loss 0. Logits may be of any size, and -inf. The logarithms wait until all sums are there, four
 * at a time.
 *
 * Cycles per vector on Node 24, fast, interleaved, 768 rows of 65 (forward, gradient): literal constants and a logarithm per row
 * 20.2 and 14.5; exp2, masked remainders, logarithms together 9.0 and 6.4.
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
  let x = logits;
  for (let r: usize = 0; r < (<usize>rows) << 2; r += 4, x += row_bytes) {
    const max = row_max(x, cols);
    store<f32>(loss + r, max);
    store<f32>(lse + r, exp_sum(x, max === -Infinity ? 0 : max, cols));
  }
  vlog(lse, lse, rows);
  for (; rows > 0; rows--, logits += row_bytes, loss += 4, lse += 4, targets += 4) {
    const value = load<f32>(loss) + load<f32>(lse);
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
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  const log2e = v128.load32_splat(EXP2, 28);
  const row_bytes: usize = cols << 2;
  const s = f32x4.splat(scale);
  for (; rows > 0; rows--, logits += row_bytes, dlogits += row_bytes, lse += 4, targets += 4) {
    const target = load<i32>(targets);
    if (target < 0) continue;
    const shift = v128.load32_splat(lse);
    let x = logits;
    let dx = dlogits;
    for (let n = cols; n > 0; n -= 4, x += 16, dx += 16) {
      const u = f32x4.mul(f32x4.sub(load_upto(x, n), shift), log2e);
      const weight = exp2(u, lowest, rounder, c5, c4, c3, c2, c1);
      store_upto(dx, madd(s, weight, load_upto(dx, n)), n);
    }
    const hit = dlogits + (target << 2);
    store<f32>(hit, load<f32>(hit) - scale);
  }
}

/** Sum of e^(x - shift) over x: [n], no x above the shift. */
function exp_sum(x: usize, shift: f32, n: i32): f32 {
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  const log2e = v128.load32_splat(EXP2, 28);
  const m = f32x4.splat(shift);
  let sums = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16) {
    const u = f32x4.mul(f32x4.sub(v128.load(x), m), log2e);
    sums = f32x4.add(sums, exp2(u, lowest, rounder, c5, c4, c3, c2, c1));
  }
  if (n > 0) {
    const u = f32x4.mul(f32x4.sub(load_tail(x, n), m), log2e);
    const e = v128.and(exp2(u, lowest, rounder, c5, c4, c3, c2, c1), tail_mask(n));
    sums = f32x4.add(sums, e);
  }
  return hsum(sums);
}
