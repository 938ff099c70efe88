// Statistics of weights on matrices whose answers are known, and against the products multiplied out.
import { describe, expect, test } from "vitest";
import {
  type Circuits,
  directPath,
  fullOv,
  fullQk,
  type HeadCircuit,
  positionQk,
} from "../../src/analysis/circuits";
import { compositionBaseline, compositionScore, compositionScores } from "../../src/analysis/composition";
import { copyingScore, diagonalStatistics, eigenRatio } from "../../src/analysis/copying";
import { FactoredMatrix } from "../../src/analysis/factored";
import { headLabels } from "../../src/analysis/head-labels";
import { sameMatching } from "../../src/analysis/matching";
import { type Matrix, matrix, plus, product, transposed } from "../../src/analysis/matrix";
import { rng } from "../../src/tensor/rng";
import { randomMatrix, randomRun } from "./random-circuits";

const asFactored = (m: Matrix) => new FactoredMatrix(m, identity(m.columns));

describe("copying", () => {
  const ratio = (values: number[]) => eigenRatio(asFactored(matrix(2, 2, values)).eigenvalues());

  test("is 1 for positive eigenvalues, -1 for negative ones, 0 for a quarter turn and for nothing", () => {
    expect(ratio([2, 1, 0, 3])).toBeCloseTo(1, 12);
    expect(ratio([-2, 1, 0, -3])).toBeCloseTo(-1, 12);
    expect(ratio([0, -1, 1, 0])).toBeCloseTo(0, 12);
    expect(ratio([3, 0, 0, -1])).toBeCloseTo(0.5, 12);
    expect(ratio([0, 0, 0, 0])).toBe(0);
  });

  test("positive eigenvalues alone do not make a matrix raise every token: its diagonal tells", () => {
    const caveat = asFactored(matrix(2, 2, [3, 2, -2, -1])); // both eigenvalues are 1
    // A double eigenvalue is known to the root of the rounding error.
    expect(eigenRatio(caveat.eigenvalues())).toBeCloseTo(1, 6);
    expect(diagonalStatistics(caveat)).toEqual({ meanDiagonal: 1, meanOffDiagonal: 0, ownLargest: 1 });
    expect(caveat.entry(1, 1)).toBe(-1);
  });

  test("of random weights is small, and as often positive as negative", () => {
    const draws = rng(11);
    const ratios = Array.from({ length: 40 }, () =>
      eigenRatio(new FactoredMatrix(randomMatrix(33, 16, draws), randomMatrix(16, 33, draws)).eigenvalues()),
    );
    expect(Math.max(...ratios.map(Math.abs))).toBeLessThan(0.5);
    const positive = ratios.filter((value) => value > 0).length;
    expect(positive).toBeGreaterThan(10);
    expect(positive).toBeLessThan(30);
  });

  test("diagonal statistics are those of the product", () => {
    const draws = rng(12);
    const m = new FactoredMatrix(randomMatrix(9, 3, draws), randomMatrix(3, 9, draws));
    const dense = m.dense().values;
    let [diagonal, off, own] = [0, 0, 0];
    for (let i = 0; i < 9; i++) {
      const row = dense.subarray(9 * i, 9 * i + 9);
      if (Math.max(...row) === row[i]) own += 1;
      for (let j = 0; j < 9; j++) {
        if (i === j) diagonal += row[j]!;
        else off += row[j]!;
      }
    }
    const found = diagonalStatistics(m);
    expect(found.meanDiagonal).toBeCloseTo(diagonal / 9, 12);
    expect(found.meanOffDiagonal).toBeCloseTo(off / 72, 12);
    expect(found.ownLargest).toBe(own / 9);
  });
});

