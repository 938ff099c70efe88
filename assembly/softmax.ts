// Row softmax and its gradient.
import { EXP2, exp2 } from "./exp";
import { hmax, hsum, load_tail, load_upto, madd, store_tail, store_upto, tail_mask } from "./simd";

/**
 * y = softmax of every row, y, x: [rows, cols]; y may alias x. -inf is a masked entry (weight 0); a row of only -inf gives
 * zeros. The row maximum is subtracted first, so logits of any finite size are fine; a NaN or +inf makes its row NaN.
 *
 * One loop does three things: exponentials of a row, the maximum of the row after it, and the division of the row before it by
 * its sum. That is as many instructions as three loops, but the short ones hide behind the long one.
 *
 * Cycles per vector on Node 24, fast, 512 x 512, counted at 3.2 GHz. The last five come from one interleaved run, the others from
 * runs of their own on the same machine:
 *   three loops, literal constants                        16.1
 *   three loops, exp2                                      7.1
 *   maximum of the next row in the loop of exp2            6.2
 *   and the scaling of the row before                      5.6
 *   the same with one constant fewer (this)                5.5
 *   x / ln 2 - max / ln 2 by one madd                      5.3   (overflows at 2.4e38)
 *   without the scaling, two vectors at a time             6.1
 * Clamping by integers instead of pmax made no difference.
 */
export function ssoftmax(y: usize, x: usize, rows: i32, cols: i32): void {
  if (rows === 0) return;
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  const log2e = v128.load32_splat(EXP2, 28);
  const tail = cols & 3;
  const row_bytes: usize = cols << 2;
  let max = row_max(x, cols);
  let before = y;
  let scale: f32 = 1;
  for (; rows > 0; rows--) {
    // With -inf as maximum the differences would be NaN; with 0 all weights are e^-inf = 0.
    const m = f32x4.splat(max === -Infinity ? 0 : max);
    const s = f32x4.splat(scale);
    const first = y;
    let after = rows > 1 ? x + row_bytes : x;
    let tops = f32x4.splat(-Infinity);
    let sums = f32x4.splat(0);
    for (let n = cols; n >= 4; n -= 4, x += 16, y += 16, before += 16, after += 16) {
      v128.store(before, f32x4.mul(v128.load(before), s));
      const u = f32x4.mul(f32x4.sub(v128.load(x), m), log2e);
      const e = exp2(u, lowest, rounder, c5, c4, c3, c2, c1);
      v128.store(y, e);
      sums = f32x4.add(sums, e);
      tops = f32x4.pmax(tops, v128.load(after));
    }
    if (tail) {
      store_tail(before, f32x4.mul(load_tail(before, tail), s), tail);
      const u = f32x4.mul(f32x4.sub(load_tail(x, tail), m), log2e);
      const e = v128.and(exp2(u, lowest, rounder, c5, c4, c3, c2, c1), tail_mask(tail));
      store_tail(y, e, tail);
      sums = f32x4.add(sums, e);
      tops = max_tail(tops, after, tail);
      x += (<usize>tail) << 2;
      y += (<usize>tail) << 2;
    }
    const sum = hsum(sums);
    scale = sum === 0 ? 0 : 1 / sum;
    max = hmax(tops);
    before = first;
  }
  scale_row(before, scale, cols);
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
  return hmax(max_tail(f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3)), x, n));
}

/** The larger of max and x: [count], count below 4. */
function max_tail(max: v128, x: usize, count: i32): v128 {
  for (; count > 0; count--, x += 4) max = f32x4.pmax(max, v128.load32_splat(x));
  return max;
}

function scale_row(y: usize, scale: f32, n: i32): void {
  const s = f32x4.splat(scale);
  for (; n > 0; n -= 4, y += 16) store_upto(y, f32x4.mul(load_upto(y, n), s), n);
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
