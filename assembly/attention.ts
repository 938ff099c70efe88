// Scaled dot-product attention, forward: tiled online softmax, never a tokens x sources matrix.
import {
  accumulate_panel,
  LANES,
  panel_factors,
  scale_panel,
  score_panel,
  unpack_panel,
} from "./attention_panel";
import { attend_rows } from "./attention_row";
import { finish_panel, KEEP, STATE_BYTES, soften_panel, start_panel } from "./attention_softmax";
import {
  add_terms,
  bias_floats,
  end_source,
  expand_bias,
  first_source,
  place_terms,
  TERMS_BYTES,
  Terms,
} from "./attention_terms";
import { pack_columns, pack_rows, padded_rows } from "./sgemm_pack";

/** Sources of a tile: its weights for one panel of queries (2 KB) stay in the L1 cache between the two products. */
const TILE: i32 = 64;
/** Queries that run over a tile of keys and values while it is in the cache. */
const BLOCK: i32 = 64;
/** Fewer queries than this are not worth packing keys and values for. */
const FEW: i32 = 4;
export function sattention_workspace_bytes(tokens: i32, sources: i32, dim: i32): i32 {
  if (tokens < FEW) return <i32>TERMS_BYTES + (sources << 2);
  const packed = padded_rows(sources) * dim + sources * padded_rows(dim);
  const block = BLOCK * (dim + padded_rows(dim)) + TILE * LANES + 32;
  const states = (BLOCK / LANES) * <i32>STATE_BYTES;
  return <i32>TERMS_BYTES + (packed + block + bias_floats(tokens, sources)) * 4 + states;
}

/**
 * out = softmax(L) V for every batch and head; lse [batch, heads, tokens] = log-sum-exp of the logits, query i at place i + (sources - tokens):
 *   L[i, j] = scale row_scales[i] q_i . k_j + bias[clip(j - place(i) + bias_zero)] where i sees j, else -inf.
 * q, out: [batch, tokens, heads, dim] by strides q_bs, q_ts, q_hs; k, v: [batch, sources, kv_heads, dim] by k_bs, k_ts, k_hs; the
 * elements of a row are adjacent. Head h reads key/value head h / (heads / kv_heads); heads must be a multiple of kv_heads.
 * Query i sees sources place - before .. place + after (causal: after = 0), of the first key_counts[b] (i32), where key_mask
 * [batch, sources] has a word that is not 0; tiles that nobody sees are skipped. row_scales: [tokens], or [batch, tokens] when
 * row_scales_bs = tokens. bias: [heads, bias_width]. These four pointers may be 0. A query that sees nothing gives zeros and
 * lse = -inf. Hidden keys and values must be finite. No aliasing.
 *
 * GFLOP/s (4 dim per pair, all tokens x sources counted), Node 24 fast, T = tokens = sources, versions of a column interleaved in one
 * run, the best twelfth of 40 rounds, beside sgemm 512^3 (47) and the peak of the registers (57):
 *                                          8 heads of 64, T 512   T 1024   causal, T 512   12 x 4 heads of 32, T 64, causal
 *   exp of degree 6, one chain of maxima                   38.5     39.5            71.8                               45.4
 *   2^u in panels, constants in registers                  42.6     43.8            78.8                               53.1
 *   the same, logits in units of log 2                     43.1     44.0            79.6                               53.5
 * Not chosen: the last, which costs the log-sum-exp a rounding and gradients up to twice their error. Not told apart (within 1 %):
 * tiles of 32, 128 or 256 sources, blocks of 128 queries.
 */