describe("the copying score", () => {
  const n = 25;
  const tokens = Array.from({ length: n + 1 }, (_, i) => i);
  const T = tokens.length;
  const uniform = Float64Array.from({ length: T * T }, (_, at) =>
    at % T <= Math.floor(at / T) ? 1 / (Math.floor(at / T) + 1) : 0,
  );
  /** Effects that raise `amount(token, source)` of a vocabulary of 40. */
  const effects = (amount: (token: number, source: number) => number) => (source: number) =>
    Float64Array.from({ length: 40 }, (_, token) => amount(token, source));

  test("is 1 for a head that raises what it reads alone, -1 for one that lowers it", () => {
    const own = effects((token, source) => (token === source ? 3 : 0));
    expect(copyingScore({ tokens, pattern: uniform, effects: own })).toBeCloseTo(1, 12);
    const lowered = effects((token, source) => (token === source ? -3 : 0));
    expect(copyingScore({ tokens, pattern: uniform, effects: lowered })).toBe(-1);
  });

  test("of a head that raises all tokens of the sample alike is chance, 4 / (n + 1) - 1 = -.846", () => {
    const alike = effects((token) => (token <= n ? 1 : -1));
    expect(copyingScore({ tokens, pattern: uniform, effects: alike })).toBeCloseTo(4 / (n + 1) - 1, 12);
  });

  test("weighs sources by their attention and leaves BOS out", () => {
    // Position 1 copies, the others lower; the last query looks at 1 with .3, at 2 with .1, and rests on BOS with the rest.
    const pattern = new Float64Array(T * T);
    pattern[(T - 1) * T] = 0.6;
    pattern[(T - 1) * T + 1] = 0.3;
    pattern[(T - 1) * T + 2] = 0.1;
    const mixed = effects((token, source) => (token === source ? (source === 1 ? 1 : -1) : 0));
    expect(copyingScore({ tokens, pattern, effects: mixed })).toBeCloseTo(4 * (0.75 * 0.5) - 1, 12);
  });

  test("needs a pattern of the tokens, and attention beyond BOS", () => {
    const own = effects(() => 1);
    expect(() => copyingScore({ tokens, pattern: [1], effects: own })).toThrow("a pattern must be [T, T]");
    expect(() => copyingScore({ tokens, pattern: new Float64Array(T * T), effects: own })).toThrow(
      "some token after BOS must be attended to",
    );
  });
});

describe("composition", () => {
  test("scores are |A B| / (|A| |B|) of the products multiplied out, for pairs of different layers", () => {
    const { circuits } = randomRun(3, 6);
    for (const kind of ["Q", "K", "V"] as const) {
      const scores = compositionScores(circuits, kind);
      expect(scores).toHaveLength(3 * 4);
      for (const { from, to, score } of scores) {
        const left = circuits.layers[from.layer]![from.head]!.ov.dense();
        const { qk, ov } = circuits.layers[to.layer]![to.head]!;
        const right = kind === "V" ? ov.dense() : kind === "Q" ? qk.dense() : transposed(qk.dense());
        expect(score).toBeCloseTo(norm(product(left, right)) / (norm(left) * norm(right)), 12);
      }
    }
  });

  test("of a head that reads just what another wrote is 1 / sqrt(D), of one that reads elsewhere 0", () => {
    // OV writes into channels 0..3; QK reads its keys from there, and its queries from 4..7.
    const [C, D] = [8, 4];
    const channels = (first: number) =>
      matrix(
        C,
        D,
        Array.from({ length: C * D }, (_, at) => +(Math.floor(at / D) === first + (at % D))),
      );
    const ov = new FactoredMatrix(channels(4), transposed(channels(0)));
    const qk = new FactoredMatrix(channels(4), transposed(channels(0)));
    expect(compositionScore(ov, qk.transposed())).toBeCloseTo(1 / Math.sqrt(D), 12);
    expect(compositionScore(ov, qk)).toBe(0);
    expect(compositionScore(ov, asFactored(matrix(C, C)))).toBe(0);
  });

  test("baselines of random weights are numpy's, about 1 / sqrt(width)", () => {
    // Mean and deviation of 2000 pairs in numpy.
    for (const [width, headWidth, mean, deviation] of [
      [32, 16, 0.17626, 0.0116],
      [48, 12, 0.14394, 0.0107],
      [64, 16, 0.12504, 0.0069],
    ] as const) {
      const baseline = compositionBaseline({ width, headWidth }, rng(1));
      expect(Math.abs(baseline - mean)).toBeLessThan((3 * deviation) / Math.sqrt(200));
      expect(Math.abs(baseline * Math.sqrt(width) - 1)).toBeLessThan(0.04);
    }
  });
});

