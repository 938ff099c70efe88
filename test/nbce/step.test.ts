// The step of NBCE against its golden vectors, its closed forms and its edges (Su 2023, kexue.fm/archives/9617 and 9632).
import { describe, expect, test } from "vitest";
import { logSoftmax, rowEntropy, truncate } from "../../src/nbce/log-probabilities";
import { nbceStep } from "../../src/nbce/step";
import { noise } from "../assembly/battery";

const V = 30;
/** All of the distribution, as in the closed forms. */
const whole = { topP: 1 } as const;
const logits = (seed: number) => Array.from(noise(V, seed), (value) => 3 * value);
const logs = (...p: number[]) => p.map(Math.log);

function expectNear(actual: ArrayLike<number>, wanted: ArrayLike<number>, within = 1e-12): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    if (actual[i] === wanted[i]) continue; // infinities
    expect(Math.abs(actual[i]! - wanted[i]!), `at ${i}`).toBeLessThanOrEqual(within);
  }
}

describe("golden vectors", () => {
  const rows = [logs(0.4, 0.3, 0.2, 0.1), logs(0.1, 0.7, 0.15, 0.05), logs(0.25, 0.25, 0.25, 0.25)];
  const out = [-2.649159, -0.14485, -1.969041, -3.169019];

  test("of three rows", () => {
    const step = nbceStep(rows, {}, { beta: 0.25, topP: 1 });
    expectNear(
      rows.map((row) => rowEntropy(logSoftmax(row))),
      [1.279854, 0.914286, 1.386294],
      5e-7,
    );
    expectNear(step.entropies, [0.914286, 1.386294], 5e-7);
    expect(step.chosen).toBe(0);
    expectNear(step.scores, out, 5e-7);
    expectNear(step.logProbabilities.map(Math.exp), [0.063276, 0.774186, 0.124914, 0.037624], 5e-7);
  });

  test("of the same, truncated: entropies are not renormalised", () => {
    const step = nbceStep(rows, {}, { beta: 0.25, topP: 0.9 });
    expect(Math.abs(step.entropies[0]! - 0.764499)).toBeLessThanOrEqual(5e-7);
    expectNear(step.scores, [...out.slice(0, 3), Number.NEGATIVE_INFINITY], 5e-7);
  });

  test("of eta: a context keeps its place unless another is less unsure by it", () => {
    const flat = new Float64Array(50);
    const one = flat.with(0, 5);
    const two = flat.with(1, 5.02);
    expectNear(
      [flat, one, two].map((row) => rowEntropy(logSoftmax(row))),
      [3.91202, 1.52635, 1.50775],
      5e-6,
    );
    const chosen = (previous: number | undefined, eta: number) =>
      nbceStep([flat, one, two], { chosen: previous }, { ...whole, eta }).chosen;
    expect([chosen(undefined, 0.1), chosen(0, 0.1), chosen(0, 0.01)]).toEqual([1, 0, 1]);
  });
});

