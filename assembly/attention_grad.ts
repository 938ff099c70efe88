// Gradient of scaled dot-product attention.
import { axpy, dot, visible_sources } from "./attention_row";

export function sattention_grad_workspace_bytes(tokens: i32, sources: i32, dim: i32): i32 {
  return 0;
}

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
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kv = (b * k_bs + ((h * kv_heads) / heads) * k_hs) << 2;
      for (let i = 0; i < tokens; i++) {
        const row = (b * q_bs + h * q_hs + i * q_ts) << 2;
        const n = visible_sources(i, tokens, sources, causal);
        const delta = dot(dout + row, out + row, dim);
        const total = load<f32>(lse + (((b * heads + h) * tokens + i) << 2));
        for (let j = 0; j < n; j++) {
          const source = kv + ((j * k_ts) << 2);
          const weight = Mathf.exp(scale * dot(q + row, k + source, dim) - total);
          const ds = weight * (dot(dout + row, v + source, dim) - delta) * scale;
          axpy(dv + source, dout + row, weight, dim);
          axpy(dq + row, k + source, ds, dim);
          axpy(dk + source, q + row, ds, dim);
        }
      }
    }
  }
}
