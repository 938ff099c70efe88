// The float64 twins of scales, masks and normalisers.
import type { MaskName, MaskPlace } from "../../src/attention/mask";
import type { NormalizerName } from "../../src/attention/normalizer";
import type { Options } from "../../src/attention/options";
import type { ScaleName } from "../../src/attention/scale";
import type { Graph, Node } from "./graph";
import { type Grid, map, mapRows, softmax, softmaxTwice } from "./ops";

export interface ScaleTwinInputs {
  /** Channels of a head, and tokens of a training sequence. */
  readonly D: number;
  readonly trained: number;
  readonly options: Options;
}

/** The factor on products of queries and keys, and the further one on a row that sees n sources. */
export interface ScaleTwin {
  constant(inputs: ScaleTwinInputs): number;
  row?(n: number, inputs: ScaleTwinInputs): number;
}

const logRatio = (n: number, { trained }: ScaleTwinInputs) => Math.log(Math.max(n, 1)) / Math.log(trained);

export const scaleTwins = {
  "inverse-sqrt": { constant: ({ D }) => D ** -0.5 },
  one: { constant: () => 1 },
  "log-n": { constant: ({ D }) => D ** -0.5, row: logRatio },
  "log-n-clipped": { constant: ({ D }) => D ** -0.5, row: (n, inputs) => Math.max(1, logRatio(n, inputs)) },
  "kappa-log-n": {
    constant: ({ D, options }) => (options.kappa || D ** 0.5 / Math.log(512)) / D,
    row: (n) => Math.log(Math.max(n, 1)),
  },
  fixed: { constant: ({ options }) => options.factor },
} satisfies Record<ScaleName, ScaleTwin>;

export const maskTwins: Readonly<
  Record<MaskName, (query: number, source: number, place: MaskPlace) => boolean>
> = {
  causal: (query, source) => source <= query,
  bidirectional: () => true,
  prefix: (query, source, { prefix }) => (query < prefix && source < prefix) || source <= query,
  "sliding-window": (query, source, { window }) => source <= query && source > query - window,
  "centred-window": (query, source, { window }) => Math.abs(query - source) <= (window - 1) / 2,
  "alternating-layers": (query, source, { layer }) => (layer % 2 ? query <= source : source <= query),
  "half-heads": (query, source, { head, heads }) => (head < heads / 2 ? source <= query : query <= source),
  "prefix-alternating-layers": (query, source, { layer, prefix }) =>
    layer % 2 && query < prefix ? query <= source && source < prefix : source <= query,
  "prefix-half-heads": (query, source, { head, heads, prefix }) =>
    head >= heads / 2 && query < prefix ? query <= source && source < prefix : source <= query,
};

/** From where on tokens see no later ones. */
export function hidesFuture(mask: MaskName): "always" | "after-prefix" | "never" {
  if (mask.startsWith("prefix")) return "after-prefix";
  return mask === "causal" || mask === "sliding-window" ? "always" : "never";
}

export interface NormalizerTwin {
  /** @param seen how many sources row r of [B, H, T, S] sees */
  apply(g: Graph, logits: Grid, seen: readonly number[], trained: number): Grid;
  /** The same values from the same logits made twice: how the fused kernel gets there, if there is one. */
  fused?(g: Graph, logits: Grid, again: Grid, seen: readonly number[]): Grid;
}

export const normalizerTwins: Readonly<Record<NormalizerName, NormalizerTwin>> = {
  softmax: { apply: softmax, fused: softmaxTwice },
  "softmax-plus": {
    apply: (g, logits, seen) => softmax(g, plus(g, logits, seen)),
    fused: (g, logits, again, seen) => softmaxTwice(g, plus(g, logits, seen), plus(g, again, seen)),
  },
  l2: {
    apply: (g, logits) =>
      mapRows(logits, (row) => {
        const top = g.leaf(Math.max(...row.map(({ value }) => value)));
        const exps = row.map((value) => (hidden(value) ? g.leaf(0) : g.exp(g.sub(value, top))));
        if (row.every(hidden)) return exps;
        const root = g.sqrt(g.dot(exps, exps));
        return exps.map((value) => g.div(value, root));
      }),
  },
  none: {
    apply: (g, logits, seen) =>
      mapRows(logits, (row, r) =>
        row.map((value) => (hidden(value) ? g.leaf(0) : g.scale(g.exp(value), 1 / seen[r]!))),
      ),
  },
  relu2: {
    apply: (g, logits, seen) =>
      mapRows(logits, (row, r) => row.map((value) => g.scale(relu2(g, value), 1 / Math.max(seen[r]!, 1)))),
  },
  "relu2-fixed": {
    apply: (g, logits, _, trained) => map(logits, (value) => g.scale(relu2(g, value), 1 / trained)),
  },
  "relu2-normalized": {
    apply: (g, logits) =>
      mapRows(logits, (row) => {
        const squares = row.map((value) => relu2(g, value));
        const total = g.add(g.sum(squares), g.leaf(1e-6));
        return squares.map((value) => g.div(value, total));
      }),
  },
};

/** Logits times log_512 max(n, 16). */
function plus(g: Graph, logits: Grid, seen: readonly number[]): Grid {
  return mapRows(logits, (row, r) => {
    const factor = Math.log(Math.max(seen[r]!, 16)) / Math.log(512);
    return row.map((value) => (hidden(value) ? value : g.scale(value, factor)));
  });
}

function hidden({ value }: Node): boolean {
  return value === Number.NEGATIVE_INFINITY;
}

function relu2(g: Graph, value: Node): Node {
  if (hidden(value)) return g.leaf(0);
  return g.mul(g.relu(value), g.relu(value));
}
