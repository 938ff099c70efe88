// Layer normalisation (Ba et al. 2016, arXiv:1607.06450) and RMS normalisation (Zhang and Sennrich 2019, arXiv:1910.07467)
// over rows, with gradients. x, y and their gradients: [rows, cols]; gain, bias: [cols]. A null pointer means absent.
//
// RMS normalisation is the same arithmetic with a mean of zero, so both share the row loops below the kernels.
//
// GB/s on Node 24, fast, interleaved:            layernorm 768 x 128   512 x 768   gradient 768 x 128   512 x 768   RMS 512 x 768
//   choices inside the loop, a pass per result                  15.9        22.2                 25.8        25.3           27.5
//   two vectors at a time, one pass for all sums                20.5        26.3                 26.8        28.6           33.6
import { hsum, load_tail, load_upto, madd, nmadd, store_tail, store_upto, tail_mask } from "./simd";
import { row_dot } from "./softmax";

/**
 * y = (x - mean) rstd gain + bias with rstd = 1 / sqrt(variance + eps); stats: [rows, 2] = mean, rstd. y may alias x.
 * The variance is taken from the centred row, a second pass that stays in cache.
 */
export function slayernorm(
  y: usize,
  stats: usize,
  x: usize,
  gain: usize,
  bias: usize,
  rows: i32,
  cols: i32,
  eps: f32,
): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, y += row_bytes, x += row_bytes, stats += 8) {
    const mean = row_sum(x, cols) / <f32>cols;
    const rstd: f32 = 1 / sqrt<f32>(row_spread(x, mean, cols) / <f32>cols + eps);
    store<f32>(stats, mean);
    store<f32>(stats, rstd, 4);
    normalise_row(y, x, mean, rstd, gain, bias, cols);
  }
}

/**
 * With u = (x - mean) rstd and w = dy gain: dx += rstd (w - mean(w) - u mean(w u)), dgain += sum over rows of dy u,
 * dbias += sum over rows of dy. Any of dx, dgain, dbias may be absent.
 */
export function slayernorm_grad(
  dx: usize,
  dgain: usize,
  dbias: usize,
  dy: usize,
  x: usize,
  gain: usize,
  stats: usize,
  rows: i32,
  cols: i32,
): void {
  const row_bytes: usize = cols << 2;
  const step = dx ? row_bytes : 0;
  for (; rows > 0; rows--, dx += step, dy += row_bytes, x += row_bytes, stats += 8) {
    row_gradient(dx, dgain, dbias, dy, x, gain, load<f32>(stats), load<f32>(stats, 4), cols, 1);
  }
}

/** y = x rstd gain with rstd = 1 / sqrt(mean(x^2) + eps); stats: [rows] = rstd. y may alias x. */
export function srmsnorm(
  y: usize,
  stats: usize,
  x: usize,
  gain: usize,
  rows: i32,
  cols: i32,
  eps: f32,
): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0; r < rows; r++, y += row_bytes, x += row_bytes, stats += 4) {
    const rstd: f32 = 1 / sqrt<f32>(row_dot(x, x, cols) / <f32>cols + eps);
    store<f32>(stats, rstd);
    normalise_row(y, x, 0, rstd, gain, 0, cols);
  }
}

/** With u = x rstd and w = dy gain: dx += rstd (w - u mean(w u)), dgain += sum over rows of dy u. dx, dgain may be absent. */
export function srmsnorm_grad(
  dx: usize,
  dgain: usize,
  dy: usize,
  x: usize,
  gain: usize,
  stats: usize,
  rows: i32,
  cols: i32,
): void {
  const row_bytes: usize = cols << 2;
  const step = dx ? row_bytes : 0;
  for (; rows > 0; rows--, dx += step, dy += row_bytes, x += row_bytes, stats += 4) {
    row_gradient(dx, dgain, 0, dy, x, gain, 0, load<f32>(stats), cols, 0);
  }
}

/** y = (x - mean) rstd gain + bias. */
function normalise_row(y: usize, x: usize, mean: f32, rstd: f32, gain: usize, bias: usize, n: i32): void {
  const m = f32x4.splat(mean);
  const s = f32x4.splat(rstd);
  if (gain && bias) {
    for (; n >= 8; n -= 8, y += 32, x += 32, gain += 32, bias += 32) {
      const u0 = f32x4.mul(f32x4.sub(v128.load(x), m), s);
      const u1 = f32x4.mul(f32x4.sub(v128.load(x, 16), m), s);
      v128.store(y, madd(u0, v128.load(gain), v128.load(bias)));
      v128.store(y, madd(u1, v128.load(gain, 16), v128.load(bias, 16)), 16);
    }
  } else if (gain) {
    for (; n >= 8; n -= 8, y += 32, x += 32, gain += 32) {
      const u0 = f32x4.mul(f32x4.sub(v128.load(x), m), s);
      const u1 = f32x4.mul(f32x4.sub(v128.load(x, 16), m), s);
      v128.store(y, f32x4.mul(u0, v128.load(gain)));
      v128.store(y, f32x4.mul(u1, v128.load(gain, 16)), 16);
    }
  }
  for (; n > 0; n -= 4, y += 16, x += 16) {
    let unit = f32x4.mul(f32x4.sub(load_upto(x, n), m), s);
    if (gain) {
      unit = f32x4.mul(unit, load_upto(gain, n));
      gain += 16;
    }
    if (bias) {
      unit = f32x4.add(unit, load_upto(bias, n));
      bias += 16;
    }
    store_upto(y, unit, n);
  }
}

