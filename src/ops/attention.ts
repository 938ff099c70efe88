// Fused attention: never a T x S matrix. The composed path is made of attention-products.ts.
import { kernels } from "../runtime/instance";
import { withWorkspace } from "../runtime/workspace";
import { expectShape, type Shaped } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

export interface AttentionOptions {
  /** Factor on q k, usually 1 / sqrt(D). */
  readonly scale: number;
  /** Whether token i sees only sources j <= i + (S - T): the last token sees all. */
  readonly causal: boolean;
  /** Rows of k and v that hold anything; the default is all. A cache may have more. */
  readonly sources?: number;
}

export interface AttentionSizes {
  readonly B: number;
  readonly T: number;
  readonly H: number;
  readonly D: number;
  /** Key/value heads; H / G query heads share one. */
  readonly G: number;
  /** Sources in use, and rows that k and v have. */
  readonly S: number;
  readonly rowsK: number;
}

/**
 * softmax(scale q kᵀ + mask) v per head, in tiles, without the T x S matrix (Dao et al. 2022, arXiv:2205.14135).
 *
 * @param q [B, T, H, D]
 * @param k [B, S, G, D], query head h reads key head floor(h / (H/G)) (Ainslie et al. 2023, arXiv:2305.13245)
 * @param v like k
 * @returns `mixed` [B, T, H, D]; `lse` [B, H, T], the log-sum-exp of the scaled masked logits. A row without sources gives zeros.
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
): { mixed: Tensor; lse: Tensor } {
  const sizes = attentionSizes("attention", q, k, options.sources);
  expectShape("attention", "v", v, [sizes.B, sizes.rowsK, sizes.G, sizes.D]);
  const { B, T, H, S, D, G } = sizes;
  const K = kernels();
  const mixed = empty(q.shape, "attention");
  const lse = empty([B, H, T], "log-sum-exp");
  const dims = [B, H, G, T, S, D, ...strides(T, H, D), ...strides(sizes.rowsK, G, D)] as const;
  const causal = options.causal ? 1 : 0;
  withWorkspace(K.sattention_workspace_bytes(T, S, D), (work) => {
    K.sattention(mixed.ptr, lse.ptr, q.ptr, k.ptr, v.ptr, work, ...dims, options.scale, causal);
  });
  record("attention", mixed, [q, k, v], (dy) => {
    // The kernel makes all three; a gradient that nobody reads is released with the scope.
    const [dq, dk, dv] = [q, k, v].map((x) => gradOf(x).ptr) as [number, number, number]; // one per operand
    withWorkspace(K.sattention_grad_workspace_bytes(T, S, D), (work) => {
      // biome-ignore format: arguments grouped by meaning
      K.sattention_grad(
        dq, dk, dv, dy.ptr, mixed.ptr, lse.ptr, q.ptr, k.ptr, v.ptr, work, ...dims, options.scale, causal,
      );
    });
  });
  return { mixed, lse };
}

/** The weights that fused attention used, [B, H, T, S], made again from its log-sum-exp. No gradient. */
export function attentionWeights(q: Tensor, k: Tensor, lse: Tensor, options: AttentionOptions): Tensor {
  const { B, T, H, S, D, G, rowsK } = attentionSizes("attentionWeights", q, k, options.sources);
  const w = empty([B, H, T, S], "attention weights");
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const head = b * H + h;
      const key = b * rowsK * G + Math.floor(h / (H / G));
      // biome-ignore format: arguments grouped by meaning
      kernels().sattention_weights(
        w.ptr + 4 * head * T * S, q.ptr + 4 * (b * T * H + h) * D, k.ptr + 4 * key * D, lse.ptr + 4 * head * T,
        T, S, D, H * D, G * D, options.scale, options.causal ? 1 : 0,
      );
    }
  }
  return w;
}

/** The sizes of q [B, T, H, D] and k [B, S, G, D], checked. */
export function attentionSizes(place: string, q: Shaped, k: Shaped, sources?: number): AttentionSizes {
  const { B, T, H, D } = expectShape(place, "q", q, ["B", "T", "H", "D"]);
  const { S: rowsK, G } = expectShape(place, "k", k, [B, "S", "G", D]);
  if (G === 0 || H % G !== 0)
    throw new Error(`${place}: key heads must divide query heads, got ${G} and ${H}`);
  const S = sources ?? rowsK;
  if (!(S >= 0 && S <= rowsK)) throw new Error(`${place}: sources must be 0..${rowsK}, got ${S}`);
  return { B, T, H, D, G, S, rowsK };
}

/** Batch, token and head strides of a contiguous [B, tokens, heads, D]. */
function strides(tokens: number, heads: number, D: number): [number, number, number] {
  return [tokens * heads * D, heads * D, D];
}
