// The path expansion against the residual stream computed layer by layer, and skip-trigrams against what single weights of a pattern do.
import { describe, expect, test } from "vitest";
import { fullOv, type HeadPlace } from "../../src/analysis/circuits";
import { type Matrix, matrix, plus, product, rowOf } from "../../src/analysis/matrix";
import { logitsByOrder, pathTerms } from "../../src/analysis/paths";
import { skipTrigramFactoring, skipTrigrams } from "../../src/analysis/skip-trigrams";
import { type RandomRun, randomRun } from "./random-circuits";

const BOUND = 1e-12;

describe.each([0, 1, 2, 3])("%i layers", (layers) => {
  const run = randomRun(layers);
  const terms = [...pathTerms(run.circuits, run.tokens, run.patterns)];

  test("the terms of all paths sum to the logits of the run (P1)", () => {
    expect(terms).toHaveLength(3 ** layers);
    expect(new Set(terms.map(({ name }) => name)).size).toBe(terms.length);
    close(sum(terms.map(({ logits }) => logits)), forward(run));
  });

  test("summed by the number of heads they are the logits by order", () => {
    const orders = logitsByOrder(run.circuits, run.tokens, run.patterns);
    expect(orders).toHaveLength(layers + 1);
    for (const [order, logits] of orders.entries())
      close(logits, sum(terms.filter(({ path }) => path.length === order).map((term) => term.logits)));
  });

  test("with chosen heads only, paths through others are left out", () => {
    const last = ({ layer, head }: HeadPlace) => layer === layers - 1 || head === 1;
    const orders = logitsByOrder(run.circuits, run.tokens, run.patterns, last);
    for (const [order, logits] of orders.entries()) {
      const chosen = terms.filter(({ path }) => path.length === order && path.every(last));
      close(logits, sum(chosen.map((term) => term.logits)));
    }
  });
});

test("rounds of freezing and saving heads, as the paper measures orders, give the same sums", () => {
  const run = randomRun(3, 2);
  const orders = logitsByOrder(run.circuits, run.tokens, run.patterns);
  const { embedding, unembedding, layers } = run.circuits;
  let saved: Matrix[][] = layers.map((heads) =>
    heads.map(() => matrix(run.tokens.length, embedding.columns)),
  );
  for (let order = 0; order <= 3; order++) {
    let residual = embedded(run);
    const outputs: Matrix[][] = [];
    for (const [layer, heads] of layers.entries()) {
      outputs.push(heads.map((_, head) => headOutput(run, layer, head, residual)));
      // The stream goes on with what heads gave in the round before.
      residual = sum([residual, ...saved[layer]!]);
    }
    close(product(residual, unembedding), sum(orders.slice(0, order + 1)));
    saved = outputs;
  }
});

test("a virtual head has a pattern and an OV circuit of its own", () => {
  const run = randomRun(2, 3);
  const { embedding, unembedding, layers } = run.circuits;
  const T = run.tokens.length;
  const term = [...pathTerms(run.circuits, run.tokens, run.patterns)].find(
    ({ name }) => name === "L0H1 > L1H0",
  )!;
  const pattern = product(matrix(T, T, run.patterns[1]![0]!), matrix(T, T, run.patterns[0]![1]!));
  const ov = layers[0]![1]!.ov.times(layers[1]![0]!.ov).between(embedding, unembedding);
  close(term.logits, product(pattern, product(oneHot(run), ov.dense())));
  expect(term.path).toEqual([
    expect.objectContaining({ layer: 0, head: 1 }),
    expect.objectContaining({ layer: 1, head: 0 }),
  ]);
});

test("tokens and patterns that do not fit are refused", () => {
  const { circuits, tokens, patterns } = randomRun(1);
  expect(() => [...pathTerms(circuits, [0, 11], patterns)]).toThrow("paths: tokens must be 0..10, got 11");
  expect(() => logitsByOrder(circuits, [0, 1], patterns)).toThrow(
    "paths: every head needs a pattern [2, 2], L0H0 has 81 weights",
  );
  expect(() => logitsByOrder(circuits, tokens, [[patterns[0]![0]!]])).toThrow("L0H1 has none");
});