describe("matching of the same token", () => {
  test("equals the products multiplied out", () => {
    const { circuits } = randomRun(3, 7);
    const previous = [
      [0.3, 0.5],
      [0.1, 0.2],
    ];
    const head = circuits.layers[2]![1]!;
    const written = circuits.layers
      .slice(0, 2)
      .flatMap((heads, l) => heads.map(({ ov }, h) => scaled(ov.dense(), previous[l]![h]!)))
      .reduce((sum, m) => plus(sum, m));
    const { embedding } = circuits;
    const queries = product(embedding, head.qk.left);
    const keys = product(product(embedding, written), transposed(head.qk.right));
    const expected = product(queries, transposed(keys)).values;
    for (const [at, value] of sameMatching(circuits, head, previous).dense().values.entries())
      expect(value).toBeCloseTo(expected[at]!, 12);
  });

  test("of a hand-made induction circuit is the identity times the previous-token score", () => {
    // Tokens in channels 0..V-1; the first layer moves them to V..2V-1, where keys are read; queries read tokens.
    const V = 5;
    const block = (first: number) =>
      matrix(
        2 * V,
        V,
        Array.from({ length: 2 * V * V }, (_, at) => +(Math.floor(at / V) === first + (at % V))),
      );
    const nothing = new FactoredMatrix(matrix(2 * V, V), matrix(V, 2 * V));
    const circuits: Circuits = {
      embedding: transposed(block(0)),
      unembedding: block(0),
      layers: [
        [{ layer: 0, head: 0, qk: nothing, ov: new FactoredMatrix(block(0), transposed(block(V))) }],
        [{ layer: 1, head: 0, qk: new FactoredMatrix(block(0), transposed(block(V))), ov: nothing }],
      ],
    };
    const found = sameMatching(circuits, circuits.layers[1]![0]!, [[0.7]]);
    expect(found.trace()).toBeCloseTo(0.7 * V, 12);
    expect(eigenRatio(found.eigenvalues())).toBeCloseTo(1, 12);
    expect(diagonalStatistics(found)).toEqual({
      meanDiagonal: expect.closeTo(0.7, 12),
      meanOffDiagonal: 0,
      ownLargest: 1,
    });
  });

  test("needs earlier layers and their scores", () => {
    const { circuits } = randomRun(2, 8);
    expect(() => sameMatching(circuits, circuits.layers[0]![1]!, [])).toThrow(
      "sameMatching: a head needs earlier layers to read from, L0H1 has none",
    );
    expect(() => sameMatching(circuits, circuits.layers[1]![0]!, [[0.1]])).toThrow("L0H1 has none");
  });
});

test("circuits over tokens and positions are the products multiplied out", () => {
  const { circuits } = randomRun(1, 9);
  const { embedding, unembedding } = circuits;
  const head: HeadCircuit = circuits.layers[0]![0]!;
  const position = randomMatrix(6, 12, rng(2));
  close(fullOv(circuits, head).dense(), product(product(embedding, head.ov.dense()), unembedding));
  close(fullQk(circuits, head).dense(), product(product(embedding, head.qk.dense()), transposed(embedding)));
  close(directPath(circuits).dense(), product(embedding, unembedding));
  close(
    positionQk({ ...circuits, position }, head).dense(),
    product(product(position, head.qk.dense()), transposed(position)),
  );
  expect(() => positionQk(circuits, head)).toThrow(
    "queries and keys must see positions beside the residual stream",
  );
});

test("labels follow from scores", () => {
  const scores = { previousToken: 0, duplicateToken: 0, prefixMatching: 0, copying: 0 };
  expect(headLabels(scores)).toEqual([]);
  expect(headLabels({ ...scores, previousToken: 0.5 })).toEqual(["previous-token"]);
  expect(headLabels({ ...scores, prefixMatching: 0.9, copying: 0.9 })).toEqual(["induction"]);
  expect(headLabels({ ...scores, prefixMatching: 0.9, copying: -0.9 })).toEqual(["anti-copying"]);
  expect(headLabels({ ...scores, prefixMatching: 0.9, copying: 0.1 })).toEqual([]);
  expect(headLabels({ ...scores, duplicateToken: 0.4, previousToken: 0.4 })).toEqual([
    "previous-token",
    "duplicate-token",
  ]);
});

function scaled(m: Matrix, factor: number): Matrix {
  return matrix(
    m.rows,
    m.columns,
    m.values.map((value) => factor * value),
  );
}

function norm({ values }: Matrix): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function identity(size: number): Matrix {
  return matrix(
    size,
    size,
    Array.from({ length: size * size }, (_, at) => +(at % (size + 1) === 0)),
  );
}

function close(found: Matrix, expected: Matrix): void {
  expect([found.rows, found.columns]).toEqual([expected.rows, expected.columns]);
  for (const [at, value] of found.values.entries()) expect(value).toBeCloseTo(expected.values[at]!, 12);
}
