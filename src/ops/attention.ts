// Fused attention: never a T x S matrix. The composed path is made of attention-products.ts.
import { kernels, tileShape } from "../runtime/instance";
import { withWorkspace } from "../runtime/workspace";
import { expectShape, type Shaped, show } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";
import { type AttentionOptions, checkTerms, termArguments } from "./attention-terms";

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
 * softmax(rowScale scale q kᵀ + bias, where a source is seen) v per head, in tiles, without the T x S matrix (Dao et al. 2022,
 * arXiv:2205.14135). Forward and backward take memory for O((T + S) D) numbers besides operands and results.
 *
 * @param q [B, T, H, D]
 * @param k [B, S, G, D], query head h reads key head floor(h / (H/G)) (Ainslie et al. 2023, arXiv:2305.13245)
 * @param v like k
 * @returns `mixed` [B, T, H, D]; `lse` [B, H, T], the log-sum-exp of the logits. A row that sees nothing gives zeros and -infinity.
 * @throws Error `attention: rule, got values` when shapes or options do not fit
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
): { mixed: Tensor; lse: Tensor } {
  const sizes = attentionSizes("attention", q, k, options.sources);
  expectShape("attention", "v", v, [sizes.B, sizes.rowsK, sizes.G, sizes.D]);
  checkTerms("attention", sizes, options);
  const { B, T, H, S, D, G } = sizes;
  const table = options.bias?.table;
  const K = kernels();
  const mixed = empty(q.shape, "attention");
  const lse = empty([B, H, T], "log-sum-exp");
  const dims = [B, H, G, T, S, D, ...strides(T, H, D), ...strides(sizes.rowsK, G, D)] as const;
  withWorkspace(K.sattention_workspace_bytes(T, S, D), (work) => {
    const terms = termArguments(sizes, options);
    K.sattention(mixed.ptr, lse.ptr, q.ptr, k.ptr, v.ptr, work, ...dims, ...terms, tileShape());
  });
  record("attention", mixed, table ? [q, k, v, table] : [q, k, v], (dy) => {
    // The kernel makes these three always; a gradient that nobody reads is released with the scope.
    const [dq, dk, dv] = [q, k, v].map((x) => gradOf(x).ptr) as [number, number, number]; // one per operand
    const biases = table?.needsGrad ? biasGradients(table, B) : undefined;
    withWorkspace(K.sattention_grad_workspace_bytes(T, S, D), (work) => {
      // biome-ignore format: arguments grouped by meaning
      K.sattention_grad(
        dq, dk, dv, biases?.ptr ?? 0, dy.ptr, mixed.ptr, lse.ptr, q.ptr, k.ptr, v.ptr, work,
        ...dims, ...termArguments(sizes, options), table?.size ?? 0,
      );
    });
    if (table && biases) addInOrder(table, biases);
  });
  return { mixed, lse };
}

/** Room for a gradient of the bias per batch item, which may then be computed in any order. */
function biasGradients(table: Tensor, B: number): Tensor {
  const biases = empty([B, ...table.shape], "gradients of the bias");
  kernels().sfill(biases.ptr, 0, biases.size);
  return biases;
}

function addInOrder(table: Tensor, biases: Tensor): void {
  const gradient = gradOf(table);
  for (let ptr = biases.ptr; ptr < biases.ptr + 4 * biases.size; ptr += 4 * table.size) {
    kernels().saxpy(gradient.ptr, ptr, 1, table.size);
  }
  biases.release();
}

/**
 * The weights that fused attention used, [B, H, T, S], made again from its log-sum-exp; of one head, [B, T, S], the others are not made.
 * No gradient.
 */
export function attentionWeights(
  q: Tensor,
  k: Tensor,
  lse: Tensor,
  options: AttentionOptions,
  only?: number,
): Tensor {
  const sizes = attentionSizes("attentionWeights", q, k, options.sources);
  checkTerms("attentionWeights", sizes, options);
  const { B, T, H, S, D, G, rowsK } = sizes;
  const K = kernels();
  if (only !== undefined && !(Number.isInteger(only) && only >= 0 && only < H))
    throw new Error(`attentionWeights: the head must be 0..${H - 1}, got ${only}`);
  const [first, end] = only === undefined ? [0, H] : [only, only + 1];
  const w = empty(only === undefined ? [B, H, T, S] : [B, T, S], "attention weights");
  withWorkspace(K.sattention_weights_workspace_bytes(), (work) => {
    let to = w.ptr;
    for (let b = 0; b < B; b++) {
      for (let h = first; h < end; h++, to += 4 * T * S) {
        const head = b * H + h;
        const key = b * rowsK * G + Math.floor(h / (H / G));
        const [scale, before, after, rowScales, , ...rest] = termArguments(sizes, options, b, h);
        // biome-ignore format: arguments grouped by meaning
        K.sattention_weights(
          to, q.ptr + 4 * (b * T * H + h) * D, k.ptr + 4 * key * D, lse.ptr + 4 * head * T,
          work, T, S, D, H * D, G * D, scale, before, after, rowScales, ...rest,
        );
      }
    }
  });
  return w;
}

/** The sizes of q [B, T, H, D] and k [B, S, G, D], checked. */
export function attentionSizes(place: string, q: Shaped, k: Shaped, sources?: number): AttentionSizes {
  const { B, T, H, D } = expectShape(place, "q", q, ["B", "T", "H", "D"]);
  const { S: rowsK, G } = expectShape(place, "k", k, [B, "S", "G", D]);
  if (D === 0) throw new Error(`${place}: heads must be at least 1 wide, got q ${show(q.shape)}`);
  if (G === 0 || H % G !== 0)
    throw new Error(`${place}: key heads must divide query heads, got ${G} and ${H}`);
  const S = sources ?? rowsK;
  if (!(Number.isInteger(S) && S >= 0 && S <= rowsK))
    throw new Error(`${place}: sources must be 0..${rowsK}, got ${S}`);
  return { B, T, H, D, G, S, rowsK };
}

/** Batch, token and head strides of a contiguous [B, tokens, heads, D]. */
function strides(tokens: number, heads: number, D: number): [number, number, number] {
  return [tokens * heads * D, heads * D, D];
}
