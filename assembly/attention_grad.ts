// Gradient of scaled dot-product attention: recomputes the weights tile by tile from the saved log-sum-exp.
import { LANES, panel_factors, scale_panel, unpack_panel } from "./attention_panel";
import { dot } from "./attention_row";
import { bias_floats, expand_bias, fold_bias, place_terms, TERMS_BYTES } from "./attention_terms";
import { attention_grad_tile, BLOCK, TILE, tile_floats } from "./attention_tile_grad";
import { pack_columns, padded_columns, padded_rows } from "./sgemm_pack";

export function sattention_grad_workspace_bytes(tokens: i32, sources: i32, dim: i32): i32 {
  const biases = 2 * bias_floats(tokens, sources);
  return <i32>TERMS_BYTES + (queries_floats(tokens, dim) + biases + tile_floats(dim) + 32) * 4;
}

/** Floats of what is kept per query: Q and dO packed in both directions, dQ, log-sum-exp and delta. */
function queries_floats(tokens: i32, dim: i32): i32 {
  const panels = padded_columns(tokens);
  return panels * (2 * dim + 2 * padded_columns(dim) + padded_rows(dim) + 2);
}

/**
 * dq, dk, dv, dbias += gradients of sattention with respect to q, k, v, bias, given dout; out and lse are what sattention wrote.
 * Layouts and options as there: dq, dout, out as q; dk, dv, v as k. Key/value heads that several heads read sum over them. dbias may
 * be 0; its batch items are dbias_bs apart, and with 0 their gradients add up in order. No aliasing.
 * A batch item's key/value head with its heads may be computed alone: all bits stay the same, dbias's if it has a place per item.
 *
 * With P = exp(L - lse) and delta = rowsum(dO * O) (Dao et al. 2022, arXiv:2205.14135, algorithm 4):
 *   dV = P^T dO,  dL = P * (dO V^T - delta),  dQ = scale dL K,  dK = scale dL^T Q,  dbias = dL summed over equal distances.
 *
 * GFLOP/s of forward and gradient together (14 dim per pair, all tokens x sources counted), measured as in attention.ts:
 *                                          8 heads of 64, T 512   causal, T 512   12 x 4 heads of 32, T 64, causal
 *   exp of degree 6                                        39.7            75.8                               43.0
 *   2^u in panels before the products                      42.4            80.2                               48.5
 */