describe("skip-trigrams", () => {
  const run = randomRun(1, 5);
  const head = run.circuits.layers[0]![1]!;

  test("lists the largest of column and row, largest first", () => {
    const { embedding, unembedding } = run.circuits;
    const [listed] = skipTrigrams(run.circuits, head, { count: 4, sources: [3] });
    const query = (token: number) => product(matrix(1, 12, rowOf(embedding, token)), head.qk.dense());
    const scores = Array.from({ length: 11 }, (_, destination) =>
      query(destination).values.reduce((total, x, c) => total + x * rowOf(embedding, 3)[c]!, 0),
    );
    const order = scores.map((value, token) => ({ token, value })).sort((a, b) => b.value - a.value);
    expect(listed!.destinations.map(({ token }) => token)).toEqual(
      order.slice(0, 4).map(({ token }) => token),
    );
    expect(listed!.destinations[0]!.value).toBeCloseTo(order[0]!.value, 12);
    const moved = product(product(matrix(1, 12, rowOf(embedding, 3)), head.ov.dense()), unembedding).values;
    expect(listed!.outputs[0]!.value).toBeCloseTo(Math.max(...moved), 12);
    expect(listed!.outputs[0]!.token).toBe(moved.indexOf(Math.max(...moved)));
    expect(skipTrigrams(run.circuits, head)).toHaveLength(11);
  });

  test("what one source adds factors into attention and output, whatever the destination (B4)", () => {
    // The last token and the one before attend to position 2: their logits with that weight, less those without it.
    const [T, source] = [run.tokens.length, 2];
    const effects = matrix(2, 11);
    for (const [row, destination] of [T - 2, T - 1].entries()) {
      const cut = Float64Array.from(run.patterns[0]![1]!);
      cut[destination * T + source] = 0;
      const without = { ...run, patterns: [[run.patterns[0]![0]!, cut]] };
      const [all, less] = [forward(run), forward(without)];
      rowOf(effects, row).set(rowOf(plus(all, less, -1), destination));
    }
    const ov = fullOv(run.circuits, head).row(run.tokens[source]!);
    const { wrongSigns, ratioError } = skipTrigramFactoring(effects, ov);
    expect(wrongSigns).toBe(0);
    expect(ratioError).toBeLessThanOrEqual(1e-9);
    expect(Math.max(...ov.map(Math.abs))).toBeGreaterThan(0.05); // there is something to compare
    // Effects of two heads are no product of the two: the measure sees it.
    const mixed = matrix(
      2,
      11,
      effects.values.map((x, at) => x + (at === 3 ? 0.1 : 0)),
    );
    expect(skipTrigramFactoring(mixed, ov).ratioError).toBeGreaterThan(0.1);
  });

  test("need a head that sees tokens alone", () => {
    const { circuits } = randomRun(2);
    expect(() => skipTrigrams(circuits, circuits.layers[1]![0]!)).toThrow(
      "a head of the first layer is needed, which sees tokens alone, got L1H0",
    );
  });
});

/** The residual stream, layer by layer, and its logits: heads read it as it is when they come. */
function forward(run: RandomRun): Matrix {
  const last = run.circuits.layers.reduce(
    (residual, heads, layer) =>
      sum([residual, ...heads.map((_, head) => headOutput(run, layer, head, residual))]),
    embedded(run),
  );
  return product(last, run.circuits.unembedding);
}

function headOutput(
  { circuits, patterns, tokens }: RandomRun,
  layer: number,
  head: number,
  x: Matrix,
): Matrix {
  const T = tokens.length;
  const { ov } = circuits.layers[layer]![head]!;
  return product(matrix(T, T, patterns[layer]![head]!), product(x, ov.dense()));
}

function embedded(run: RandomRun): Matrix {
  return product(oneHot(run), run.circuits.embedding);
}

function oneHot({ circuits, tokens }: RandomRun): Matrix {
  const V = circuits.embedding.rows;
  return matrix(
    tokens.length,
    V,
    tokens.flatMap((token) => Array.from({ length: V }, (_, id) => +(id === token))),
  );
}

function sum(all: readonly Matrix[]): Matrix {
  return all.reduce((total, m) => plus(total, m), matrix(all[0]?.rows ?? 9, all[0]?.columns ?? 11));
}

function close(found: Matrix, expected: Matrix): void {
  const largest = Math.max(1, ...expected.values.map(Math.abs));
  const off = found.values.map((value, i) => Math.abs(value - expected.values[i]!));
  expect([found.rows, found.columns]).toEqual([expected.rows, expected.columns]);
  expect(Math.max(...off)).toBeLessThanOrEqual(BOUND * largest);
}
