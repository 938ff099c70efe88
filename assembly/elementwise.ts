// Elementwise arithmetic and whole-array reductions on f32. In all of them an output may alias an input of the same length.
import { load_tail, madd, store_tail } from "./simd";

/** y = value, y: [n]. */
export function sfill(y: usize, value: f32, n: i32): void {
  const v = f32x4.splat(value);
  for (; n >= 4; n -= 4, y += 16) v128.store(y, v);
  if (n > 0) store_tail(y, v, n);
}

/** y = x, both [n]. */
export function scopy(y: usize, x: usize, n: i32): void {
  memory.copy(y, x, n << 2);
}

/** y = a + b, all [n]. */
export function sadd(y: usize, a: usize, b: usize, n: i32): void {
  for (; n >= 16; n -= 16, y += 64, a += 64, b += 64) {
    const s0 = f32x4.add(v128.load(a), v128.load(b));
    const s1 = f32x4.add(v128.load(a, 16), v128.load(b, 16));
    const s2 = f32x4.add(v128.load(a, 32), v128.load(b, 32));
    const s3 = f32x4.add(v128.load(a, 48), v128.load(b, 48));
    store4(y, s0, s1, s2, s3);
  }
  for (; n >= 4; n -= 4, y += 16, a += 16, b += 16) v128.store(y, f32x4.add(v128.load(a), v128.load(b)));
  if (n > 0) store_tail(y, f32x4.add(load_tail(a, n), load_tail(b, n)), n);
}

/** y = a - b, all [n]. */
export function ssub(y: usize, a: usize, b: usize, n: i32): void {
  for (; n >= 16; n -= 16, y += 64, a += 64, b += 64) {
    const s0 = f32x4.sub(v128.load(a), v128.load(b));
    const s1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const s2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const s3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    store4(y, s0, s1, s2, s3);
  }
  for (; n >= 4; n -= 4, y += 16, a += 16, b += 16) v128.store(y, f32x4.sub(v128.load(a), v128.load(b)));
  if (n > 0) store_tail(y, f32x4.sub(load_tail(a, n), load_tail(b, n)), n);
}

/** y = a * b, all [n]. */
export function smul(y: usize, a: usize, b: usize, n: i32): void {
  for (; n >= 16; n -= 16, y += 64, a += 64, b += 64) {
    const p0 = f32x4.mul(v128.load(a), v128.load(b));
    const p1 = f32x4.mul(v128.load(a, 16), v128.load(b, 16));
    const p2 = f32x4.mul(v128.load(a, 32), v128.load(b, 32));
    const p3 = f32x4.mul(v128.load(a, 48), v128.load(b, 48));
    store4(y, p0, p1, p2, p3);
  }
  for (; n >= 4; n -= 4, y += 16, a += 16, b += 16) v128.store(y, f32x4.mul(v128.load(a), v128.load(b)));
  if (n > 0) store_tail(y, f32x4.mul(load_tail(a, n), load_tail(b, n)), n);
}

/** y += a * b, all [n]. */
export function smuladd(y: usize, a: usize, b: usize, n: i32): void {
  for (; n >= 16; n -= 16, y += 64, a += 64, b += 64) {
    const s0 = madd(v128.load(a), v128.load(b), v128.load(y));
    const s1 = madd(v128.load(a, 16), v128.load(b, 16), v128.load(y, 16));
    const s2 = madd(v128.load(a, 32), v128.load(b, 32), v128.load(y, 32));
    const s3 = madd(v128.load(a, 48), v128.load(b, 48), v128.load(y, 48));
    store4(y, s0, s1, s2, s3);
  }
  for (; n >= 4; n -= 4, y += 16, a += 16, b += 16)
    v128.store(y, madd(v128.load(a), v128.load(b), v128.load(y)));
  if (n > 0) store_tail(y, madd(load_tail(a, n), load_tail(b, n), load_tail(y, n)), n);
}

/** y = alpha x, both [n]. */
export function sscale(y: usize, x: usize, alpha: f32, n: i32): void {
  const a = f32x4.splat(alpha);
  for (; n >= 16; n -= 16, y += 64, x += 64) {
    const p0 = f32x4.mul(v128.load(x), a);
    const p1 = f32x4.mul(v128.load(x, 16), a);
    const p2 = f32x4.mul(v128.load(x, 32), a);
    const p3 = f32x4.mul(v128.load(x, 48), a);
    store4(y, p0, p1, p2, p3);
  }
  for (; n >= 4; n -= 4, y += 16, x += 16) v128.store(y, f32x4.mul(v128.load(x), a));
  if (n > 0) store_tail(y, f32x4.mul(load_tail(x, n), a), n);
}

