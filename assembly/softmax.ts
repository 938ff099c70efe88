// Row softmax and its gradient.
import { exp_nonpositive } from "./math";
import { hmax, hsum, load_tail, madd, store_tail } from "./simd";

/**
 * y = softmax of every row, y, x: [rows, cols]; y may alias x. -inf is a masked entry (weight 0); a row of only -inf gives
 * zeros. The row maximum is subtracted first, so logits of any finite size are fine; a NaN or +inf makes its row NaN.
 */
export function ssoftmax(y: usize, x: usize, rows: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, y += row_bytes, x += row_bytes) {
    const max = row_max(x, cols);
    // With -inf as maximum the differences would be NaN; with 0 all weights are e^-inf = 0.
    const sum = store_exp(y, x, max === -Infinity ? 0 : max, cols);
    const scale: f32 = sum === 0 ? 0 : 1 / sum;
    scale_row(y, scale, cols);
  }
}

/** dx += y (dy - sum(dy y)) on every row; all [rows, cols], y the softmax. dx may alias dy only if dy is not needed after. */
export function ssoftmax_grad(dx: usize, dy: usize, y: usize, rows: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, dx += row_bytes, dy += row_bytes, y += row_bytes) {
    const inner = f32x4.splat(row_dot(dy, y, cols));
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      v128.store(dx + o, madd(v128.load(y + o), f32x4.sub(v128.load(dy + o), inner), v128.load(dx + o)));
    }
    const tail = cols - i;
    if (tail > 0) {
      const o: usize = i << 2;
      const slope = f32x4.sub(load_tail(dy + o, tail), inner);
      store_tail(dx + o, madd(load_tail(y + o, tail), slope, load_tail(dx + o, tail)), tail);
    }
  }
}

/** Largest of x: [n]; -inf for n = 0. */
export function row_max(x: usize, n: i32): f32 {
  let m0 = f32x4.splat(-Infinity);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  for (; n >= 16; n -= 16, x += 64) {
    m0 = f32x4.pmax(m0, v128.load(x));
    m1 = f32x4.pmax(m1, v128.load(x, 16));
    m2 = f32x4.pmax(m2, v128.load(x, 32));
    m3 = f32x4.pmax(m3, v128.load(x, 48));
  }
  for (; n >= 4; n -= 4, x += 16) m0 = f32x4.pmax(m0, v128.load(x));
  let max = hmax(f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3)));
  for (; n > 0; n--, x += 4) max = hmax(f32x4.pmax(f32x4.splat(max), v128.load32_splat(x)));
  return max;
}

/** y = e^(x - shift) and its sum; y, x: [n], no x above shift. */
function store_exp(y: usize, x: usize, shift: f32, n: i32): f32 {
  const m = f32x4.splat(shift);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (; n >= 8; n -= 8, x += 32, y += 32) {
    const e0 = exp_nonpositive(f32x4.sub(v128.load(x), m));
    const e1 = exp_nonpositive(f32x4.sub(v128.load(x, 16), m));
    v128.store(y, e0);
    v128.store(y, e1, 16);
    s0 = f32x4.add(s0, e0);
    s1 = f32x4.add(s1, e1);
  }
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    const e = exp_nonpositive(f32x4.sub(v128.load(x), m));
    v128.store(y, e);
    s0 = f32x4.add(s0, e);
  }
  let sum = hsum(f32x4.add(s0, s1));
  if (n > 0) {
    const e = exp_nonpositive(f32x4.sub(load_tail(x, n), m));
    store_tail(y, e, n);
    for (let i = 0; i < n; i++) sum += load<f32>(y + (i << 2));
  }
  return sum;
}

function scale_row(y: usize, scale: f32, n: i32): void {
  const s = f32x4.splat(scale);
  for (; n >= 4; n -= 4, y += 16) v128.store(y, f32x4.mul(v128.load(y), s));
  for (; n > 0; n--, y += 4) store<f32>(y, load<f32>(y) * scale);
}

/** sum(a b), a, b: [n]. */
export function row_dot(a: usize, b: usize, n: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; n >= 16; n -= 16, a += 64, b += 64) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
    s2 = madd(v128.load(a, 32), v128.load(b, 32), s2);
    s3 = madd(v128.load(a, 48), v128.load(b, 48), s3);
  }
  for (; n >= 4; n -= 4, a += 16, b += 16) s0 = madd(v128.load(a), v128.load(b), s0);
  if (n > 0) s1 = madd(load_tail(a, n), load_tail(b, n), s1);
  return hsum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}
