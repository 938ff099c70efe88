// Attention row by row: for few queries, as in decoding, where packing keys and values would cost more than it saves.
import { exp_nonpositive, log } from "./math";
import { hsum, load_tail, madd, store_tail } from "./simd";

/** Sources that row i sees: j <= i + (sources - tokens) when causal. */
export function visible_sources(i: i32, tokens: i32, sources: i32, causal: i32): i32 {
  return causal ? max(0, min(sources, i + sources - tokens + 1)) : sources;
}

/** Rows of one head, as sattention; work: `sources` floats. */
export function attend_rows(
  out: usize,
  lse: usize,
  q: usize,
  k: usize,
  v: usize,
  work: usize,
  tokens: i32,
  sources: i32,
  dim: i32,
  q_ts: i32,
  k_ts: i32,
  scale: f32,
  causal: i32,
): void {
  for (let i = 0; i < tokens; i++) {
    const visible = visible_sources(i, tokens, sources, causal);
    const top = score_row(work, q, k, visible, dim, k_ts, scale);
    const sum = exp_row(work, top, visible);
    const share: f32 = visible ? 1 / sum : 0;
    store<f32>(lse, visible ? top + f32x4.extract_lane(log(f32x4.splat(sum)), 0) : -Infinity);
    memory.fill(out, 0, (<usize>dim) << 2);
    let value = v;
    for (let j = 0; j < visible; j++) {
      axpy(out, value, share * load<f32>(work + ((<usize>j) << 2)), dim);
      value += (<usize>k_ts) << 2;
    }
    lse += 4;
    q += (<usize>q_ts) << 2;
    out += (<usize>q_ts) << 2;
  }
}

/** to[j] = scale q . k[j] for `count` rows of k; returns the largest. */
export function score_row(to: usize, q: usize, k: usize, count: i32, dim: i32, k_ts: i32, scale: f32): f32 {
  let top: f32 = -Infinity;
  for (let j = 0; j < count; j++) {
    const score = scale * dot(q, k, dim);
    store<f32>(to + ((<usize>j) << 2), score);
    top = max(top, score);
    k += (<usize>k_ts) << 2;
  }
  return top;
}

/** x = exp(x - base) in place; returns the sum. */
export function exp_row(x: usize, base: f32, count: i32): f32 {
  const bases = f32x4.splat(base);
  let sums = f32x4.splat(0);
  for (; count >= 4; count -= 4) {
    const weights = exp_nonpositive(f32x4.sub(v128.load(x), bases));
    v128.store(x, weights);
    sums = f32x4.add(sums, weights);
    x += 16;
  }
  let sum = hsum(sums);
  if (count > 0) {
    const weights = exp_nonpositive(f32x4.sub(load_tail(x, count), bases));
    store_tail(x, weights, count);
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
