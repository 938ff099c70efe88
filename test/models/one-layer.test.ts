// The one-layer model in its original parameters: the (Y, Z) model where embeddings are orthonormal, value by value and step by step.
import { describe, expect, test } from "vitest";
import { minibatch } from "../../src/experiments/scan-snap/contexts";
import { learner64 } from "../../src/experiments/scan-snap/learner";
import { classesOf, synSmall } from "../../src/experiments/scan-snap/settings";
import { type OneLayer, oneLayer } from "../../src/models/one-layer";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, ids, scope, type Tensor } from "../../src/tensor/tensor";
import { sgd } from "../../src/train/optimizer";
import { forward, mulberry32 } from "../reference/scan-snap";

const data = classesOf(synSmall);
const M = data.tokens;
const LENGTH = 16;
const BATCH = 8;
const STEPS = 12;

/** Gram and Schmidt over normal rows: [M, M], orthonormal. */
function orthonormal(seed: number): number[][] {
  const draws = rng(seed);
  const rows: number[][] = [];
  while (rows.length < M) {
    let row = Array.from({ length: M }, () => draws.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows) {
        const along = row.reduce((sum, x, i) => sum + x * other[i]!, 0);
        row = row.map((x, i) => x - along * other[i]!);
      }
    }
    const norm = Math.hypot(...row);
    rows.push(row.map((x) => x / norm));
  }
  return rows;
}

const identity = Array.from({ length: M }, (_, i) => Array.from({ length: M }, (_, j) => (i === j ? 1 : 0)));

function fill(x: Tensor, values: readonly (readonly number[])[]): void {
  floats(x).set(values.flat());
}

/** U orthonormal, W_K = sqrt(M) I, so that Z is U W_Q U^T; W_Q and W_V zero. */
function modelWith(U: readonly (readonly number[])[]): OneLayer {
  const model = oneLayer({ vocabulary: M, context: LENGTH, width: M }, rng(1));
  fill(model.token.weight, U);
  fill(
    model.key.weight,
    identity.map((row) => row.map((x) => x * Math.sqrt(M))),
  );
  for (const linear of [model.query, model.value]) floats(linear.weight).fill(0);
  return model;
}

test.each([
  ["the identity", identity],
  ["a random rotation", orthonormal(2)],
])("with U %s and frozen keys it learns as (Y, Z) does", (_, U) => {
  const options = { etaY: 2, etaZ: 1, momentum: 0.9, optimizer: "sgd", zeroInit: true } as const;
  const shape = { batch: BATCH, length: LENGTH };
  const twin = learner64(data, { ...options, ...shape, mode: "minibatch", draw: mulberry32(7) });
  const contexts = minibatch(data, { ...shape, draw: mulberry32(7) });
  const model = modelWith(U);
  const updateValue = sgd(new Map([["value", model.value.weight]]), { momentum: 0.9 });
  const updateQuery = sgd(new Map([["query", model.query.weight]]), { momentum: 0.9 });
  for (let step = 0; step < STEPS; step++) {
    const sequences: number[] = [];
    const targets: number[] = [];
    contexts(({ support, query, label }, counts) => {
      for (const [i, count] of counts.entries()) sequences.push(...Array<number>(count).fill(support[i]!));
      sequences.push(query);
      targets.push(...Array<number>(LENGTH - 1).fill(-1), label);
    });
    const loss = scope(() => {
      const { value, gradients } = valueAndGradients(
        () => model.loss(ids(sequences, [BATCH, LENGTH]), ids(targets, [BATCH, LENGTH])),
        [model.value.weight, model.query.weight],
      );
      updateValue.step([gradients[0]!], { learningRate: options.etaY, gradientScale: 1 });
      updateQuery.step([gradients[1]!], { learningRate: options.etaZ, gradientScale: 1 });
      return value;
    });
    expect(Math.abs(loss - twin.step())).toBeLessThan(2e-5);
  }
  const { Y, Z } = twin.weights();
  expect(Math.max(...Y.map(Math.abs))).toBeGreaterThan(1);
  const difference = (weight: Tensor, expected: Float64Array) => {
    const W = floats(weight);
    let worst = 0;
    for (let a = 0; a < M; a++) {
      const row = Array.from({ length: M }, (_, j) =>
        U[a]!.reduce((sum, u, i) => sum + u * W[i * M + j]!, 0),
      );
      for (let b = 0; b < M; b++) {
        const value = row.reduce((sum, x, j) => sum + x * U[b]![j]!, 0);
        worst = Math.max(worst, Math.abs(value - expected[a * M + b]!));
      }
    }
    return worst;
  };
  expect(difference(model.value.weight, Y)).toBeLessThan(1e-4);
  expect(difference(model.query.weight, Z)).toBeLessThan(1e-4);
  updateValue.release();
  updateQuery.release();
});

