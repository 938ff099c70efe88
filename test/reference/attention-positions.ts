// The float64 twins of the position schemes and index strategies, as formulas over single pairs of tokens.
import type { Options } from "../../src/attention/options";
import type { PositionName } from "../../src/attention/position";
import type { IndexName } from "../../src/attention/position/strategy";
import type { Graph, Node } from "./graph";
import { type Grid, mapRows } from "./ops";

/** Parameters by path, biases perhaps not there. */
export type Parameters = Readonly<Record<string, Grid>>;

export interface PositionInputs {
  readonly parameters: Parameters;
  readonly options: Options;
  readonly heads: number;
  readonly headWidth: number;
  /** Whether no token sees a later one. */
  readonly causal: boolean;
  readonly layer: number;
}

type At = readonly number[];

export interface PositionTwin {
  /** Rows [T, C] to add to the embeddings; to what queries and keys are made of. */
  embed?(g: Graph, at: At, width: number, inputs: PositionInputs): Grid;
  embedScores?(g: Graph, at: At, width: number, inputs: PositionInputs): Grid;
  /** Queries or keys [B, T, H, D]. */
  rotate?(g: Graph, x: Grid, at: At, inputs: PositionInputs): Grid;
  /** By which positions a query and a key are turned before they are compared, instead of `rotate`. */
  turn?(query: number, key: number, inputs: PositionInputs): readonly [query: number, key: number];
  bias?(g: Graph, head: number, distance: number, inputs: PositionInputs): Node;
  factor?(g: Graph, head: number, distance: number, inputs: PositionInputs): Node;
}

export const positionTwins: Readonly<Record<PositionName, PositionTwin>> = {
  none: {},
  learned: {
    embed: (_, at, width, inputs) => places(at, width, inputs),
  },
  sinusoidal: { embed: sinusoids },
  "qk-only": { embedScores: sinusoids },
  "qk-learned": { embedScores: (_, at, width, inputs) => places(at, width, inputs) },
  rope: { rotate: (g, x, at, { options }) => turned(g, x, at, base(options, x.shape[3]!)) },
  rerope: {
    turn: (query, key, { options: { near } }) => {
      if (Math.abs(query - key) < near) return [query, key];
      return query > key ? [near, 0] : [0, near];
    },
  },
  "window-rope": {
    turn: (query, key, { options: { near } }) => (Math.abs(query - key) < near ? [query, key] : [0, 0]),
  },
  alibi: {
    // For a power of two heads.
    bias: (g, head, distance, { heads }) => g.leaf(-(2 ** ((-8 * (head + 1)) / heads)) * Math.abs(distance)),
  },
  relative: { bias: (g, head, distance, inputs) => biased(g, entry(inputs, head, distance), inputs) },
  urpe: { factor: (_, head, distance, inputs) => entry(inputs, head, distance) },
  t5: {
    bias: (g, head, distance, inputs) => {
      const { parameters, options, causal } = inputs;
      const { buckets, farthest } = options;
      const side = causal ? buckets : buckets / 2;
      const steps = causal ? Math.max(distance, 0) : Math.abs(distance);
      const exact = side / 2;
      const wide = exact + Math.floor((Math.log(steps / exact) / Math.log(farthest / exact)) * exact);
      const bucket = steps < exact ? Math.floor(steps) : Math.min(wide, side - 1);
      const column = bucket + (!causal && distance < 0 ? side : 0);
      return biased(
        g,
        parameters["position.weight"]!.data[tableRow(inputs, head) * buckets + column]!,
        inputs,
      );
    },
  },
  "kerple-log": {
    bias: (g, head, distance, { parameters }) => {
      const [r1, r2] = curve(parameters, head).map((value) => g.exp(value)) as [Node, Node];
      return g.scale(g.mul(r1, g.log(g.add(g.leaf(1), g.scale(r2, Math.abs(distance))))), -1);
    },
  },
  "kerple-power": {
    bias: (g, head, distance, { parameters }) => {
      if (distance === 0) return g.leaf(0);
      const [height, rate] = curve(parameters, head);
      const power = g.scale(sigmoid(g, rate), 2 * Math.log(Math.abs(distance)));
      return g.scale(g.mul(g.exp(height), g.exp(power)), -1);
    },
  },
  sandwich: {
    bias: (g, head, distance, { parameters, headWidth }) => {
      const pairs = Array.from({ length: headWidth / 2 }, (_, i) => 10000 ** ((-2 * i) / headWidth));
      const sum = pairs.reduce((total, frequency) => total + Math.cos(distance * frequency), 0);
      return g.scale(parameters["position.gain"]!.data[head]!, sum);
    },
  },
};

