// The float64 twins of the variants: logits [B, H, T, T] of x [B, T, C], before scale per row, bias, mask and normaliser.
import type { AttentionName } from "../../src/attention";
import { memberNames } from "../../src/attention/mixture";
import type { Parameters, PositionInputs, PositionTwin } from "./attention-positions";
import { turnedRow } from "./attention-positions";
import type { Graph, Node } from "./graph";
import { type Grid, linear, queryKey, reshape } from "./ops";
import {
  denseScores,
  factorizedDenseScores,
  factorizedRandomScores,
  mixtureScores,
  randomScores,
} from "./synthesizer-scores";

export interface ScoreInputs {
  readonly x: Grid;
  readonly parameters: Parameters;
  /** Path of the scorer's parameters. */
  readonly place: string;
  readonly position: PositionTwin;
  readonly inputs: PositionInputs;
  readonly at: readonly number[];
  readonly heads: number;
  readonly kvHeads: number;
  readonly context: number;
  /** The constant factor on products of queries and keys. */
  readonly factor: number;
}

export const attentionTwins: Record<AttentionName, (g: Graph, scores: ScoreInputs) => Grid> = {
  "dot-product": (g, scores) => {
    const { x, parameters, place, heads, kvHeads } = scores;
    const q = split(g, project(g, x, parameters, `${place}.query`), heads);
    const k = split(g, project(g, x, parameters, `${place}.key`), kvHeads);
    return compared(g, q, k, scores);
  },
  "random-synthesizer": randomScores,
  "fixed-random": randomScores,
  "factorized-random": factorizedRandomScores,
  "dense-synthesizer": denseScores,
  "factorized-dense": (g, scores) => factorizedDenseScores(g, scores, scores.inputs.options.factorMap),
  "factorized-dense-transposed": (g, scores) => factorizedDenseScores(g, scores, "transpose"),
  mixture: (g, scores) => {
    const names = memberNames(scores.inputs.options.members);
    const members = names.map((name, m) =>
      attentionTwins[name](g, { ...scores, place: `${scores.place}.members.${m}` }),
    );
    return mixtureScores(g, scores, members);
  },
};

/** Logits [B, H, T, T] of raw queries and keys [B, T, heads, D]. */
export function compared(g: Graph, q: Grid, k: Grid, { position, inputs, at, factor }: ScoreInputs): Grid {
  const { turn } = position;
  if (turn) return turnedPairs(g, q, k, (i, j) => turn(at[i]! - at[j]!, inputs), factor);
  const keys = position.keys?.(g, k, inputs) ?? k;
  const rotate = (heads: Grid) => position.rotate?.(g, heads, at, inputs) ?? heads;
  return queryKey(g, rotate(q), rotate(keys), factor);
}

/** Each query turned against each key by a distance of its own. */
function turnedPairs(
  g: Graph,
  q: Grid,
  k: Grid,
  distance: (i: number, j: number) => number,
  factor: number,
): Grid {
  const [B, T, H, D] = q.shape as [number, number, number, number];
  const G = k.shape[2]!;
  const row = (x: Grid, b: number, t: number, h: number, heads: number) => {
    const start = ((b * T + t) * heads + h) * D;
    return x.data.slice(start, start + D);
  };
  const data: Node[] = [];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let i = 0; i < T; i++)
        for (let j = 0; j < T; j++) {
          const turned = turnedRow(g, row(q, b, i, h, H), distance(i, j));
          data.push(g.scale(g.dot(turned, row(k, b, j, Math.floor(h / (H / G)), G)), factor));
        }
  return { shape: [B, H, T, T], data };
}

export function project(g: Graph, x: Grid, parameters: Parameters, name: string): Grid {
  return linear(g, x, parameters[`${name}.weight`]!, parameters[`${name}.bias`]);
}

/** [B, T, H D] as [B, T, H, D]. */
export function split(g: Graph, x: Grid, heads: number): Grid {
  const [B, T, C] = x.shape as [number, number, number];
  return reshape(g, x, [B, T, heads, C / heads]);
}
