// Scaled dot-product attention, forward.
import { axpy, dot, visible_sources } from "./attention_row";

export function sattention_workspace_bytes(tokens: i32, sources: i32, dim: i32): i32 {
  return sources << 2;
}

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
  causal: i32,
): void {
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kv = (h * kv_heads) / heads;
      const keys = k + ((b * k_bs + kv * k_hs) << 2);
      const values = v + ((b * k_bs + kv * k_hs) << 2);
      for (let i = 0; i < tokens; i++) {
        const row = (b * q_bs + h * q_hs + i * q_ts) << 2;
        const n = visible_sources(i, tokens, sources, causal);
        let top: f32 = -Infinity;
        for (let j = 0; j < n; j++) {
          const x = scale * dot(q + row, keys + ((j * k_ts) << 2), dim);
          store<f32>(work + (j << 2), x);
          top = max(top, x);
        }
        for (let d = 0; d < dim; d++) store<f32>(out + row + (d << 2), 0);
        let sum: f32 = 0;
        for (let j = 0; j < n; j++) sum += Mathf.exp(load<f32>(work + (j << 2)) - top);
        for (let j = 0; j < n; j++) {
          axpy(out + row, values + ((j * k_ts) << 2), Mathf.exp(load<f32>(work + (j << 2)) - top) / sum, dim);
        }
        store<f32>(lse + (((b * heads + h) * tokens + i) << 2), n ? top + Mathf.log(sum) : -Infinity);
      }
    }
  }
}

export function sattention_weights(
  w: usize,
  q: usize,
  k: usize,
  lse: usize,
  tokens: i32,
  sources: i32,
  dim: i32,
  q_ts: i32,
  k_ts: i32,
  scale: f32,
  causal: i32,
): void {
  for (let i = 0; i < tokens; i++) {
    const n = visible_sources(i, tokens, sources, causal);
    for (let j = 0; j < sources; j++) {
      const x = scale * dot(q + ((i * q_ts) << 2), k + ((j * k_ts) << 2), dim);
      store<f32>(w + ((i * sources + j) << 2), j < n ? Mathf.exp(x - load<f32>(lse + (i << 2))) : 0);
    }
  }
}