describe("closed forms", () => {
  test("one context, beta 0: its own distribution, to the bit", () => {
    const [a, b] = [logits(1), logits(2)];
    expect(nbceStep([a, b], {}, { ...whole, beta: 0 }).scores).toEqual(logSoftmax(b));
  });

  test("a context that changes nothing: the model itself, for every beta and pool", () => {
    const row = logits(1);
    for (const pool of ["min-entropy", "mean", "max", "weighted"] as const) {
      for (const beta of [-1, 0, 0.25, 3, 31]) {
        expectNear(nbceStep([row, row, row], {}, { ...whole, beta, pool }).scores, logSoftmax(row), 1e-12);
      }
    }
  });

  test("the same context twice is the context once", () => {
    const [alone, a, b] = [logits(1), logits(2), logits(3)];
    for (const pool of ["min-entropy", "max"] as const) {
      expect(nbceStep([alone, a, b, a, b], {}, { pool }).scores).toEqual(
        nbceStep([alone, a, b], {}, { pool }).scores,
      );
    }
    expectNear(
      nbceStep([alone, a, a, a], {}, { ...whole, pool: "mean" }).scores,
      nbceStep([alone, a], {}, { ...whole, pool: "mean" }).scores,
    );
  });

  test("mean with beta n - 1 is naive Bayes: the sum of contexts less n - 1 times the prior", () => {
    const [prior, ...rows] = [1, 2, 3, 4, 5].map((seed) => logSoftmax(logits(seed)));
    const n = rows.length;
    const wanted = prior!.map((value, t) => rows.reduce((sum, row) => sum + row[t]!, 0) - (n - 1) * value);
    expectNear(nbceStep([prior!, ...rows], {}, { ...whole, pool: "mean", beta: n - 1 }).scores, wanted);
  });

  test("weights: one alone is that context, equal ones the mean, any unit; by default e^-entropy", () => {
    const rows = [1, 2, 3].map(logits);
    const scores = (weights?: number[]) =>
      nbceStep(rows, {}, { ...whole, pool: "weighted", beta: 0, weights }).scores;
    expect(scores([0, 5])).toEqual(logSoftmax(rows[2]!));
    expectNear(scores([7, 7]), nbceStep(rows, {}, { ...whole, pool: "mean", beta: 0 }).scores);
    const [a, b] = rows.slice(1).map((row) => Math.exp(-rowEntropy(logSoftmax(row))));
    expectNear(scores(), scores([a!, b!]));
  });

  test("entropy of V tokens alike is ln V, of one 0", () => {
    expect(rowEntropy(logSoftmax(new Float64Array(V)))).toBeCloseTo(Math.log(V), 12);
    expect(rowEntropy(logSoftmax([Number.NEGATIVE_INFINITY, 3]))).toBe(0);
  });
});

describe("truncation", () => {
  const row = logSoftmax(logs(0.05, 0.4, 0.3, 0.2, 0.05));
  const kept = (options: Parameters<typeof truncate>[1], of = row) =>
    Array.from(truncate(of, options), (value, i) => (value === of[i] ? i : -1)).filter((i) => i >= 0);

  test("top-p drops the least likely that sum to at most 1 - p, and never the likeliest", () => {
    expect(kept({ topP: 0.95 })).toEqual([0, 1, 2, 3]); // 0.05 goes: the later of two alike
    expect(kept({ topP: 0.85 })).toEqual([1, 2, 3]);
    expect(kept({ topP: 0.69 })).toEqual([1, 2]);
    expect(kept({ topP: 0.41 })).toEqual([1, 2]);
    expect(kept({ topP: 1e-9 })).toEqual([1]);
    expect(kept({ topP: 1 })).toEqual([0, 1, 2, 3, 4]);
  });

  test("top-p of a long row is that of a plain sort", () => {
    const long = logSoftmax(Array.from(noise(3000, 5), (value) => 6 * value));
    for (const topP of [0.1, 0.5, 0.95, 0.999]) {
      const order = Array.from(long.keys()).sort((a, b) => long[a]! - long[b]!);
      let sum = 0;
      const dropped = order.slice(0, -1).filter((token) => {
        sum += Math.exp(long[token]!);
        return sum <= 1 - topP;
      });
      expect(kept({ topP }, long)).toEqual(
        Array.from(long.keys()).filter((token) => !dropped.includes(token)),
      );
    }
  });

  test("top-k keeps ties with the last; then top-p counts what is left", () => {
    expect(kept({ topK: 2 })).toEqual([1, 2]);
    expect(kept({ topK: 4 })).toEqual([0, 1, 2, 3, 4]);
    expect(kept({ topK: 99 })).toEqual([0, 1, 2, 3, 4]);
    // Of 0.4, 0.3, 0.2 the last is 0.222: more than 0.2 may go, 0.2 of 1 may not.
    expect(kept({ topK: 3, topP: 0.77 })).toEqual([1, 2]);
    expect(kept({ topK: 3, topP: 0.79 })).toEqual([1, 2, 3]);
  });
});

