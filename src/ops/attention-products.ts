// The two products around the attention weights, per head: what the composed path and its variants are made of.
import { kernels } from "../runtime/instance";
import { expectShape, type Shaped } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";
import { type AttentionSizes, attentionSizes } from "./attention";
import { flip, gemm, type Operand } from "./gemm";
import { addBiasGradients, biasRows } from "./logits";

/**
 * scale q kᵀ per head, plus bias[h, j]: q [B, T, H, D], k [B or 1, S, G, D], bias [H or 1, >=S] give logits [B, H, T, S]. Keys of one
 * sequence serve all. The bias is added while the logits of a head are still in the cache, with the bits of `addSourceBias`.
 */
export function queryKey(q: Tensor, k: Tensor, scale: number, sources?: number, bias?: Tensor): Tensor {
  const sizes = attentionSizes("queryKey", q, forAll(q, k), sources);
  const { B, T, H, S, D } = sizes;
  const biasAt = bias && biasRows("queryKey", bias, sizes);
  const logits = empty([B, H, T, S], "attention logits");
  for (const { scores, queries, keys, batch, head } of groups(sizes, logits, q, k)) {
    gemm(scores, queries, flip(keys), { batch, m: T, n: S, k: D, alpha: scale, beta: 0 });
    for (let i = 0; biasAt && i < batch; i++) {
      const at = scores.ptr + 4 * i * scores.batch;
      kernels().sadd_bias(at, at, biasAt(head + i), T, S);
    }
  }
  return record("queryKey", logits, bias ? [q, k, bias] : [q, k], (dy) => {
    if (bias?.needsGrad) addBiasGradients(bias, dy);
    const dq = q.needsGrad ? gradOf(q) : undefined;
    const dk = k.needsGrad ? gradOf(k) : undefined;
    if (dq) {
      for (const { scores: dS, queries: dQ, keys, batch } of groups(sizes, dy, dq, k)) {
        gemm(dQ, dS, keys, { batch, m: T, n: D, k: S, alpha: scale, beta: 1 });
      }
    }
    if (dk) {
      for (const { scores: dS, queries, keys: dK, batch } of groups(sizes, dy, q, dk)) {
        gemm(dK, flip(dS), queries, { batch, m: S, n: D, k: T, alpha: scale, beta: 1 });
      }
    }
  });
}

/** P v per head: weights p [B or 1, H, T, S], v [B, S, G, D] give [B, T, H, D]. Weights of one sequence serve all. */
export function weighValues(p: Tensor, v: Tensor): Tensor {
  const { B, D } = expectShape("weighValues", "v", v, ["B", "R", "G", "D"]);
  const { H, T, S } = expectShape("weighValues", "p", forAll(v, p), [B, "H", "T", "S"]);
  const y = empty([B, T, H, D], "weighValues");
  const sizes = attentionSizes("weighValues", y, v, S);
  for (const { scores: P, queries: Y, keys: V, batch } of groups(sizes, p, y, v)) {
    gemm(Y, P, V, { batch, m: T, n: D, k: S, beta: 0 });
  }
  return record("weighValues", y, [p, v], (dy) => {
    const dp = p.needsGrad ? gradOf(p) : undefined;
    const dv = v.needsGrad ? gradOf(v) : undefined;
    if (dp) {
      for (const { scores: dP, queries: dY, keys: V, batch } of groups(sizes, dp, dy, v)) {
        gemm(dP, dY, flip(V), { batch, m: T, n: S, k: D, beta: 1 });
      }
    }
    if (dv) {
      for (const { scores: P, queries: dY, keys: dV, batch } of groups(sizes, p, dy, dv)) {
        gemm(dV, flip(P), dY, { batch, m: S, n: D, k: T, beta: 1 });
      }
    }
  });
}

/** What it is for a sequence of x: `shared`, of one sequence, stands for that of all. */
function forAll(x: Shaped, shared: Shaped): Shaped {
  return shared.shape[0] === 1 ? { shape: [x.shape[0]!, ...shared.shape.slice(1)] } : shared;
}

interface Group {
  readonly scores: Operand; // [T, S] per head
  readonly queries: Operand; // [T, D] per head
  readonly keys: Operand; // [S, D] per head, or one for all heads of the group
  readonly batch: number;
  /** The first query head of the batch. */
  readonly head: number;
}

/** All heads of a sequence in one batch, or, where heads share a key head, one batch for each that is shared. */
function* groups(
  { B, T, H, D, G, S, rowsK }: AttentionSizes,
  scores: Tensor,
  queries: Tensor,
  keys: Tensor,
): Generator<Group> {
  const [count, batch, keyStep] = G === H ? [1, H, D] : [G, H / G, 0];
  // What serves all sequences has one place only.
  const of = (x: Tensor, b: number) => (x.shape[0] === 1 ? 0 : b);
  for (let b = 0; b < B; b++) {
    for (let g = 0; g < count; g++) {
      const head = g * batch;
      yield {
        scores: { ptr: scores.ptr + 4 * (of(scores, b) * H + head) * T * S, row: S, column: 1, batch: T * S },
        queries: { ptr: queries.ptr + 4 * (b * T * H + head) * D, row: H * D, column: 1, batch: D },
        keys: {
          ptr: keys.ptr + 4 * (of(keys, b) * rowsK * G + g) * D,
          row: G * D,
          column: 1,
          batch: keyStep,
        },
        batch,
        head,
      };
    }
  }
}
