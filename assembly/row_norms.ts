// Normalisers of attention rows other than softmax, and their gradients. All arrays are [rows, cols].
import { sscale } from "./elementwise";
import { exp_nonpositive } from "./math";
import { hsum, load_tail, madd, nmadd, store_tail } from "./simd";
import { row_dot, row_max } from "./softmax";

/**
 * y = e^x / sqrt(sum of e^2x) on every row; y may alias x. -inf is a masked entry; a row of only -inf gives zeros. The row maximum
 * is subtracted first, as in softmax, which changes nothing: both e^x and the root scale alike.
 */
export function sexp_l2(y: usize, x: usize, rows: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, y += row_bytes, x += row_bytes) {
    const max = row_max(x, cols);
    store_shifted_exp(y, x, max === -Infinity ? 0 : max, cols);
    const square = row_dot(y, y, cols);
    sscale(y, y, square === 0 ? 0 : 1 / sqrt<f32>(square), cols);
  }
}

/** dx += y (dy - y sum(dy y)) on every row, y the result of sexp_l2. */
export function sexp_l2_grad(dx: usize, dy: usize, y: usize, rows: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, dx += row_bytes, dy += row_bytes, y += row_bytes) {
    const inner = f32x4.splat(row_dot(dy, y, cols));
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const weights = v128.load(y + o);
      const slope = nmadd(weights, inner, v128.load(dy + o));
      v128.store(dx + o, madd(weights, slope, v128.load(dx + o)));
    }
    const tail = cols - i;
    if (tail > 0) {
      const o: usize = i << 2;
      const weights = load_tail(y + o, tail);
      const slope = nmadd(weights, inner, load_tail(dy + o, tail));
      store_tail(dx + o, madd(weights, slope, load_tail(dx + o, tail)), tail);
    }
  }
}

/** y = x / (sum of x + epsilon) on every row, x >= 0; totals: [rows] gets the divisors. y may alias x. */
export function sshare(y: usize, totals: usize, x: usize, rows: i32, cols: i32, epsilon: f32): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, y += row_bytes, x += row_bytes, totals += 4) {
    const total = row_sum(x, cols) + epsilon;
    store<f32>(totals, total);
    sscale(y, x, 1 / total, cols);
  }
}

/** dx += (dy - sum(dy y)) / total on every row, y and totals those of sshare. */
export function sshare_grad(dx: usize, dy: usize, y: usize, totals: usize, rows: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, dx += row_bytes, dy += row_bytes, y += row_bytes, totals += 4) {
    const inner = f32x4.splat(row_dot(dy, y, cols));
    const factor = f32x4.splat(1 / load<f32>(totals));
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      v128.store(dx + o, madd(f32x4.sub(v128.load(dy + o), inner), factor, v128.load(dx + o)));
    }
    const tail = cols - i;
    if (tail > 0) {
      const o: usize = i << 2;
      const slope = f32x4.sub(load_tail(dy + o, tail), inner);
      store_tail(dx + o, madd(slope, factor, load_tail(dx + o, tail)), tail);
    }
  }
}

/** y = e^(x - shift), no x above shift; y, x: [n]. */
function store_shifted_exp(y: usize, x: usize, shift: f32, n: i32): void {
  const m = f32x4.splat(shift);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, exp_nonpositive(f32x4.sub(v128.load(x), m)));
  if (n > 0) store_tail(y, exp_nonpositive(f32x4.sub(load_tail(x, n), m)), n);
}

function row_sum(x: usize, n: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (; n >= 8; n -= 8, x += 32) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
  }
  for (; n >= 4; n -= 4, x += 16) s0 = f32x4.add(s0, v128.load(x));
  if (n > 0) s1 = f32x4.add(s1, load_tail(x, n));
  return hsum(f32x4.add(s0, s1));
}
