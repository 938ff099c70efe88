// The float64 twins of the variants: logits [B, H, T, T] of x [B, T, C], before scale per row, bias, mask and normaliser.
import type { AttentionName } from "../../src/attention";
import { memberNames } from "../../src/attention/mixture";
import type { Parameters, PositionInputs, PositionTwin } from "./attention-positions";
import { sigmoid, turnedRow } from "./attention-positions";
import type { Graph, Node } from "./graph";
import { type Grid, linear, map, queryKey, reshape } from "./ops";
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

export const attentionTwins: Readonly<Record<AttentionName, (g: Graph, scores: ScoreInputs) => Grid>> = {
  "dot-product": (g, scores) => {
    const { x, parameters, place, heads, kvHeads } = scores;
    const q = split(g, project(g, x, parameters, `${place}.query`), heads);
    const k = split(g, project(g, x, parameters, `${place}.key`), kvHeads);
    return compared(g, q, k, scores, parameters[`${place}.shares`]);
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
  "linear-elu": noScores,
  "linear-exp": noScores,
};

function noScores(): Grid {
  throw new Error("twin: linear attention has no scores");
}

type Feature = (g: Graph, x: Node) => Node;

/** Variants without scores, by their features. */
export const linearTwins: Readonly<Partial<Record<AttentionName, Feature>>> = {
  "linear-elu": (g, x) => (x.value > 0 ? g.add(x, g.leaf(1)) : g.exp(x)),
  "linear-exp": (g, x) => g.exp(x),
};

/**
 * Running sums S of k vᵀ and z of k: token t gives q S / q z, with the sums over the tokens up to it or over all.
 * @param counts whether sequence b has a token s
 */
export function linearMix(
  g: Graph,
  scores: ScoreInputs,
  feature: Feature,
  values: Grid,
  { causal, counts }: { causal: boolean; counts: (b: number, s: number) => boolean },
): Grid {
  const { x, parameters, heads, kvHeads, position, at, inputs, factor } = scores;
  const place = (name: string, count: number) => {
    const raw = split(g, project(g, x, parameters, `layer.scores.${name}`), count);
    return position.rotate?.(g, raw, at, inputs) ?? raw;
  };
  const q = map(place("query", heads), (value) => feature(g, g.scale(value, factor)));
  const k = map(place("key", kvHeads), (value) => feature(g, value));
  const [B, T, H, D] = q.shape as [number, number, number, number];
  const row = (grid: Grid, b: number, t: number, h: number) => {
    const G = grid.shape[2]!;
    const start = ((b * T + t) * G + Math.floor(h / (H / G))) * D;
    return grid.data.slice(start, start + D);
  };
  const out: Node[][] = Array.from({ length: B * T * H }, () => []);
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++) {
      let S: Node[][] = Array.from({ length: D }, () => Array.from({ length: D }, () => g.leaf(0)));
      let z: Node[] = Array.from({ length: D }, () => g.leaf(0));
      const take = (s: number) => {
        if (!counts(b, s)) return;
        const [key, value] = [row(k, b, s, h), row(values, b, s, h)];
        S = S.map((line, i) => line.map((sum, e) => g.add(sum, g.mul(key[i]!, value[e]!))));
        z = z.map((sum, i) => g.add(sum, key[i]!));
      };
      if (!causal) for (let s = 0; s < T; s++) take(s);
      for (let t = 0; t < T; t++) {
        if (causal) take(t);
        const query = row(q, b, t, h);
        const total = g.dot(query, z);
        const mixed = S[0]!.map((_, e) =>
          g.dot(
            query,
            S.map((line) => line[e]!),
          ),
        );
        out[(b * T + t) * H + h] = mixed.map((value) => (total.value === 0 ? value : g.div(value, total)));
      }
    }
  return { shape: q.shape, data: out.flat() };
}

/** Logits [B, H, T, T] of raw queries and keys [B, T, heads, D]; smeared where there are shares [G]. */
export function compared(
  g: Graph,
  q: Grid,
  k: Grid,
  { position, inputs, at, factor }: ScoreInputs,
  shares?: Grid,
): Grid {
  const { turn } = position;
  if (turn) return turnedPairs(g, q, k, (i, j) => turn(at[i]!, at[j]!, inputs), factor);
  const rotate = (heads: Grid) => position.rotate?.(g, heads, at, inputs) ?? heads;
  const [queries, keys] = [rotate(q), rotate(k)];
  return queryKey(g, queries, shares ? smeared(g, keys, shares) : keys, factor);
}

/** sigmoid(share) k_t + (1 - sigmoid(share)) k_(t-1) of keys [B, S, G, D]; the first stays. */
function smeared(g: Graph, keys: Grid, shares: Grid): Grid {
  const [, S, G, D] = keys.shape as [number, number, number, number];
  return map(keys, (value, i) => {
    if (Math.floor(i / (G * D)) % S === 0) return value;
    const gate = sigmoid(g, shares.data[Math.floor(i / D) % G]!);
    return g.add(g.mul(gate, value), g.mul(g.sub(g.leaf(1), gate), keys.data[i - G * D]!));
  });
}

/** Each query and each key turned by positions that depend on both. */
function turnedPairs(
  g: Graph,
  q: Grid,
  k: Grid,
  positions: (i: number, j: number) => readonly [number, number],
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
          const [query, key] = positions(i, j);
          const turnedQuery = turnedRow(g, row(q, b, i, h, H), query);
          const turnedKey = turnedRow(g, row(k, b, j, Math.floor(h / (H / G)), G), key);
          data.push(g.scale(g.dot(turnedQuery, turnedKey), factor));
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