export function sattention(
  out: usize,
  lse: usize,
  q: usize,
  k: usize,
  v: usize,
  work: usize,
  batch: i32,
  heads: i32,
  kv_heads: i32,
  tokens: i32,
  sources: i32,
  dim: i32,
  q_bs: i32,
  q_ts: i32,
  q_hs: i32,
  k_bs: i32,
  k_ts: i32,
  k_hs: i32,
  scale: f32,
  before: i32,
  after: i32,
  row_scales: usize,
  row_scales_bs: i32,
  bias: usize,
  bias_width: i32,
  bias_zero: i32,
  key_counts: usize,
  key_mask: usize,
): void {
  const group = kv_heads ? heads / kv_heads : 0;
  const keys = work + TERMS_BYTES;
  const values = keys + ((<usize>(padded_rows(sources) * dim)) << 2);
  const biases = values + ((<usize>(sources * padded_rows(dim))) << 2);
  const rest = biases + ((<usize>bias_floats(tokens, sources)) << 2);
  for (let b = 0; b < batch; b++) {
    const terms = place_terms(work, tokens, sources, before, after, key_counts, key_mask, b);
    const factors = row_scales ? row_scales + ((<usize>(b * row_scales_bs)) << 2) : 0;
    for (let h = 0; h < heads; h++) {
      const query = (<usize>(b * q_bs + h * q_hs)) << 2;
      const source = (<usize>(b * k_bs + (h / group) * k_hs)) << 2;
      const sums = lse + ((<usize>((b * heads + h) * tokens)) << 2);
      const table = bias ? bias + ((<usize>(h * bias_width)) << 2) : 0;
      if (tokens < FEW) {
        attend_rows(
          out + query,
          sums,
          q + query,
          k + source,
          v + source,
          keys,
          terms,
          tokens,
          dim,
          q_ts,
          k_ts,
          scale,
          factors,
          table,
          bias_width,
          bias_zero,
        );
        continue;
      }
      if (h % group === 0) {
        const count = terms.limit;
        pack_rows(keys, k + source, count, dim, k_ts, 1, 1);
        for (let j = 0; j < count; j += TILE) {
          const to = values + ((<usize>(j * padded_rows(dim))) << 2);
          pack_rows(to, v + source + ((<usize>(j * k_ts)) << 2), dim, min(count - j, TILE), 1, k_ts, 1);
        }
      }
      if (table) {
        expand_bias(biases, table, bias_width, bias_zero, tokens, sources);
        terms.bias = biases;
      }
      for (let i = 0; i < tokens; i += BLOCK) {
        const row = query + ((<usize>(i * q_ts)) << 2);
        attend_block(
          out + row,
          sums + ((<usize>i) << 2),
          q + row,
          keys,
          values,
          rest,
          terms,
          i,
          min(tokens - i, BLOCK),
          dim,
          q_ts,
          scale,
          factors ? factors + ((<usize>i) << 2) : 0,
        );
      }
    }
  }
}

/** Queries i .. i + count - 1 of one head, at most BLOCK: for every tile of sources, every panel of 8 queries. */
function attend_block(
  out: usize,
  lse: usize,
  q: usize,
  keys: usize,
  values: usize,
  work: usize,
  terms: Terms,
  i: i32,
  count: i32,
  dim: i32,
  q_ts: i32,
  scale: f32,
  factors: usize,
): void {
  const height = padded_rows(dim);
  const queries = work;
  const sums = queries + ((<usize>(BLOCK * dim)) << 2);
  const scores = sums + ((<usize>(BLOCK * height)) << 2);
  const states = scores + ((<usize>(TILE * LANES)) << 2);
  const spare = states + <usize>(BLOCK / LANES) * STATE_BYTES;
  pack_columns(queries, q, dim, count, 1, q_ts, scale);
  memory.fill(sums, 0, (<usize>(BLOCK * height)) << 2);
  for (let p = 0; p < count; p += LANES) {
    start_panel(states + <usize>(p / LANES) * STATE_BYTES);
    if (!factors) continue;
    panel_factors(spare, factors + ((<usize>p) << 2), count - p, 1);
    scale_panel(queries + ((<usize>(p * dim)) << 2), spare, dim);
  }
  const end = end_source(terms, i + count - 1);
  for (let j = first_source(terms, i) & -TILE; j < end; j += TILE) {
    const tile_keys = keys + ((<usize>(j * dim)) << 2);
    const tile_values = values + ((<usize>(j * height)) << 2);
    const run = min(terms.limit - j, TILE);
    for (let p = 0; p < count; p += LANES) {
      const from = max(0, first_source(terms, i + p) - j) & ~3;
      const rows = min(run, end_source(terms, i + p + LANES - 1) - j) - from;
      if (rows <= 0) continue;
      const state = states + <usize>(p / LANES) * STATE_BYTES;
      const panel = queries + ((<usize>(p * dim)) << 2);
      const tile_rows = tile_keys + ((<usize>(from * dim)) << 2);
      score_panel(scores, tile_rows, panel, rows, dim);
      add_terms(scores, terms, i + p, j + from, rows);
      soften_panel(scores, state, spare, rows);
      const to = sums + ((<usize>(p * height)) << 2);
      accumulate_panel(to, tile_values + ((<usize>from) << 4), scores, height, rows, run, state + KEEP);
    }
  }
  for (let p = 0; p < count; p += LANES) {
    const lanes = min(count - p, LANES);
    const state = states + <usize>(p / LANES) * STATE_BYTES;
    finish_panel(lse + ((<usize>p) << 2), state, lanes);
    const row = out + ((<usize>(p * q_ts)) << 2);
    const panel = sums + ((<usize>(p * height)) << 2);
    unpack_panel(row, (<usize>q_ts) << 2, panel, lanes, dim, state + KEEP, 0, spare);
  }
}