test("logits of every position are those of the equations, and the first token, which sees nothing, gives zeros", () => {
  const model = oneLayer({ vocabulary: 5, context: 6, width: 5 }, rng(4));
  fill(
    model.token.weight,
    Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => (i === j ? 1 : 0))),
  );
  const sequence = [3, 0, 3, 1, 4, 0];
  const [V, Q, K] = [model.value, model.query, model.key].map(({ weight }) => rows(weight));
  const Z = Q!.map((q) => K!.map((k) => q.reduce((sum, x, i) => sum + x * k[i]!, 0) / Math.sqrt(5)));
  const logits = scope(() => model.logits(ids(sequence, [1, 6])).values());
  expect([...logits.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
  for (let t = 1; t < 6; t++) {
    const counts = [0, 1, 2, 3, 4].map((l) => sequence.slice(0, t).filter((id) => id === l).length);
    const { alpha } = forward(V!, Z, { counts, query: sequence[t]!, label: 0 });
    const row = Array.from(logits.subarray(5 * t, 5 * t + 5), Math.exp);
    const sum = row.reduce((a, b) => a + b);
    for (const [j, p] of alpha.entries()) expect(Math.abs(row[j]! / sum - p)).toBeLessThan(1e-5);
  }

  function rows(weight: Tensor): number[][] {
    return Array.from({ length: 5 }, (_, i) => [...floats(weight).subarray(5 * i, 5 * i + 5)]);
  }
});

test("decoding gives what reading all at once gives", () => {
  const model = oneLayer({ vocabulary: 7, context: 8, width: 6 }, rng(3));
  const sequences = [1, 5, 2, 2, 6, 0, 3, 4, 4, 1];
  const whole = scope(() => model.logits(ids(sequences, [2, 5])).values());
  const state = model.createState(2);
  scope(() => model.next(ids([1, 5, 0, 3], [2, 2]), state));
  scope(() => model.next(ids([2, 2, 4, 4], [2, 2]), state));
  const last = scope(() => model.next(ids([6, 1], [2, 1]), state).values());
  expect(state.length).toBe(5);
  for (const b of [0, 1]) {
    for (let j = 0; j < 7; j++)
      expect(Math.abs(last[b * 7 + j]! - whole[(b * 5 + 4) * 7 + j]!)).toBeLessThan(1e-6);
  }
});

describe("refused", () => {
  test.each([
    [{ vocabulary: 1 }, "one-layer: vocabulary must be a whole number of at least 2, got 1"],
    [{ context: 1 }, "one-layer: context must be a whole number of at least 2, got 1"],
    [{ width: 0.5 }, "one-layer: width must be a whole number of at least 1, got 0.5"],
  ])("%o", (change, message) => {
    expect(() => oneLayer({ vocabulary: 4, context: 4, width: 4, ...change }, rng(0))).toThrow(message);
  });

  test("more tokens than the context", () => {
    const model = oneLayer({ vocabulary: 4, context: 4, width: 4 }, rng(0));
    expect(() => scope(() => model.logits(ids([0, 1, 2, 3, 0], [1, 5])))).toThrow(
      "at most 4 tokens fit the context, got 5",
    );
  });
});