/** y += alpha x, both [n]. */
export function saxpy(y: usize, x: usize, alpha: f32, n: i32): void {
  const a = f32x4.splat(alpha);
  for (; n >= 16; n -= 16, y += 64, x += 64) {
    const s0 = madd(v128.load(x), a, v128.load(y));
    const s1 = madd(v128.load(x, 16), a, v128.load(y, 16));
    const s2 = madd(v128.load(x, 32), a, v128.load(y, 32));
    const s3 = madd(v128.load(x, 48), a, v128.load(y, 48));
    store4(y, s0, s1, s2, s3);
  }
  for (; n >= 4; n -= 4, y += 16, x += 16) v128.store(y, madd(v128.load(x), a, v128.load(y)));
  if (n > 0) store_tail(y, madd(load_tail(x, n), a, load_tail(y, n)), n);
}

function store4(y: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
}

/** y = x + bias on every row; y, x: [rows, cols], bias: [cols]. */
export function sadd_bias(y: usize, x: usize, bias: usize, rows: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, y += row_bytes, x += row_bytes) sadd(y, x, bias, cols);
}

/**
 * db += column sums of dy; dy: [rows, cols], db: [cols]. Eight rows are summed pairwise before they meet db:
 * an eighth of the traffic on db and a smaller rounding error.
 */
export function scolumn_sum(db: usize, dy: usize, rows: i32, cols: i32): void {
  const stride: usize = cols << 2;
  for (; rows >= 8; rows -= 8, dy += stride << 3) {
    let j = 0;
    for (; j + 4 <= cols; j += 4) {
      const p = dy + (j << 2);
      const b = db + (j << 2);
      const upper = add4(
        v128.load(p),
        v128.load(p + stride),
        v128.load(p + 2 * stride),
        v128.load(p + 3 * stride),
      );
      const q = p + 4 * stride;
      const lower = add4(
        v128.load(q),
        v128.load(q + stride),
        v128.load(q + 2 * stride),
        v128.load(q + 3 * stride),
      );
      v128.store(b, f32x4.add(v128.load(b), f32x4.add(upper, lower)));
    }
    for (; j < cols; j++) {
      const p = dy + (j << 2);
      const b = db + (j << 2);
      const upper =
        load<f32>(p) + load<f32>(p + stride) + (load<f32>(p + 2 * stride) + load<f32>(p + 3 * stride));
      const q = p + 4 * stride;
      const lower =
        load<f32>(q) + load<f32>(q + stride) + (load<f32>(q + 2 * stride) + load<f32>(q + 3 * stride));
      store<f32>(b, load<f32>(b) + (upper + lower));
    }
  }
  for (; rows > 0; rows--, dy += stride) sadd(db, db, dy, cols);
}

function add4(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** Sum of x: [n], in float64. */
export function ssum(x: usize, n: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; n >= 8; n -= 8, x += 32) {
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v128.load64_zero(x)));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.load64_zero(x, 8)));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(v128.load64_zero(x, 16)));
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.load64_zero(x, 24)));
  }
  let sum = hsum64(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  for (; n > 0; n--, x += 4) sum += <f64>load<f32>(x);
  return sum;
}

/** Sum of squares of x: [n], in float64 (the square of a float32 is exact there). */
export function ssum_squares(x: usize, n: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; n >= 8; n -= 8, x += 32) {
    const x0 = f64x2.promote_low_f32x4(v128.load64_zero(x));
    const x1 = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
    const x2 = f64x2.promote_low_f32x4(v128.load64_zero(x, 16));
    const x3 = f64x2.promote_low_f32x4(v128.load64_zero(x, 24));
    s0 = f64x2.add(s0, f64x2.mul(x0, x0));
    s1 = f64x2.add(s1, f64x2.mul(x1, x1));
    s2 = f64x2.add(s2, f64x2.mul(x2, x2));
    s3 = f64x2.add(s3, f64x2.mul(x3, x3));
  }
  let sum = hsum64(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  for (; n > 0; n--, x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x);
  return sum;
}

function hsum64(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** Index of the first inf or NaN of x: [n], or -1. */
export function sfirst_nonfinite(x: usize, n: i32): i32 {
  const zero = f32x4.splat(0);
  let i = 0;
  // 0 * x is 0 for finite x and NaN otherwise; a sum of NaN stays NaN.
  for (; i + 16 <= n; i += 16) {
    const p = x + (i << 2);
    const a = f32x4.add(f32x4.mul(v128.load(p), zero), f32x4.mul(v128.load(p, 16), zero));
    const b = f32x4.add(f32x4.mul(v128.load(p, 32), zero), f32x4.mul(v128.load(p, 48), zero));
    const sum = f32x4.add(a, b);
    if (v128.any_true(f32x4.ne(sum, sum))) break;
  }
  for (; i < n; i++) {
    if (load<f32>(x + (i << 2)) * 0 !== 0) return i;
  }
  return -1;
}
