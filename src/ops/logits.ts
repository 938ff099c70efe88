// What attention logits are made of beside products of queries and keys: outer products of short vectors, biases per source, sums.
import { kernels } from "../runtime/instance";
import { expectShape } from "../tensor/shape";
import { gradOf, passGradient, record } from "../tensor/tape";
import { empty, ids, type Tensor, tensor } from "../tensor/tensor";

/** Logits [B, H, T, S] plus bias[h, j], the first S columns of bias [H, N], or of [1, N] for all heads alike. */
export function addSourceBias(logits: Tensor, bias: Tensor): Tensor {
  const { B, H, T, S } = expectShape("addSourceBias", "logits", logits, ["B", "H", "T", "S"]);
  const biasAt = biasRows("addSourceBias", bias, { H, S });
  const K = kernels();
  const y = empty(logits.shape, "addSourceBias");
  const at = (i: number) => 4 * i * T * S;
  for (let i = 0; i < B * H; i++) K.sadd_bias(y.ptr + at(i), logits.ptr + at(i), biasAt(i), T, S);
  return record("addSourceBias", y, [logits, bias], (dy) => {
    if (bias.needsGrad) addBiasGradients(bias, dy);
    if (logits.needsGrad) passGradient(logits, dy);
  });
}

/**
 * Where the row of head i modulo H begins in x [H or 1, N], a bias of logits or its gradient.
 * @throws Error `place: rule, got values` where its heads or its sources do not fit
 */
export function biasRows(
  place: string,
  x: Tensor,
  { H, S }: { readonly H: number; readonly S: number },
): (i: number) => number {
  const { R, N } = expectShape(place, "bias", x, [x.shape[0] === 1 ? "R" : H, "N"]);
  if (S > N) throw new Error(`${place}: bias must cover ${S} sources, got ${N}`);
  return (i) => x.ptr + 4 * (i % (R ?? H)) * N;
}

/** Adds what tokens and sequences of dy [B, H, T, S] sum to, in their order, to the gradient of a bias [H or 1, N]. */
export function addBiasGradients(bias: Tensor, dy: Tensor): void {
  const [B, H, T, S] = dy.shape as [number, number, number, number]; // of logits
  const gradientAt = biasRows("addBiasGradients", gradOf(bias), { H, S });
  for (let i = 0; i < B * H; i++) kernels().scolumn_sum(gradientAt(i), dy.ptr + 4 * i * T * S, T, S);
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
 * Logits [B, H, T, S] from factors a [B, H, T, A] and b [B, H, T, F], or, to be transposed, b [B, H, >=S, F] of every source.
 * Row t is made for the token at past + t, as the map says.
 */
export function factorLogits(a: Tensor, b: Tensor, { map, past, sources: S }: FactorOptions): Tensor {
  const { B, H, T, A } = expectShape("factorLogits", "a", a, ["B", "H", "T", "A"]);
  const { R, F } = expectShape("factorLogits", "b", b, [B, H, map === "transpose" ? "R" : T, "F"]);
  const most = { "tile-repeat": A * F, "tile-tile": Number.POSITIVE_INFINITY, transpose: R ?? T }[map];
  if (S > most) throw new Error(`factorLogits: these factors make at most ${most} sources, got ${S}`);
  const bySource = R ?? 0; // rows of b in a head, where each source has its own
  const bOfRow = (i: number) =>
    bySource ? Math.floor(i / T) * bySource * F + ((past + (i % T)) % F) : i * F;
  const bOfColumn = (j: number) =>
    ({ "tile-repeat": Math.floor(j / A), "tile-tile": j % F, transpose: j * F })[map];
  const aRow = indices(B * H * T, (i) => i * A);
  const aColumn = indices(S, (j) => j % A);
  const bRow = indices(B * H * T, bOfRow);
  const bColumn = indices(S, bOfColumn);
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

function indices(count: number, of: (index: number) => number): Tensor {
  return ids(
    Int32Array.from({ length: count }, (_, index) => of(index)),
    [count],
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
