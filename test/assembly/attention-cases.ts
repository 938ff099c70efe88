// The shapes that the attention kernels are tested on: every combination around the sizes of panels (8 queries, 4 sources, 4
// dimensions), tiles (64 sources) and blocks (64 queries), so that every loop runs not at all, once, twice and with a remainder.
import type { AttentionShape } from "../reference/attention";
import { noise } from "./battery";

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