/** Rows of a learned table. */
function places(at: At, width: number, { parameters }: PositionInputs): Grid {
  const { data } = parameters["position.weight"]!;
  return { shape: [at.length, width], data: at.flatMap((p) => data.slice(p * width, (p + 1) * width)) };
}

/** Where the biases of a head begin, which may be of this layer alone. */
function tableRow({ heads, layer, options }: PositionInputs, head: number): number {
  return (options.biasPer === "layer" ? layer * heads : 0) + head;
}

function biased(g: Graph, bias: Node, { options }: PositionInputs): Node {
  return g.scale(bias, options.biasFactor);
}

/** Of heads of D channels: NTK-aware scaling raises the base by stretch^(D / (D - 2)). */
function base({ ropeBase, ropeStretch }: Options, D: number): number {
  return D > 2 ? ropeBase * ropeStretch ** (D / (D - 2)) : ropeBase;
}

function sinusoids(g: Graph, at: At, width: number): Grid {
  const data = at.flatMap((p) =>
    Array.from({ length: width }, (_, c) => {
      const angle = p / 10000 ** ((2 * Math.floor(c / 2)) / width);
      return g.leaf(c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }),
  );
  return { shape: [at.length, width], data };
}

export function sigmoid(g: Graph, x: Node): Node {
  return g.div(g.leaf(1), g.add(g.leaf(1), g.exp(g.scale(x, -1))));
}

function curve(parameters: Parameters, head: number): [Node, Node] {
  return [parameters["position.height"]!.data[head]!, parameters["position.rate"]!.data[head]!];
}

/** Of a table [H, 2 span + 1] by clipped distance. */
function entry(inputs: PositionInputs, head: number, distance: number): Node {
  const { data, shape } = inputs.parameters["position.weight"]!;
  const count = shape[1]!;
  const span = (count - 1) / 2;
  return data[tableRow(inputs, head) * count + span + Math.max(-span, Math.min(span, distance))]!;
}

/** Positions of `tokens` tokens at test time. */
export const indexTwins: Readonly<
  Record<IndexName, (tokens: number, context: number, options: Options, causal: boolean) => number[]>
> = {
  plain: (tokens) => Array.from({ length: tokens }, (_, i) => i),
  "random-subset": spaced,
  "evenly-spaced": spaced,
  "equal-mean": (tokens) => Array.from({ length: tokens }, (_, i) => i),
};

function spaced(tokens: number, context: number, { reach }: Options, causal: boolean): number[] {
  const step = (reach || 4 * context) / (causal ? context : tokens);
  return Array.from({ length: tokens }, (_, i) => Math.floor(i * step + 1e-9));
}

/** Turns channels (j, j + D/2) of x [B, T, H, D] by the angle at[t] base^(-2j/D). */
export function turned(g: Graph, x: Grid, at: At, base = 10000): Grid {
  const [, T, H] = x.shape as [number, number, number, number];
  return mapRows(x, (row, index) => turnedRow(g, row, at[Math.floor(index / H) % T]!, base));
}

export function turnedRow(g: Graph, row: readonly Node[], position: number, base = 10000): Node[] {
  const half = row.length / 2;
  return row.map((value, c) => {
    const j = c % half;
    const angle = position * base ** (-j / half);
    const other = row[c < half ? c + half : j]!;
    const side = c < half ? -1 : 1;
    return g.add(g.scale(value, Math.cos(angle)), g.scale(other, side * Math.sin(angle)));
  });
}
