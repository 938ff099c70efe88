// Layer normalisation (Ba et al. 2016, arXiv:1607.06450) and RMS normalisation (Zhang and Sennrich 2019, arXiv:1910.07467)
// over rows, with gradients. x, y and their gradients: [rows, cols]; gain, bias: [cols]. A null pointer means absent.
//
// RMS normalisation is the same arithmetic with a mean of zero, so both share the row loops below the kernels.
import { scolumn_sum } from "./elementwise";
import { hsum, load_tail, madd, nmadd, store_tail } from "./simd";
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
  if (dbias) scolumn_sum(dbias, dy, rows, cols);
  for (let r = 0; r < rows; r++, dy += row_bytes, x += row_bytes, stats += 8) {
    const mean = load<f32>(stats);
    const rstd = load<f32>(stats, 4);
    if (dgain) add_unit_product(dgain, dy, x, mean, rstd, cols);
    if (!dx) continue;
    add_input_gradient(dx, dy, gain, x, mean, rstd, cols, 1);
    dx += row_bytes;
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
  for (let r = 0; r < rows; r++, dy += row_bytes, x += row_bytes, stats += 4) {
    const rstd = load<f32>(stats);
    if (dgain) add_unit_product(dgain, dy, x, 0, rstd, cols);
    if (!dx) continue;
    add_input_gradient(dx, dy, gain, x, 0, rstd, cols, 0);
    dx += row_bytes;
  }
}

/** y = (x - mean) rstd gain + bias. */
function normalise_row(y: usize, x: usize, mean: f32, rstd: f32, gain: usize, bias: usize, n: i32): void {
  const m = f32x4.splat(mean);
  const s = f32x4.splat(rstd);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o: usize = i << 2;
    const unit = f32x4.mul(f32x4.sub(v128.load(x + o), m), s);
    const scaled = gain ? f32x4.mul(unit, v128.load(gain + o)) : unit;
    v128.store(y + o, bias ? f32x4.add(scaled, v128.load(bias + o)) : scaled);
  }
  const tail = n - i;
  if (tail === 0) return;
  const o: usize = i << 2;
  const unit = f32x4.mul(f32x4.sub(load_tail(x + o, tail), m), s);
  const scaled = gain ? f32x4.mul(unit, load_tail(gain + o, tail)) : unit;
  store_tail(y + o, bias ? f32x4.add(scaled, load_tail(bias + o, tail)) : scaled, tail);
}

/** d += dy (x - mean) rstd. */
function add_unit_product(d: usize, dy: usize, x: usize, mean: f32, rstd: f32, n: i32): void {
  const m = f32x4.splat(mean);
  const s = f32x4.splat(rstd);
  for (; n >= 4; n -= 4, d += 16, dy += 16, x += 16) {
    const unit = f32x4.mul(f32x4.sub(v128.load(x), m), s);
    v128.store(d, madd(v128.load(dy), unit, v128.load(d)));
  }
  if (n === 0) return;
  const unit = f32x4.mul(f32x4.sub(load_tail(x, n), m), s);
  store_tail(d, madd(load_tail(dy, n), unit, load_tail(d, n)), n);
}

/**
 * dx += rstd (w - mean(w) - u mean(w u)) with w = dy gain, u = (x - mean) rstd; mean(w) is left out when `centred` is 0.
 * Both means come from one pass.
 */
function add_input_gradient(
  dx: usize,
  dy: usize,
  gain: usize,
  x: usize,
  mean: f32,
  rstd: f32,
  n: i32,
  centred: i32,
): void {
  const m = f32x4.splat(mean);
  let w0 = f32x4.splat(0);
  let w1 = w0;
  let u0 = w0;
  let u1 = w0;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const o: usize = i << 2;
    const a = gain ? f32x4.mul(v128.load(dy + o), v128.load(gain + o)) : v128.load(dy + o);
    const b = gain ? f32x4.mul(v128.load(dy + o, 16), v128.load(gain + o, 16)) : v128.load(dy + o, 16);
    w0 = f32x4.add(w0, a);
    w1 = f32x4.add(w1, b);
    u0 = madd(a, f32x4.sub(v128.load(x + o), m), u0);
    u1 = madd(b, f32x4.sub(v128.load(x + o, 16), m), u1);
  }
  let sum_w = hsum(f32x4.add(w0, w1));
  let sum_wu = hsum(f32x4.add(u0, u1));
  for (; i < n; i++) {
    const o: usize = i << 2;
    const w = gain ? load<f32>(dy + o) * load<f32>(gain + o) : load<f32>(dy + o);
    sum_w += w;
    sum_wu += w * (load<f32>(x + o) - mean);
  }
  const inverse: f32 = 1 / <f32>n;
  const s = f32x4.splat(rstd);
  const a = f32x4.splat(centred ? sum_w * inverse : 0);
  const b = f32x4.splat(rstd * rstd * sum_wu * inverse);
  for (i = 0; i + 4 <= n; i += 4) {
    const o: usize = i << 2;
    const w = gain ? f32x4.mul(v128.load(dy + o), v128.load(gain + o)) : v128.load(dy + o);
    const change = nmadd(b, f32x4.sub(v128.load(x + o), m), f32x4.sub(w, a));
    v128.store(dx + o, madd(s, change, v128.load(dx + o)));
  }
  const tail = n - i;
  if (tail === 0) return;
  const o: usize = i << 2;
  const w = gain ? f32x4.mul(load_tail(dy + o, tail), load_tail(gain + o, tail)) : load_tail(dy + o, tail);
  const change = nmadd(b, f32x4.sub(load_tail(x + o, tail), m), f32x4.sub(w, a));
  store_tail(dx + o, madd(s, change, load_tail(dx + o, tail)), tail);
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
  let sum = hsum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; n > 0; n--, x += 4) sum += (load<f32>(x) - mean) * (load<f32>(x) - mean);
  return sum;
}
