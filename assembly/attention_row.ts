// Attention row by row: for few queries, as in decoding, where packing keys and values would cost more than it saves.
import { UNIT } from "./attention_softmax";
import { add_row_terms, end_source, first_source, Terms } from "./attention_terms";
import { EXP2, exp2 } from "./exp";
import { log_scalar } from "./math";
import { hmax, hsum, load_tail, madd, store_tail } from "./simd";
import { row_max } from "./softmax";

/** Rows of one head, as sattention; work: `sources` floats. factors: a factor per row, or 0; table: its biases, or 0. */
export function attend_rows(
  out: usize,
  lse: usize,
  q: usize,
  k: usize,
  v: usize,
  work: usize,
  terms: Terms,
  tokens: i32,
  dim: i32,
  q_ts: i32,
  k_ts: i32,
  scale: f32,
  factors: usize,
  table: usize,
  bias_width: i32,
  bias_zero: i32,
): void {
  for (let i = 0; i < tokens; i++) {
    const from = first_source(terms, i);
    const count = end_source(terms, i) - from;
    const first = (<usize>(from * k_ts)) << 2;
    const factor: f32 = scale * (factors ? load<f32>(factors + ((<usize>i) << 2)) : 1);
    let top = score_row(work, q, k + first, count, dim, k_ts, factor);
    if (table || terms.mask) {
      add_row_terms(work, terms, i, from, from + count, table, bias_width, bias_zero);
      top = row_max(work, count);
    }
    const sum = exp_row(work, top === -Infinity ? 0 : top, count);
    store<f32>(lse, sum === 0 ? -Infinity : top + log_scalar(sum));
    mix_rows(out, work, v + first, count, dim, k_ts, sum === 0 ? 0 : 1 / sum);
    lse += 4;
    q += (<usize>q_ts) << 2;
    out += (<usize>q_ts) << 2;
  }
}

/** to[j] = scale q . k[j] for `count` rows of k; returns the largest. */
export function score_row(to: usize, q: usize, k: usize, count: i32, dim: i32, k_ts: i32, scale: f32): f32 {
  const step = (<usize>k_ts) << 2;
  const scales = f32x4.splat(scale);
  let tops = f32x4.splat(-Infinity);
  for (; count >= 4; count -= 4) {
    const scores = f32x4.mul(scales, dot_four(q, k, step, dim));
    v128.store(to, scores);
    tops = f32x4.pmax(tops, scores);
    to += 16;
    k += step << 2;
  }
  let top = hmax(tops);
  for (; count > 0; count--) {
    const score = scale * dot(q, k, dim);
    store<f32>(to, score);
    top = max(top, score);
    to += 4;
    k += step;
  }
  return top;
}

/** Dot products of x with four rows that lie `step` bytes apart, each with the bits of `dot`. */
function dot_four(x: usize, y: usize, step: usize, n: i32): v128 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  for (; n >= 4; n -= 4) {
    const factor = v128.load(x);
    s0 = madd(factor, v128.load(y), s0);
    s1 = madd(factor, v128.load(y + step), s1);
    s2 = madd(factor, v128.load(y + 2 * step), s2);
    s3 = madd(factor, v128.load(y + 3 * step), s3);
    x += 16;
    y += 16;
  }
  if (n > 0) {
    const factor = load_tail(x, n);
    s0 = madd(factor, load_tail(y, n), s0);
    s1 = madd(factor, load_tail(y + step, n), s1);
    s2 = madd(factor, load_tail(y + 2 * step, n), s2);
    s3 = madd(factor, load_tail(y + 3 * step, n), s3);
  }
  // Lanes 0 + 2 and 1 + 3 of every sum, then those two.
  const pairs01 = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), v128.shuffle<f32>(s0, s1, 2, 6, 3, 7));
  const pairs23 = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), v128.shuffle<f32>(s2, s3, 2, 6, 3, 7));
  return f32x4.add(
    v128.shuffle<f32>(pairs01, pairs23, 0, 1, 4, 5),
    v128.shuffle<f32>(pairs01, pairs23, 2, 3, 6, 7),
  );
}

/** x = e^(x - shift) in place; returns the sum. */
export function exp_row(x: usize, shift: f32, count: i32): f32 {
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  const unit = v128.load32_splat(UNIT);
  const shifts = f32x4.splat(shift);
  let sums = f32x4.splat(0);
  for (; count >= 4; count -= 4) {
    const u = f32x4.mul(unit, f32x4.sub(v128.load(x), shifts));
    const weights = exp2(u, lowest, rounder, c5, c4, c3, c2, c1);
    v128.store(x, weights);
    sums = f32x4.add(sums, weights);
    x += 16;
  }
  let sum = hsum(sums);
  if (count > 0) {
    const u = f32x4.mul(unit, f32x4.sub(load_tail(x, count), shifts));
    store_tail(x, exp2(u, lowest, rounder, c5, c4, c3, c2, c1), count);
    for (; count > 0; count--) {
      sum += load<f32>(x);
      x += 4;
    }
  }
  return sum;
}

export function dot(x: usize, y: usize, n: i32): f32 {
  let sums = f32x4.splat(0);
  for (; n >= 4; n -= 4) {
    sums = madd(v128.load(x), v128.load(y), sums);
    x += 16;
    y += 16;
  }
  if (n > 0) sums = madd(load_tail(x, n), load_tail(y, n), sums);
  return hsum(sums);
}

/** y = sum over j of share weights[j] x[j], four rows of x at a time. */
function mix_rows(y: usize, weights: usize, x: usize, count: i32, dim: i32, x_rs: i32, share: f32): void {
  const step = (<usize>x_rs) << 2;
  memory.fill(y, 0, (<usize>dim) << 2);
  for (; count >= 4; count -= 4) {
    const w0 = f32x4.splat(share * load<f32>(weights));
    const w1 = f32x4.splat(share * load<f32>(weights, 4));
    const w2 = f32x4.splat(share * load<f32>(weights, 8));
    const w3 = f32x4.splat(share * load<f32>(weights, 12));
    let to = y;
    let from = x;
    let d = dim;
    for (; d >= 4; d -= 4) {
      let sum = madd(w0, v128.load(from), v128.load(to));
      sum = madd(w1, v128.load(from + step), sum);
      sum = madd(w2, v128.load(from + 2 * step), sum);
      v128.store(to, madd(w3, v128.load(from + 3 * step), sum));
      to += 16;
      from += 16;
    }
    if (d > 0) {
      let sum = madd(w0, load_tail(from, d), load_tail(to, d));
      sum = madd(w1, load_tail(from + step, d), sum);
      sum = madd(w2, load_tail(from + 2 * step, d), sum);
      store_tail(to, madd(w3, load_tail(from + 3 * step, d), sum), d);
    }
    weights += 16;
    x += step << 2;
  }
  for (; count > 0; count--) {
    axpy(y, x, share * load<f32>(weights), dim);
    weights += 4;
    x += step;
  }
}

/** y += alpha x. */
function axpy(y: usize, x: usize, alpha: f32, n: i32): void {
  const factor = f32x4.splat(alpha);
  for (; n >= 4; n -= 4) {
    v128.store(y, madd(factor, v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
  }
  if (n > 0) store_tail(y, madd(factor, load_tail(x, n), load_tail(y, n)), n);
}