describe("edges", () => {
  const impossible = Number.NEGATIVE_INFINITY;

  test("no context: plain decoding, truncated", () => {
    const row = logs(0.5, 0.3, 0.2);
    const step = nbceStep([row], { chosen: 4 }, { topP: 0.75 });
    expectNear(step.scores, [Math.log(0.5), Math.log(0.3), impossible]);
    expectNear(step.logProbabilities, [Math.log(0.625), Math.log(0.375), impossible]);
    expect(step).toMatchObject({ chosen: undefined, weights: undefined, state: {} });
    expect(step.entropies).toHaveLength(0);
  });

  test("ties: the first context wins, and the first token of those alike", () => {
    const row = logits(2);
    expect(nbceStep([logits(1), row, row, row]).chosen).toBe(0);
    expect(nbceStep([logits(1), row, row, row], { chosen: 2 }).chosen).toBe(2);
  });

  test("what a context drops stays dropped; what only the prior drops is left as it is", () => {
    const prior = [0, 0, impossible, impossible];
    const within = [0, impossible, 0, impossible];
    for (const beta of [-1, 0, 0.25, 2]) {
      const { scores } = nbceStep([prior, within], {}, { ...whole, beta });
      const half = Math.log(0.5);
      expectNear(scores, [(1 + beta) * half - beta * half, impossible, half, impossible]);
    }
  });

  test("a prior below e^-100 counts as dropped", () => {
    const { scores } = nbceStep(
      [
        [0, -101],
        [0, 0],
      ],
      {},
      { ...whole, beta: 1 },
    );
    expectNear(scores, [2 * Math.log(0.5), Math.log(0.5)], 1e-9);
  });

  test("contexts that have no token in common: then none drops any", () => {
    const rows = [logs(0.5, 0.5), logs(0.9, 0.1), logs(0.1, 0.9)];
    const cut = nbceStep(rows, {}, { pool: "mean", topP: 0.5 });
    expect(cut.scores).toEqual(nbceStep(rows, {}, { pool: "mean", topP: 1 }).scores);
    expect(cut.logProbabilities.every(Number.isFinite)).toBe(true);
    // The other pools keep the likeliest of some context.
    for (const pool of ["min-entropy", "max"] as const)
      expect(nbceStep(rows, {}, { pool, topP: 0.5 }).logProbabilities.some(Number.isFinite)).toBe(true);
  });

  test("a context of weight 0 has no say, not even of what is impossible", () => {
    const rows = [logits(1), [impossible, ...logits(2).slice(1)], logits(3)];
    const { scores } = nbceStep(rows, {}, { ...whole, pool: "weighted", weights: [0, 1], beta: 0 });
    expect(scores).toEqual(logSoftmax(logits(3)));
  });
});

test.each<[readonly number[][], Parameters<typeof nbceStep>[2], string]>([
  [[], {}, "nbce: a row without context must come first, got no rows"],
  [[[1, 2], [1]], {}, "nbce: rows must be equally long, got 2, 1"],
  [[[1, Number.NaN]], {}, "nbce: logits must be numbers below infinity, got NaN for token 1"],
  [[[Number.POSITIVE_INFINITY]], {}, "nbce: logits must be numbers below infinity, got Infinity for token 0"],
  [[[-Infinity, -Infinity]], {}, "nbce: a row must have a finite logit, got none of 2"],
  [[[]], {}, "nbce: a row must have a finite logit, got none of 0"],
  [[[1]], { beta: -1.5 }, "nbce: beta must be a number of at least -1, got -1.5"],
  [[[1]], { beta: Number.NaN }, "nbce: beta must be a number of at least -1, got NaN"],
  [[[1]], { eta: -1 }, "nbce: eta must be at least 0, got -1"],
  [[[1]], { topP: 0 }, "nbce: topP must be in (0, 1], got 0"],
  [[[1]], { topK: 0 }, "nbce: topK must be a whole number of at least 1, got 0"],
  [[[1], [1]], { weights: [1, 2] }, "nbce: weights must be 1 numbers of at least 0, not all 0, got 1, 2"],
  [[[1], [1]], { weights: [0] }, "nbce: weights must be 1 numbers of at least 0, not all 0, got 0"],
])("refused: %j with %j", (rows, options, message) => {
  expect(() => nbceStep(rows, {}, options)).toThrow(message);
});

test("an unknown pool is refused by name", () => {
  const words: Record<string, string> = { pool: "median" };
  expect(() => nbceStep([[1]], {}, words)).toThrow(
    'nbce: pool must be one of min-entropy, mean, max, weighted, got "median"',
  );
});
