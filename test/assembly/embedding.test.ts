// Embedding lookup and its gradient.
import { describe, expect, test } from "vitest";
import { add } from "../reference/elementwise";
import { embedding, embeddingGrad } from "../reference/embedding";
import { checkKernel, ids, inout, input, MATRIX_SIZES, noise, output, runKernel } from "./battery";

const VOCABULARY = 6;

describe.each(MATRIX_SIZES)("n %i, cols %i", (n, cols) => {
  // Both ends of the table, and repetitions.
  const tokens = Array.from({ length: n }, (_, i) => [5, 0, 5, 3][i % 4]!);
  const table = noise(VOCABULARY * cols, 1);
  const dy = noise(n * cols, 2);

  test("sembedding", () => {
    checkKernel({
      buffers: { y: output(n * cols), table: input(table), ids: ids(tokens) },
      run: (k, at) => k.sembedding(at.y, at.table, at.ids, n, cols),
      expected: { y: embedding(table, tokens, cols) },
      tolerance: { relative: 0, absolute: 0 },
    });
  });

  test("sembedding_grad accumulates, repeated ids too", () => {
    checkKernel({
      buffers: { dtable: inout(table), dy: input(dy), ids: ids(tokens) },
      run: (k, at) => k.sembedding_grad(at.dtable, at.dy, at.ids, n, cols),
      expected: { dtable: add(table, embeddingGrad(dy, tokens, VOCABULARY, cols)) },
      // One rounding per repetition, of sums below 2 n.
      tolerance: { relative: 0, absolute: n * 2 * n * 2 ** -24 },
    });
  });
});

test("repeated ids add up in the order of the tokens", () => {
  const dy = [2 ** 24, 1, 1, -(2 ** 24)];
  const { dtable } = runKernel({ dtable: inout([0]), dy: input(dy), ids: ids([0, 0, 0, 0]) }, (k, at) =>
    k.sembedding_grad(at.dtable, at.dy, at.ids, 4, 1),
  );
  expect(Array.from(dtable)).toEqual([0]);
});
