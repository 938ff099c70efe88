// Scaled dot-product attention, forward: tiled online softmax, never a tokens x sources matrix.
import {
  accumulate_tall_panel,
  LANES,
  panel_factors,
  scale_panel,
  score_tall_panel,
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
import { pack_columns, pack_panels, panel_rows } from "./sgemm_pack";

/** Sources of a tile: its weights for one panel of queries (3 KB) stay in the L1 cache between the two products. A multiple of 4 and 6. */
const TILE: i32 = 96;
/** Queries that run over a tile of keys and values while it is in the cache. */
const BLOCK: i32 = 64;
/** Rows that the last of packed panels may reach beyond what it holds. */
const SPARE_ROWS: i32 = 5;
/** Fewer queries than this are not worth packing keys and values for. */
const FEW: i32 = 4;
export function sattention_workspace_bytes(tokens: i32, sources: i32, dim: i32): i32 {
  if (tokens < FEW) return <i32>TERMS_BYTES + (sources << 2);
  const packed = (sources + SPARE_ROWS) * dim + sources * (dim + SPARE_ROWS);
  const block = BLOCK * (2 * dim + SPARE_ROWS) + (TILE + SPARE_ROWS) * LANES + 32;
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
 * tall: 1 for register tiles of 6 rows, 0 for 4; the bits are the same (sgemm_ukernel.ts says who gains).
 *
 * GFLOP/s (4 dim per pair, all tokens x sources counted), Node 24 fast, T = tokens = sources, versions of a column interleaved in one
 * run, the best twelfth of 30 rounds, beside sgemm 512^3 (52) and the peak of the registers (57):
 *                                      8 heads of 64, T 512   T 1024   causal, T 512   T 1024   heads of 32, T 512   12 x 4 of 32, T 64, causal
 *   exp of degree 6, one chain of maxima               39.2     39.8            73.1     77.2                 33.2                         49.1
 *   2^u in panels, constants in registers              43.2     44.4            79.8     85.4                 39.7                         56.0
 *   tiles of 6 x 8, 96 sources together                46.5     47.4            85.7     91.5                 42.1                         57.4
 * Logits in units of log 2 save a product (1 % more), but cost the log-sum-exp a rounding and gradients up to twice their error.
 * Not told apart (within 1 %): 32, 64, 128 or 256 sources together on the second line, blocks of 128 queries.
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
  tall: i32,
): void {
  const group = kv_heads ? heads / kv_heads : 0;
  const keys = work + TERMS_BYTES;
  const height = dim + SPARE_ROWS;
  const values = keys + ((<usize>((sources + SPARE_ROWS) * dim)) << 2);
  const biases = values + ((<usize>(sources * height)) << 2);
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
        for (let j = 0; j < count; j += TILE) {
          const run = min(count - j, TILE);
          const row = source + ((<usize>(j * k_ts)) << 2);
          pack_panels(keys + ((<usize>(j * dim)) << 2), k + row, run, dim, k_ts, 1, 1, tall);
          pack_panels(values + ((<usize>(j * height)) << 2), v + row, dim, run, 1, k_ts, 1, tall);
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
          tall,
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
  tall: i32,
): void {
  const height = dim + SPARE_ROWS;
  const queries = work;
  const sums = queries + ((<usize>(BLOCK * dim)) << 2);
  const scores = sums + ((<usize>(BLOCK * height)) << 2);
  const states = scores + ((<usize>((TILE + SPARE_ROWS) * LANES)) << 2);
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
  for (let j = (first_source(terms, i) / TILE) * TILE; j < end; j += TILE) {
    const tile_keys = keys + ((<usize>(j * dim)) << 2);
    const tile_values = values + ((<usize>(j * height)) << 2);
    const run = min(terms.limit - j, TILE);
    for (let p = 0; p < count; p += LANES) {
      const from = panel_start(first_source(terms, i + p) - j, run, tall);
      const rows = min(run, end_source(terms, i + p + LANES - 1) - j) - from;
      if (rows <= 0) continue;
      const state = states + <usize>(p / LANES) * STATE_BYTES;
      const panel = queries + ((<usize>(p * dim)) << 2);
      const tile_rows = tile_keys + ((<usize>(from * dim)) << 2);
      score_tall_panel(scores, tile_rows, panel, rows, run - from, dim, tall);
      add_terms(scores, terms, i + p, j + from, rows);
      soften_panel(scores, state, spare, rows);
      const to = sums + ((<usize>(p * height)) << 2);
      accumulate_tall_panel(to, tile_values, scores, dim, from, rows, run, state + KEEP, tall);
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

/** The last row not behind `row` that a packed panel of the `run` rows of a tile begins with. */
function panel_start(row: i32, run: i32, tall: i32): i32 {
  let start = 0;
  while (start + panel_rows(run - start, tall) <= row) start += panel_rows(run - start, tall);
  return start;
}
