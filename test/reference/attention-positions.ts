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
  readonly layer: number;
}

type At = readonly number[];

export interface PositionTwin {
  /** Rows [T, C] to add to the embeddings; to what queries and keys are made of. */
  embed?(g: Graph, at: At, width: number, inputs: PositionInputs): Grid;
  embedScores?(g: Graph, at: At, width: number, inputs: PositionInputs): Grid;
  /** Queries or keys [B, T, H, D]. */
  rotate?(g: Graph, x: Grid, at: At, inputs: PositionInputs): Grid;
  /** By which distance a query is turned against a key, instead of `rotate`. */
  turn?(distance: number, inputs: PositionInputs): number;
  /** Keys [B, S, G, D] made of the raw ones. */
  keys?(g: Graph, raw: Grid, inputs: PositionInputs): Grid;
  bias?(g: Graph, head: number, distance: number, inputs: PositionInputs): Node;
  factor?(g: Graph, head: number, distance: number, inputs: PositionInputs): Node;
}

export const positionTwins = {
  none: {},
  learned: {
    embed: (_, at, width, { parameters }) => ({
      shape: [at.length, width],
      data: at.flatMap((p) => parameters["position.weight"]!.data.slice(p * width, (p + 1) * width)),
    }),
  },
  rope: { rotate: (g, x, at) => turned(g, x, at) },
} satisfies Record<PositionName, PositionTwin>;

/** Positions of `tokens` tokens at test time. */
export const indexTwins: Readonly<
  Record<IndexName, (tokens: number, context: number, options: Options, causal: boolean) => number[]>
> = {
  plain: (tokens) => Array.from({ length: tokens }, (_, i) => i),
};

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
