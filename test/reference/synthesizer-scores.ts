// The float64 twins of synthesizers, entry by entry as the paper writes them: logits [B, H, T, T] of x [B, T, C].
import { factorSizes } from "../../src/attention/factorized-dense";
import type { ScoreInputs } from "./attention-scores";
import type { Graph, Node } from "./graph";
import { type Grid, linear, mapRows, softmax } from "./ops";

type Entry = (b: number, h: number, i: number, j: number) => Node;

/** R[h, i, j]. */
export function randomScores(_: Graph, scores: ScoreInputs): Grid {
  const table = cube(scores, "table");
  return fill(scores, (_, h, i, j) => table(h, i, j));
}

/** sum over r of R1[h, i, r] R2[h, j, r]; pooled: of R1[h, j, r] R2[h, j, r]. */
export function factorizedRandomScores(g: Graph, scores: ScoreInputs): Grid {
  const [left, right] = [cube(scores, "left"), cube(scores, "right")];
  const { rank, factors } = scores.inputs.options;
  const row = (of: typeof left, h: number, i: number) => Array.from({ length: rank }, (_, r) => of(h, i, r));
  return fill(scores, (_, h, i, j) => g.dot(row(left, h, factors === "pooled" ? j : i), row(right, h, j)));
}

/** relu(x_i W1 + b1) W2 + b2, of which entry j. */
export function denseScores(g: Graph, scores: ScoreInputs): Grid {
  const second = byPosition(g, scores, "second", hidden(g, scores));
  return fill(scores, second);
}

/** A_i[j mod a] B_i[j div a], A_i[j mod a] B_i[j mod b], or A_i[j mod a] B_j[i mod b]. */
export function factorizedDenseScores(g: Graph, scores: ScoreInputs, map: string): Grid {
  const [a, b] = factorSizes(scores.context, scores.inputs.options);
  const inside = hidden(g, scores);
  const [A, B] = [byPosition(g, scores, "a", inside), byPosition(g, scores, "b", inside)];
  const other: Entry =
    map === "tile-repeat"
      ? (n, h, i, j) => B(n, h, i, Math.floor(j / a))
      : map === "tile-tile"
        ? (n, h, i, j) => B(n, h, i, j % b)
        : (n, h, i, j) => B(n, h, j, i % b);
  return fill(scores, (n, h, i, j) => g.mul(A(n, h, i, j % a), other(n, h, i, j)));
}

/** sum over t of alpha[h, t] S_t. */
export function mixtureScores(g: Graph, scores: ScoreInputs, members: readonly Grid[]): Grid {
  const { heads, x, place, parameters } = scores;
  const T = x.shape[1]!;
  const alpha = mixtureWeights(g, scores.inputs.options.alpha, parameters[`${place}.lambda`], members.length);
  return fill(scores, (b, h, i, j) =>
    g.dot(
      alpha[h % alpha.length]!,
      members.map(({ data }) => data[((b * heads + h) * T + i) * T + j]!),
    ),
  );
}

function mixtureWeights(g: Graph, kind: string, lambda: Grid | undefined, count: number): Node[][] {
  if (!lambda) return [Array.from({ length: count }, () => g.leaf(1))];
  if (kind === "sigmoid") {
    // 1 / (1 + exp(-l)), and the rest.
    return lambda.data.map((l) => {
      const first = g.div(g.leaf(1), g.add(g.leaf(1), g.exp(g.scale(l, -1))));
      return [first, g.sub(g.leaf(1), first)];
    });
  }
  const rows: Node[][] = [];
  mapRows(softmax(g, lambda), (row) => {
    rows.push([...row]);
    return row;
  });
  return rows;
}

/** relu(x W1 + b1) as rows: hidden(b, i, h)[c]. */
function hidden(g: Graph, { x, parameters, place, heads, inputs }: ScoreInputs) {
  const name = `${place}.hidden.first`;
  const y = linear(g, x, parameters[`${name}.weight`]!, parameters[`${name}.bias`]);
  const values = y.data.map((value) => g.relu(value));
  const [, T] = x.shape as [number, number, number];
  const width = inputs.options.hidden || x.shape[2]! / heads;
  return (b: number, i: number, h: number): Node[] => {
    const start = ((b * T + i) * heads + h) * width;
    return values.slice(start, start + width);
  };
}

/** Head h of row i by the weights of output j, [N, H or 1, D], and their bias [H or 1, N]. */
function byPosition(
  g: Graph,
  { parameters, place }: ScoreInputs,
  name: string,
  inside: (b: number, i: number, h: number) => Node[],
): Entry {
  const weight = parameters[`${place}.${name}.weight`]!;
  const bias = parameters[`${place}.${name}.bias`];
  const [N, G, D] = weight.shape as [number, number, number];
  const known = new Map<string, Node>();
  return (b, h, i, j) => {
    const key = [b, h, i, j].join();
    const head = h % G;
    const make = () => {
      const start = (j * G + head) * D;
      const value = g.dot(inside(b, i, h), weight.data.slice(start, start + D));
      return bias ? g.add(value, bias.data[head * N + j]!) : value;
    };
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
}

/** Entry [h, i, j] of a table of three axes. */
function cube({ parameters, place }: ScoreInputs, name: string) {
  const { shape, data } = parameters[`${place}.${name}`]!;
  const [, rows, columns] = shape as [number, number, number];
  return (h: number, i: number, j: number): Node => data[(h * rows + i) * columns + j]!;
}

function fill({ x, heads }: ScoreInputs, entry: Entry): Grid {
  const [B, T] = x.shape as [number, number, number];
  const data: Node[] = [];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < T; i++) for (let j = 0; j < T; j++) data.push(entry(b, h, i, j));
  return { shape: [B, heads, T, T], data };
}
