// What attention logits are made of beside products of queries and keys: outer products of short vectors, biases per source, sums.
import { kernels } from "../runtime/instance";
import { expectShape, type Shape, sizeOf } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, ids, type Tensor, tensor } from "../tensor/tensor";

/** Logits [B, H, T, S] plus bias[h, j], the first S columns of bias [H, N]. */
export function addSourceBias(logits: Tensor, bias: Tensor): Tensor {
  const { B, H, T, S } = expectShape("addSourceBias", "logits", logits, ["B", "H", "T", "S"]);
  const { N } = expectShape("addSourceBias", "bias", bias, [H, "N"]);
  if (S > N) throw new Error(`addSourceBias: bias must cover ${S} sources, got ${N}`);
  const K = kernels();
  const y = empty(logits.shape, "addSourceBias");
  const at = (i: number) => 4 * i * T * S;
  for (let i = 0; i < B * H; i++)
    K.sadd_bias(y.ptr + at(i), logits.ptr + at(i), bias.ptr + 4 * (i % H) * N, T, S);
  return record("addSourceBias", y, [logits, bias], (dy) => {
    if (bias.needsGrad) {
      const db = gradOf(bias).ptr;
      for (let i = 0; i < B * H; i++) K.scolumn_sum(db + 4 * (i % H) * N, dy.ptr + at(i), T, S);
    }
    if (logits.needsGrad) K.saxpy(gradOf(logits).ptr, dy.ptr, 1, dy.size);
  });
}

/**
 * How two vectors of a and b entries make a row of a b logits:
 * "tile-repeat": A[j mod a] B[j div a], an outer product, every pair once;
 * "tile-tile": A[j mod a] B[j mod b], only lcm(a, b) different products;
 * "transpose": A_i[j mod a] B_j[i mod b], of which one vector belongs to the token and one to the source.
 */
export type FactorMap = "tile-repeat" | "tile-tile" | "transpose";

export interface FactorOptions {
  readonly map: FactorMap;
  /** Tokens before the first of `a`. */
  readonly past: number;
  readonly sources: number;
}

/**
 * Logits [B, H, T, S] from factors a [B, T, H, A] and b [B, T, H, B'], or, to be transposed, b [B, >=S, H, B'] of every source.
 * Row t is made for the token at past + t, as the map says.
 */
export function factorLogits(a: Tensor, b: Tensor, { map, past, sources: S }: FactorOptions): Tensor {
  const { B, T, H, A } = expectShape("factorLogits", "a", a, ["B", "T", "H", "A"]);
  const bySource = map === "transpose";
  const { R, F } = expectShape("factorLogits", "b", b, [B, bySource ? "R" : T, H, "F"]);
  const rowsB = bySource ? R : T;
  if (bySource && S > rowsB) throw new Error(`factorLogits: b must cover ${S} sources, got ${rowsB}`);
  if (map === "tile-repeat" && S > A * F)
    throw new Error(`factorLogits: ${A} and ${F} entries make ${A * F} logits, got ${S} sources`);
  // Offsets of row i = (sequence, head, token) and of column j.
  const row = (of: (sequence: number, head: number, token: number) => number) =>
    indices([B, H, T], (i) => of(Math.floor(i / (H * T)), Math.floor(i / T) % H, i % T));
  const column = (of: (j: number) => number) => indices([S], of);
  const aRow = row((n, h, t) => ((n * T + t) * H + h) * A);
  const aColumn = column((j) => j % A);
  const bRow = bySource
    ? row((n, h, t) => (n * rowsB * H + h) * F + ((past + t) % F))
    : row((n, h, t) => ((n * T + t) * H + h) * F);
  const bColumn = column(
    {
      "tile-repeat": (j: number) => Math.floor(j / A),
      "tile-tile": (j: number) => j % F,
      transpose: (j: number) => j * H * F,
    }[map],
  );
  const K = kernels();
  const y = empty([B, H, T, S], "factorLogits");
  K.sgather_mul(y.ptr, a.ptr, b.ptr, aRow.ptr, aColumn.ptr, bRow.ptr, bColumn.ptr, B * H * T, S);
  return record("factorLogits", y, [a, b], (dy) => {
    // biome-ignore format: arguments grouped by meaning
    K.sgather_mul_grad(
      gradOf(a).ptr, gradOf(b).ptr, dy.ptr, a.ptr, b.ptr,
      aRow.ptr, aColumn.ptr, bRow.ptr, bColumn.ptr, B * H * T, S,
    );
  });
}

function indices(shape: Shape, of: (index: number) => number): Tensor {
  return ids(
    Int32Array.from({ length: sizeOf(shape) }, (_, index) => of(index)),
    shape,
    "indices",
  );
}

/**
 * sum over m of weights[h, m] logits_m, [B, H, T, S]: a mixture.
 *
 * @param logits [B, H, T, S] each, or [1, H, T, S] for all sequences alike
 * @param weights [H, M], or [1, M] for all heads alike
 */
export function mixLogits(logits: readonly Tensor[], weights: Tensor): Tensor {
  const first = logits.find(({ shape }) => shape[0] !== 1) ?? logits[0];
  if (!first) throw new Error("mixLogits: at least one tensor of logits is needed, got none");
  const { B, H, T, S } = expectShape("mixLogits", "logits", first, ["B", "H", "T", "S"]);
  const M = logits.length;
  for (const one of logits) expectShape("mixLogits", "logits", one, [one.shape[0] === 1 ? 1 : B, H, T, S]);
  expectShape("mixLogits", "weights", weights, [weights.shape[0] === 1 ? 1 : H, M]);
  const K = kernels();
  const slab = T * S;
  const y = empty(first.shape, "mixLogits");
  const factors = weights.values();
  const index = (h: number, m: number) => (weights.shape[0] === 1 ? 0 : h) * M + m;
  /** Each head of each sequence: where it lies in y, and in a member. */
  const each = function* (member: Tensor) {
    for (let i = 0; i < B * H; i++)
      yield { h: i % H, all: 4 * i * slab, own: 4 * (member.shape[0] === 1 ? i % H : i) * slab };
  };
  for (const [m, member] of logits.entries()) {
    for (const { h, all, own } of each(member)) {
      if (m === 0) K.sscale(y.ptr + all, member.ptr + own, factors[index(h, m)]!, slab);
      else K.saxpy(y.ptr + all, member.ptr + own, factors[index(h, m)]!, slab);
    }
  }
  return record("mixLogits", y, [...logits, weights], (dy) => {
    const sums = new Float64Array(factors.length);
    const products = empty([slab], "products");
    for (const [m, member] of logits.entries()) {
      const dMember = member.needsGrad ? gradOf(member) : undefined;
      for (const { h, all, own } of each(member)) {
        if (dMember) K.saxpy(dMember.ptr + own, dy.ptr + all, factors[index(h, m)]!, slab);
        K.smul(products.ptr, dy.ptr + all, member.ptr + own, slab);
        sums[index(h, m)]! += K.ssum(products.ptr, slab);
      }
    }
    if (weights.needsGrad) K.saxpy(gradOf(weights).ptr, tensor(sums, weights.shape).ptr, 1, sums.length);
  });
}