export function sattention_grad(
  dq: usize,
  dk: usize,
  dv: usize,
  dbias: usize,
  dout: usize,
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
  dbias_bs: i32,
): void {
  const group = kv_heads ? heads / kv_heads : 1;
  const panels = padded_columns(tokens);
  const height = padded_rows(dim);
  const room = (<usize>bias_floats(tokens, sources)) << 2;
  const queries = work + TERMS_BYTES;
  const douts = queries + ((<usize>(panels * dim)) << 2);
  const query_rows = douts + ((<usize>(panels * dim)) << 2);
  const dout_rows = query_rows + ((<usize>(panels * padded_columns(dim))) << 2);
  const dqueries = dout_rows + ((<usize>(panels * padded_columns(dim))) << 2);
  const sums = dqueries + ((<usize>(panels * height)) << 2);
  const deltas = sums + ((<usize>panels) << 2);
  const spare = deltas + ((<usize>panels) << 2);
  const factors = spare + 64;
  const biases = factors + 32;
  const tile = biases + 2 * room;
  for (let b = 0; b < batch; b++) {
    const terms = place_terms(work, tokens, sources, before, after, key_counts, key_mask, b);
    const rows = row_scales ? row_scales + ((<usize>(b * row_scales_bs)) << 2) : 0;
    for (let h = 0; h < heads; h++) {
      const query = (<usize>(b * q_bs + h * q_hs)) << 2;
      const source = (<usize>(b * k_bs + (h / group) * k_hs)) << 2;
      pack_columns(queries, q + query, dim, tokens, 1, q_ts, scale);
      pack_columns(douts, dout + query, dim, tokens, 1, q_ts, 1);
      pack_blocks(query_rows, q + query, tokens, dim, q_ts, scale);
      pack_blocks(dout_rows, dout + query, tokens, dim, q_ts, 1);
      if (rows) scale_queries(queries, query_rows, rows, factors, tokens, dim);
      memory.fill(dqueries, 0, (<usize>(panels * height)) << 2);
      const from = lse + ((<usize>((b * heads + h) * tokens)) << 2);
      pack_sums(sums, deltas, from, dout + query, out + query, tokens, dim, q_ts);
      const column = (<usize>(h * bias_width)) << 2;
      if (bias) {
        expand_bias(biases, bias + column, bias_width, bias_zero, tokens, sources);
        memory.fill(biases + room, 0, room);
        terms.bias = biases;
        terms.dbias = dbias ? biases + room : 0;
      }
      for (let j = 0; j < terms.limit; j += TILE) {
        const row = source + ((<usize>(j * k_ts)) << 2);
        attention_grad_tile(
          dk + row,
          dv + row,
          dqueries,
          k + row,
          v + row,
          queries,
          douts,
          query_rows,
          dout_rows,
          sums,
          deltas,
          tile,
          terms,
          j,
          tokens,
          dim,
          k_ts,
        );
      }
      for (let i = 0; i < tokens; i += LANES) {
        const at = (<usize>i) << 2;
        const to = dq + query + ((<usize>(i * q_ts)) << 2);
        const panel = dqueries + ((<usize>(i * height)) << 2);
        panel_factors(factors, rows ? rows + at : 0, tokens - i, scale);
        unpack_panel(to, (<usize>q_ts) << 2, panel, min(tokens - i, LANES), dim, factors, 1, spare);
      }
      if (bias && dbias) {
        const to = dbias + ((<usize>(b * dbias_bs)) << 2) + column;
        fold_bias(to, biases + room, bias_width, bias_zero, tokens, sources);
      }
    }
  }
}

/** Both packings of the queries times a factor per query. spare: room for 8 floats. */
function scale_queries(
  queries: usize,
  query_rows: usize,
  factors: usize,
  spare: usize,
  tokens: i32,
  dim: i32,
): void {
  for (let i = 0; i < tokens; i += LANES) {
    panel_factors(spare, factors + ((<usize>i) << 2), tokens - i, 1);
    scale_panel(queries + ((<usize>(i * dim)) << 2), spare, dim);
  }
  for (let i = 0; i < tokens; i += BLOCK) {
    const rows = min(tokens - i, BLOCK);
    for (let d = 0; d < dim; d += 8) {
      for (let r = i; r < i + rows; r++) {
        const factor = v128.load32_splat(factors + ((<usize>r) << 2));
        v128.store(query_rows, f32x4.mul(factor, v128.load(query_rows)));
        v128.store(query_rows, f32x4.mul(factor, v128.load(query_rows, 16)), 16);
        query_rows += 32;
      }
    }
  }
}

/** Blocks of BLOCK rows of x, each packed as the right-hand side [rows][8] of a product over rows. */
function pack_blocks(to: usize, x: usize, rows: i32, dim: i32, stride: i32, alpha: f32): void {
  for (let i = 0; i < rows; i += BLOCK) {
    const block = to + ((<usize>(i * padded_columns(dim))) << 2);
    pack_columns(block, x + ((<usize>(i * stride)) << 2), min(rows - i, BLOCK), dim, stride, 1, alpha);
  }
}

/**
 * delta_i = dout_i . out_i, and the log-sum-exp of each query. Queries that see nothing and the lanes behind the last query get
 * +inf, which makes all their weights 0.
 */
function pack_sums(
  sums: usize,
  deltas: usize,
  lse: usize,
  dout: usize,
  out: usize,
  tokens: i32,
  dim: i32,
  stride: i32,
): void {
  for (let i = 0; i < padded_columns(tokens); i++) {
    const at = (<usize>i) << 2;
    const row = (<usize>(i * stride)) << 2;
    const sum = i < tokens ? load<f32>(lse + at) : Infinity;
    store<f32>(sums + at, sum === -Infinity ? Infinity : sum);
    store<f32>(deltas + at, i < tokens ? dot(dout + row, out + row, dim) : 0);
  }
}
