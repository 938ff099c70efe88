// Gradient of scaled dot-product attention: recomputes the weights tile by tile from the saved log-sum-exp.
import { LANES, unpack_panel } from "./attention_panel";
import { dot } from "./attention_row";
import { attention_grad_tile, BLOCK, TILE, tile_floats } from "./attention_tile_grad";
import { pack_columns, padded_columns, padded_rows } from "./sgemm_pack";

// biome-ignore lint/correctness/noUnusedFunctionParameters: workspace sizes take the dims of their kernel; this one needs no room per source.
export function sattention_grad_workspace_bytes(tokens: i32, sources: i32, dim: i32): i32 {
  return (queries_floats(tokens, dim) + tile_floats(dim) + 24) * 4;
}

/** Floats of what is kept per query: Q and dO packed in both directions, dQ, log-sum-exp and delta. */
function queries_floats(tokens: i32, dim: i32): i32 {
  const panels = padded_columns(tokens);
  return panels * (2 * dim + 2 * padded_columns(dim) + padded_rows(dim) + 2);
}

/**
 * dq, dk, dv += gradients of sattention with respect to q, k, v, given dout; out and lse are what sattention wrote. Layouts as there:
 * dq, dout, out as q; dk, dv, v as k. Key/value heads that several heads read sum over them. No aliasing.
 *
 * With P = exp(scale Q K^T - lse) and delta = rowsum(dO * O) (Dao et al. 2022, arXiv:2205.14135, algorithm 4):
 *   dV = P^T dO,  dS = P * (dO V^T - delta),  dQ = scale dS K,  dK = scale dS^T Q.
 *
 * GFLOP/s of CPU time of forward and gradient together (14 dim per visible pair), measured as in sgemm.ts:
 *                               8 heads of 64, T 512   the same, causal   12 x 4 heads of 32, T 64, causal
 *   register tile alone                         21.3               19.0                               31.1
 *   row by row                                   2.9                2.8                                3.3
 *   panels and tiles                            17.8               15.0                                8.4
 *   the same, portable build                    13.4                9.7                                8.2
 */
export function sattention_grad(
  dq: usize,
  dk: usize,
  dv: usize,
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
  causal: i32,
): void {
  const group = kv_heads ? heads / kv_heads : 1;
  const panels = padded_columns(tokens);
  const height = padded_rows(dim);
  const queries = work;
  const douts = queries + ((<usize>(panels * dim)) << 2);
  const query_rows = douts + ((<usize>(panels * dim)) << 2);
  const dout_rows = query_rows + ((<usize>(panels * padded_columns(dim))) << 2);
  const dqueries = dout_rows + ((<usize>(panels * padded_columns(dim))) << 2);
  const sums = dqueries + ((<usize>(panels * height)) << 2);
  const deltas = sums + ((<usize>panels) << 2);
  const spare = deltas + ((<usize>panels) << 2);
  const scales = spare + 64;
  const tile = scales + 32;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const query = (<usize>(b * q_bs + h * q_hs)) << 2;
      const source = (<usize>(b * k_bs + (h / group) * k_hs)) << 2;
      pack_columns(queries, q + query, dim, tokens, 1, q_ts, scale);
      pack_columns(douts, dout + query, dim, tokens, 1, q_ts, 1);
      pack_blocks(query_rows, q + query, tokens, dim, q_ts, scale);
      pack_blocks(dout_rows, dout + query, tokens, dim, q_ts, 1);
      memory.fill(dqueries, 0, (<usize>(panels * height)) << 2);
      const from = lse + ((<usize>((b * heads + h) * tokens)) << 2);
      pack_sums(sums, deltas, from, dout + query, out + query, tokens, dim, q_ts);
      for (let j = 0; j < sources; j += TILE) {
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
          j,
          tokens,
          sources,
          dim,
          k_ts,
          causal,
        );
      }
      v128.store(scales, f32x4.splat(scale));
      v128.store(scales, f32x4.splat(scale), 16);
      for (let i = 0; i < tokens; i += LANES) {
        const to = dq + query + ((<usize>(i * q_ts)) << 2);
        const panel = dqueries + ((<usize>(i * height)) << 2);
        unpack_panel(to, (<usize>q_ts) << 2, panel, min(tokens - i, LANES), dim, scales, 1, spare);
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