/**
 * One row of the gradients. First pass: dgain += dy u, dbias += dy, and the sums of w = dy gain and of w u, u = (x - mean) rstd;
 * second: dx += rstd (w - mean(w) - u mean(w u)), where mean(w) is left out when `centred` is 0.
 */
function row_gradient(
  dx: usize,
  dgain: usize,
  dbias: usize,
  dy: usize,
  x: usize,
  gain: usize,
  mean: f32,
  rstd: f32,
  n: i32,
  centred: i32,
): void {
  const m = f32x4.splat(mean);
  const s = f32x4.splat(rstd);
  const whole: usize = (n & ~3) << 2;
  const tail = n & 3;
  let sum_w = f32x4.splat(0);
  let sum_wu = sum_w;
  for (let o: usize = 0; o < whole; o += 16) {
    const d = v128.load(dy + o);
    const u = f32x4.mul(f32x4.sub(v128.load(x + o), m), s);
    const w = gain ? f32x4.mul(d, v128.load(gain + o)) : d;
    sum_w = f32x4.add(sum_w, w);
    sum_wu = madd(w, u, sum_wu);
    if (dgain) v128.store(dgain + o, madd(d, u, v128.load(dgain + o)));
    if (dbias) v128.store(dbias + o, f32x4.add(v128.load(dbias + o), d));
  }
  if (tail) {
    const d = load_tail(dy + whole, tail);
    const u = f32x4.mul(f32x4.sub(load_tail(x + whole, tail), m), s);
    const w = gain ? f32x4.mul(d, load_tail(gain + whole, tail)) : d;
    sum_w = f32x4.add(sum_w, w);
    sum_wu = madd(w, u, sum_wu);
    if (dgain) store_tail(dgain + whole, madd(d, u, load_tail(dgain + whole, tail)), tail);
    if (dbias) store_tail(dbias + whole, f32x4.add(load_tail(dbias + whole, tail), d), tail);
  }
  if (!dx) return;
  const inverse: f32 = 1 / <f32>n;
  const a = f32x4.splat(centred ? hsum(sum_w) * inverse : 0);
  const b = f32x4.splat(rstd * hsum(sum_wu) * inverse);
  for (let o: usize = 0; o < whole; o += 16) {
    const d = v128.load(dy + o);
    const w = gain ? f32x4.mul(d, v128.load(gain + o)) : d;
    const change = nmadd(b, f32x4.sub(v128.load(x + o), m), f32x4.sub(w, a));
    v128.store(dx + o, madd(s, change, v128.load(dx + o)));
  }
  if (tail) {
    const d = load_tail(dy + whole, tail);
    const w = gain ? f32x4.mul(d, load_tail(gain + whole, tail)) : d;
    const change = nmadd(b, f32x4.sub(load_tail(x + whole, tail), m), f32x4.sub(w, a));
    store_tail(dx + whole, madd(s, change, load_tail(dx + whole, tail)), tail);
  }
}

function row_sum(x: usize, n: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; n >= 16; n -= 16, x += 64) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
  }
  for (; n >= 4; n -= 4, x += 16) s0 = f32x4.add(s0, v128.load(x));
  if (n > 0) s1 = f32x4.add(s1, load_tail(x, n));
  return hsum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** sum((x - mean)^2). */
function row_spread(x: usize, mean: f32, n: i32): f32 {
  const m = f32x4.splat(mean);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; n >= 16; n -= 16, x += 64) {
    const d0 = f32x4.sub(v128.load(x), m);
    const d1 = f32x4.sub(v128.load(x, 16), m);
    const d2 = f32x4.sub(v128.load(x, 32), m);
    const d3 = f32x4.sub(v128.load(x, 48), m);
    s0 = madd(d0, d0, s0);
    s1 = madd(d1, d1, s1);
    s2 = madd(d2, d2, s2);
    s3 = madd(d3, d3, s3);
  }
  for (; n >= 4; n -= 4, x += 16) {
    const d = f32x4.sub(v128.load(x), m);
    s0 = madd(d, d, s0);
  }
  if (n > 0) {
    const d = v128.and(f32x4.sub(load_tail(x, n), m), tail_mask(n));
    s1 = madd(d, d, s1);
  }
  return hsum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}
