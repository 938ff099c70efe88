// The shapes that the attention kernels are tested on: every combination around the sizes of panels (8 queries, 4 sources, 4
// dimensions), tiles (64 sources) and blocks (64 queries), so that every loop runs not at all, once, twice and with a remainder.
import { pairwise } from "../attention/pairwise";
import type { AttentionShape } from "../reference/attention";
import { absent, type Buffer, ids, input, noise } from "./battery";

const TOKENS = [0, 1, 3, 4, 5, 7, 8, 9, 16, 19, 63, 64, 65, 131];
const SOURCES = [0, 1, 3, 4, 5, 8, 11, 63, 64, 65, 131];
const DIMS = [0, 1, 3, 4, 5, 7, 8, 9, 11, 16, 32, 67, 128];
const HEADS = [
  { heads: 1, kvHeads: 1 },
  { heads: 3, kvHeads: 3 },
  { heads: 4, kvHeads: 2 },
  { heads: 3, kvHeads: 1 },
];

export function attentionShape(some: Partial<AttentionShape>): AttentionShape {
  const dim = some.dim ?? 5;
  return {
    batch: 1,
    heads: 1,
    kvHeads: 1,
    tokens: 19,
    sources: 67,
    dim,
    scale: 1 / Math.sqrt(dim || 1),
    causal: false,
    ...some,
  };
}

/** Groups of shapes, each under the name of what varies in it. */
export const SHAPES: Record<string, AttentionShape[]> = {};
for (const causal of [false, true]) {
  const mask = causal ? "causal" : "every source visible";
  for (const tokens of TOKENS) {
    SHAPES[`${tokens} tokens, ${mask}`] = SOURCES.map((sources) =>
      attentionShape({ tokens, sources, causal }),
    );
  }
  SHAPES[`head widths, ${mask}`] = DIMS.flatMap((dim) => [
    attentionShape({ dim, causal }),
    attentionShape({ dim, causal, tokens: 2, sources: 9 }),
  ]);
  SHAPES[`batches and head groups, ${mask}`] = HEADS.flatMap((heads) =>
    [2, 13].map((tokens) => attentionShape({ ...heads, batch: 2, tokens, sources: 17, dim: 6, causal })),
  );
}

/** Windows as [before, after]; rows of the others are functions of the sizes, undefined where the term is absent. */
const TERMS = {
  size: [
    { tokens: 19, sources: 67, dim: 5, heads: 2, kvHeads: 1 },
    { tokens: 131, sources: 131, dim: 8, heads: 1, kvHeads: 1 },
    { tokens: 140, sources: 70, dim: 3, heads: 2, kvHeads: 2 },
    { tokens: 9, sources: 140, dim: 4, heads: 4, kvHeads: 2 },
    { tokens: 2, sources: 71, dim: 6, heads: 3, kvHeads: 1 },
    { tokens: 1, sources: 65, dim: 16, heads: 2, kvHeads: 2 },
  ],
  window: [
    [Infinity, Infinity],
    [Infinity, 0],
    [0, 0],
    [5, 0],
    [67, 0],
    [3, 3],
    [0, Infinity],
    [80, 20],
  ],
  rowScales: [
    () => undefined,
    (tokens: number) => noise(tokens, 31, 0, 2),
    (tokens: number) => noise(2 * tokens, 32, 0, 2).map((x, i) => (i % 3 ? x : 0)),
  ],
  bias: [
    () => undefined,
    (tokens: number, sources: number) => ({ width: Math.max(1, tokens + sources - 1), zero: sources - 1 }),
    () => ({ width: 9, zero: 4 }),
    (_: number, sources: number) => ({ width: sources, zero: sources - 1 }),
    () => ({ width: 1, zero: 0 }),
  ],
  keyCounts: [
    () => undefined,
    (sources: number) => [sources, Math.ceil(sources / 2)],
    (sources: number) => [0, Math.max(0, sources - 1)],
  ],
  keyMask: [
    () => undefined,
    (sources: number) => noise(2 * sources, 33, 0, 1).map((x) => (x < 0.7 ? 1 : 0)),
    (sources: number) => new Float32Array(2 * sources).fill(1, 0, sources),
  ],
} as const;

export const TERM_SHAPES = "score terms in pairs";

/** Every pair of two score terms, and of a term and a size. */
SHAPES[TERM_SHAPES] = pairwise(TERMS).map(({ size, window, rowScales, bias, keyCounts, keyMask }) => {
  const { tokens, sources, heads } = size;
  const scales = rowScales(tokens);
  const relative = bias(tokens, sources);
  const counts = keyCounts(sources);
  const mask = keyMask(sources);
  return attentionShape({
    ...size,
    batch: 2,
    before: window[0],
    after: window[1],
    ...(scales && { rowScales: scales }),
    ...(relative && { bias: { ...relative, table: noise(heads * relative.width, 34) } }),
    ...(counts && { keyCounts: counts }),
    ...(mask && { keyMask: mask }),
  });
});

type TermName = "rowScales" | "bias" | "keyCounts" | "keyMask";

/** The score terms in memory, null pointers where a shape has none. */
export function termBuffers({
  rowScales,
  bias,
  keyCounts,
  keyMask,
}: AttentionShape): Record<TermName, Buffer> {
  return {
    rowScales: rowScales ? input(rowScales) : absent(),
    bias: bias ? input(bias.table) : absent(),
    keyCounts: keyCounts ? ids(keyCounts) : absent(),
    keyMask: keyMask ? input(keyMask) : absent(),
  };
}

const ALL = 2 ** 31 - 1;

/** before, after of a kernel call. */
export function windowOf({ causal, before, after }: AttentionShape) {
  return [Math.min(before ?? ALL, ALL), causal ? 0 : Math.min(after ?? ALL, ALL)] as const;
}

/** What a kernel call has from its scale on. */
export function termArguments(shape: AttentionShape, at: Readonly<Record<TermName, number>>) {
  const { scale, tokens, rowScales, bias } = shape;
  const perItem = rowScales && rowScales.length > tokens ? tokens : 0;
  const table = [at.bias, bias?.width ?? 0, bias?.zero ?? 0] as const;
  return [scale, ...windowOf(shape), at.rowScales, perItem, ...table, at.keyCounts, at.keyMask] as const;
}

/** q_bs, q_ts, q_hs, k_bs, k_ts, k_hs of contiguous [batch, tokens, heads, dim] arrays. */
export function attentionStrides({ heads, kvHeads, tokens, sources, dim }: AttentionShape) {
  return [tokens * heads * dim, heads * dim, dim, sources * kvHeads * dim, kvHeads * dim, dim] as const;
}

/** Values in [-reach, reach). */
export function attentionInputs(shape: AttentionShape, seed: number, reach = 2) {
  const { batch, heads, kvHeads, tokens, sources, dim } = shape;
  const queries = batch * tokens * heads * dim;
  const keys = batch * sources * kvHeads * dim;
  return {
    q: noise(queries, seed, -reach, reach),
    k: noise(keys, seed + 1, -reach, reach),
    v: noise(keys, seed + 2),
    dout: noise(queries, seed + 3),
  };
}
