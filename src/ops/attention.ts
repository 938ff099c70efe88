// Attention: fused (never a T x S matrix), and the two products that the composed path is made of.
import { kernels } from "../runtime/instance";
import { withWorkspace } from "../runtime/workspace";
import { expectShape } from "../tensor/shape";
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

interface Sizes {
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
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): { mixed: Tensor; lse: Tensor } {
  const sizes = check("attention", q, k, options.sources);
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
      K.sattention_grad(
        dq, dk, dv, dy.ptr, mixed.ptr, lse.ptr, q.ptr, k.ptr, v.ptr, work, ...dims, options.scale, causal,
      );
    });
  });
  return { mixed, lse };
}

/** The weights that fused attention used, [B, H, T, S], made again from its log-sum-exp. No gradient. */
export function attentionWeights(q: Tensor, k: Tensor, lse: Tensor, options: AttentionOptions): Tensor {
  const { B, T, H, S, D, G, rowsK } = check("attentionWeights", q, k, options.sources);
  const w = empty([B, H, T, S], "attention weights");
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const head = b * H + h;
      const key = b * rowsK * G + Math.floor(h / (H / G));
      kernels().sattention_weights(
        w.ptr + 4 * head * T * S, q.ptr + 4 * (b * T * H + h) * D, k.ptr + 4 * key * D, lse.ptr + 4 * head * T,
        T, S, D, H * D, G * D, options.scale, options.causal ? 1 : 0,
      );
    }
  }
  return w;
}

/** scale q kᵀ per head: q [B, T, H, D], k [B, S, G, D] give logits [B, H, T, S]. */
export function queryKey(q: Tensor, k: Tensor, scale: number, sources?: number): Tensor {
  const sizes = check("queryKey", q, k, sources);
  const { B, T, H, S, D, G } = sizes;
  const logits = empty([B, H, T, S], "attention logits");
  eachGroup(sizes, ({ p, x, y, batch, shared }) =>
    // S = scale Q Kᵀ
    gemm(logits.ptr + p, q.ptr + x, k.ptr + y, batch, T, S, D, T * S, D, shared ? 0 : D, S, H * D, 1, 1, G * D, scale, 0),
  );
  return record("queryKey", logits, [q, k], (dy) => {
    if (q.needsGrad) {
      const dq = gradOf(q).ptr;
      eachGroup(sizes, ({ p, x, y, batch, shared }) =>
        // dQ += scale dS K
        gemm(dq + x, dy.ptr + p, k.ptr + y, batch, T, D, S, D, T * S, shared ? 0 : D, H * D, S, 1, G * D, 1, scale, 1),
      );
    }
    if (k.needsGrad) {
      const dk = gradOf(k).ptr;
      eachGroup(sizes, ({ p, x, y, batch, shared }) =>
        // dK += scale dSᵀ Q; heads that share a key head add up in order
        gemm(dk + y, dy.ptr + p, q.ptr + x, batch, S, D, T, shared ? 0 : D, T * S, D, G * D, 1, S, H * D, 1, scale, 1),
      );
    }
  });
}

/** P v per head: weights p [B, H, T, S], v [B, S, G, D] give [B, T, H, D]. */
export function weighValues(p: Tensor, v: Tensor): Tensor {
  const { B, H, T, S } = expectShape("weighValues", "p", p, ["B", "H", "T", "S"]);
  const { G, D } = expectShape("weighValues", "v", v, [B, "R", "G", "D"]);
  const y = empty([B, T, H, D], "weighValues");
  const sizes = check("weighValues", y, v, S);
  eachGroup(sizes, ({ p: weights, x, y: values, batch, shared }) =>
    gemm(y.ptr + x, p.ptr + weights, v.ptr + values, batch, T, D, S, D, T * S, shared ? 0 : D, H * D, S, 1, G * D, 1, 1, 0),
  );
  return record("weighValues", y, [p, v], (dy) => {
    if (p.needsGrad) {
      const dp = gradOf(p).ptr;
      eachGroup(sizes, ({ p: weights, x, y: values, batch, shared }) =>
        // dP += dY Vᵀ
        gemm(dp + weights, dy.ptr + x, v.ptr + values, batch, T, S, D, T * S, D, shared ? 0 : D, S, H * D, 1, 1, G * D, 1, 1),
      );
    }
    if (v.needsGrad) {
      const dv = gradOf(v).ptr;
      eachGroup(sizes, ({ p: weights, x, y: values, batch, shared }) =>
        // dV += Pᵀ dY
        gemm(dv + values, p.ptr + weights, dy.ptr + x, batch, S, D, T, shared ? 0 : D, T * S, D, G * D, 1, S, H * D, 1, 1, 1),
      );
    }
  });
}

function check(place: string, q: Tensor, k: Tensor, sources?: number): Sizes {
  const { B, T, H, D } = expectShape(place, "q", q, ["B", "T", "H", "D"]);
  const { S: rowsK, G } = expectShape(place, "k", k, [B, "S", "G", D]);
  if (G === 0 || H % G !== 0) throw new Error(`${place}: key heads must divide query heads, got ${G} and ${H}`);
  const S = sources ?? rowsK;
  if (!(S >= 0 && S <= rowsK)) throw new Error(`${place}: sources must be 0..${rowsK}, got ${S}`);
  return { B, T, H, D, G, S, rowsK };
}

/** Batch, token and head strides of a contiguous [B, tokens, heads, D]. */
function strides(tokens: number, heads: number, D: number): [number, number, number] {
  return [tokens * heads * D, heads * D, D];
}

interface Group {
  /** Byte offsets into the [B,H,T,S] matrix, the query-shaped and the key-shaped tensor. */
  readonly p: number;
  readonly x: number;
  readonly y: number;
  readonly batch: number;
  /** Whether all heads of this batch use one key head. */
  readonly shared: boolean;
}

/** One batched product for all heads of a sequence, or one for every group of heads that shares a key head. */
function eachGroup({ B, T, H, D, G, S, rowsK }: Sizes, run: (group: Group) => void): void {
  const shared = G !== H;
  const [groups, batch] = shared ? [G, H / G] : [1, H];
  for (let b = 0; b < B; b++) {
    for (let g = 0; g < groups; g++) {
      const head = g * batch;
      run({
        p: 4 * (b * H + head) * T * S,
        x: 4 * (b * T * H + head) * D,
        y: 4 * (b * rowsK * G + g) * D,
        batch,
        shared,
      });
    }
  }
}

function gemm(
  c: number, a: number, b: number, batch: number, m: number, n: number, k: number,
  cBatch: number, aBatch: number, bBatch: number,
  cRow: number, aRow: number, aColumn: number, bRow: number, bColumn: number, alpha: number, beta: 0 | 1,
): void {
  const K = kernels();
  withWorkspace(K.sgemm_workspace_bytes(m, n, k), (work) => {
    K.sgemm_batched(c, a, b, work, batch, m, n, k, cBatch, aBatch, bBatch, cRow, aRow, aColumn, bRow, bColumn, alpha, beta);
  });
}
