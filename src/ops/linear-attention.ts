// Linear attention: features of queries against the sum of features of keys times values, without a T x S matrix.
import { kernels } from "../runtime/instance";
import { withWorkspace } from "../runtime/workspace";
import { expectShape } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";
import { attentionSizes } from "./attention";
import { full } from "./random";

export interface LinearAttentionOptions {
  readonly causal: boolean;
  /** Running sums of the past, made by `linearAttentionState`: read and added to. Without them there is no past. */
  readonly state?: Tensor;
}

/**
 * sum_s (q k_s) v_s / sum_s (q k_s) per head, over s up to the token (causal) or all (Katharopoulos et al. 2020,
 * arXiv:2006.16236). A token whose divisor is 0 gives zeros. No gradient flows into a state.
 *
 * @param q features [B, T, H, D] of at least 0
 * @param k features [B, T, G, D] of at least 0; query head h reads key head floor(h / (H/G))
 * @param v [B, T, G, D]
 * @returns [B, T, H, D]
 */
export function linearAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { causal, state }: LinearAttentionOptions,
): Tensor {
  const { B, T, H, D, G } = attentionSizes("linearAttention", q, k);
  expectShape("linearAttention", "k", k, [B, T, G, D]);
  expectShape("linearAttention", "v", v, [B, T, G, D]);
  const K = kernels();
  const bytes = K.slinear_attention_state_bytes(D);
  const sums = state ?? full([B, H, bytes / 4], 0, "linear attention state");
  expectShape("linearAttention", "state", sums, [B, H, bytes / 4]);
  const y = empty(q.shape, "linearAttention");
  const totals = empty([B, H, T], "linear attention totals");
  const each = function* () {
    for (let head = 0; head < B * H; head++) {
      const [b, h] = [Math.floor(head / H), head % H];
      const key = 4 * (b * T * G + Math.floor(h / (H / G))) * D;
      yield { head, query: 4 * (b * T * H + h) * D, key, total: totals.ptr + 4 * head * T };
    }
  };
  const dims = [T, D, H * D, G * D, causal ? 1 : 0] as const;
  for (const { head, query, key, total } of each()) {
    const at = sums.ptr + head * bytes;
    K.slinear_attention(y.ptr + query, total, at, q.ptr + query, k.ptr + key, v.ptr + key, ...dims);
  }
  return record("linearAttention", y, [q, k, v], (dy) => {
    const [dq, dk, dv] = [q, k, v].map((x) => gradOf(x).ptr) as [number, number, number]; // one per operand
    withWorkspace(2 * bytes, (work) => {
      for (const { query, key, total } of each()) {
        // biome-ignore format: arguments grouped by meaning
        K.slinear_attention_grad(
          dq + query, dk + key, dv + key, dy.ptr + query, y.ptr + query, total,
          q.ptr + query, k.ptr + key, v.ptr + key, work, ...dims,
        );
      }
    });
  });
}

/** Empty running sums for `batch` sequences. */
export function linearAttentionState(batch: number, heads: number, width: number): Tensor {
  return full(
    [batch, heads, kernels().slinear_attention_state_bytes(width) / 4],
    0,
    "linear attention state",
  );
}
