// Layer normalisation (Ba et al. 2016, arXiv:1607.06450) and RMS normalisation (Zhang and Sennrich 2019, arXiv:1910.07467)
// over rows, with gradients. x, y and their gradients: [rows, cols]; gain, bias: [cols]. A null pointer means absent.
import { hsum, load_tail, madd } from "./simd";
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
    const m = f32x4.splat(mean);
    const s = f32x4.splat(rstd);
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const unit = f32x4.mul(f32x4.sub(v128.load(x + o), m), s);
      const scaled = gain ? f32x4.mul(unit, v128.load(gain + o)) : unit;
      v128.store(y + o, bias ? f32x4.add(scaled, v128.load(bias + o)) : scaled);
    }
    for (; i < cols; i++) {
      const o: usize = i << 2;
      const unit = (load<f32>(x + o) - mean) * rstd;
      const scaled = gain ? unit * load<f32>(gain + o) : unit;
      store<f32>(y + o, bias ? scaled + load<f32>(bias + o) : scaled);
    }
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
  const inverse: f32 = 1 / <f32>cols;
  for (let r = 0; r < rows; r++, dy += row_bytes, x += row_bytes, stats += 8) {
    const mean = load<f32>(stats);
    const rstd = load<f32>(stats, 4);
    const m = f32x4.splat(mean);
    const s = f32x4.splat(rstd);
    let sum_w = f32x4.splat(0);
    let sum_wu = sum_w;
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const d = v128.load(dy + o);
      const u = f32x4.mul(f32x4.sub(v128.load(x + o), m), s);
      const w = gain ? f32x4.mul(d, v128.load(gain + o)) : d;
      sum_w = f32x4.add(sum_w, w);
      sum_wu = madd(w, u, sum_wu);
      if (dgain) v128.store(dgain + o, madd(d, u, v128.load(dgain + o)));
      if (dbias) v128.store(dbias + o, f32x4.add(d, v128.load(dbias + o)));
    }
    let mean_w = hsum(sum_w);
    let mean_wu = hsum(sum_wu);
    for (; i < cols; i++) {
      const o: usize = i << 2;
      const d = load<f32>(dy + o);
      const u = (load<f32>(x + o) - mean) * rstd;
      const w = gain ? d * load<f32>(gain + o) : d;
      mean_w += w;
      mean_wu += w * u;
      if (dgain) store<f32>(dgain + o, load<f32>(dgain + o) + d * u);
      if (dbias) store<f32>(dbias + o, load<f32>(dbias + o) + d);
    }
    mean_w *= inverse;
    mean_wu *= inverse;
    if (!dx) continue;
    const a = f32x4.splat(mean_w);
    const b = f32x4.splat(mean_wu);
    for (i = 0; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const d = v128.load(dy + o);
      const u = f32x4.mul(f32x4.sub(v128.load(x + o), m), s);
      const w = gain ? f32x4.mul(d, v128.load(gain + o)) : d;
      const change = f32x4.sub(f32x4.sub(w, a), f32x4.mul(u, b));
      v128.store(dx + o, madd(s, change, v128.load(dx + o)));
    }
    for (; i < cols; i++) {
      const o: usize = i << 2;
      const u = (load<f32>(x + o) - mean) * rstd;
      const w = gain ? load<f32>(dy + o) * load<f32>(gain + o) : load<f32>(dy + o);
      store<f32>(dx + o, load<f32>(dx + o) + rstd * (w - mean_w - u * mean_wu));
    }
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
    const s = f32x4.splat(rstd);
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const unit = f32x4.mul(v128.load(x + o), s);
      v128.store(y + o, gain ? f32x4.mul(unit, v128.load(gain + o)) : unit);
    }
    for (; i < cols; i++) {
      const o: usize = i << 2;
      const unit = load<f32>(x + o) * rstd;
      store<f32>(y + o, gain ? unit * load<f32>(gain + o) : unit);
    }
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
    const s = f32x4.splat(rstd);
    let sum_wu = f32x4.splat(0);
    let i = 0;
    for (; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const d = v128.load(dy + o);
      const u = f32x4.mul(v128.load(x + o), s);
      sum_wu = madd(gain ? f32x4.mul(d, v128.load(gain + o)) : d, u, sum_wu);
      if (dgain) v128.store(dgain + o, madd(d, u, v128.load(dgain + o)));
    }
    let mean_wu = hsum(sum_wu);
    for (; i < cols; i++) {
      const o: usize = i << 2;
      const d = load<f32>(dy + o);
      const u = load<f32>(x + o) * rstd;
      mean_wu += (gain ? d * load<f32>(gain + o) : d) * u;
      if (dgain) store<f32>(dgain + o, load<f32>(dgain + o) + d * u);
    }
    mean_wu /= <f32>cols;
    if (!dx) continue;
    const b = f32x4.splat(mean_wu);
    for (i = 0; i + 4 <= cols; i += 4) {
      const o: usize = i << 2;
      const u = f32x4.mul(v128.load(x + o), s);
      const w = gain ? f32x4.mul(v128.load(dy + o), v128.load(gain + o)) : v128.load(dy + o);
      v128.store(dx + o, madd(s, f32x4.sub(w, f32x4.mul(u, b)), v128.load(dx + o)));
    }
    for (; i < cols; i++) {
      const o: usize = i << 2;
      const w = gain ? load<f32>(dy + o) * load<f32>(gain + o) : load<f32>(dy + o);
      store<f32>(dx + o, load<f32>(dx + o) + rstd * (w - load<f32>(x + o) * rstd * mean_wu));
    }
    dx += row_bytes;
  }
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

/** sum((x - mean)^2). */
function row_spread(x: usize, mean: f32, n: i32): f32 {
  const m = f32x4.splat(mean);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (; n >= 8; n -= 8, x += 32) {
    const d0 = f32x4.sub(v128.load(x), m);
    const d1 = f32x4.sub(v128.load(x, 16), m);
    s0 = madd(d0, d0, s0);
    s1 = madd(d1, d1, s1);
  }
  for (; n >= 4; n -= 4, x += 16) {
    const d = f32x4.sub(v128.load(x), m);
    s0 = madd(d, d, s0);
  }
  let sum = hsum(f32x4.add(s0, s1));
  for (; n > 0; n--, x += 4) sum += (load<f32>(x) - mean) * (load<f32>(x) - mean);
  return sum;
}
