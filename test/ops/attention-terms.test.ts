// Fused attention with score terms: equal to the path composed of plain ops, and clear about options that do not fit.
import { describe, expect, test } from "vitest";
import { add, addTrailing } from "../../src/ops/arithmetic";
import { attention, attentionWeights } from "../../src/ops/attention";
import { queryKey, weighValues } from "../../src/ops/attention-products";
import type { AttentionOptions } from "../../src/ops/attention-terms";
import { scaleRows } from "../../src/ops/broadcast";
import { matmul } from "../../src/ops/matmul";
import { softmax } from "../../src/ops/softmax";
import { reshape } from "../../src/ops/view";
import { ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { expectClose, noise } from "../assembly/battery";
import { float64, Graph } from "../reference/graph";
import { grid, valuesOf, withTerms } from "../reference/ops";
import { optionsOf, type TermCase, termCases } from "./attention-terms";
import { randomInputs, runWithUpstream } from "./upstream";

const SCALE = 0.6;
/** Two float32 paths, each within 2e-6 (1 + |exact|) on these sizes. */
const TOLERANCE = { relative: 4e-6, absolute: 4e-6 };

type Inputs = Readonly<Record<string, Tensor>>;

function shapes({ B, T, S, H, G, D, R }: TermCase) {
  return { q: [B, T, H, D], k: [B, S, G, D], v: [B, S, G, D], ...(R !== undefined && { table: [H, R] }) };
}

describe("fused attention equals the composed path", () => {
  test.each(termCases)("$what", (terms) => {
    const inputs = randomInputs(shapes(terms), 5);
    const dy = noise(terms.B * terms.T * terms.H * terms.D, 9);
    const fused = runWithUpstream(
      (x) => attention(x.q!, x.k!, x.v!, optionsOf(terms, SCALE, x.table)).mixed,
      inputs,
      dy,
    );
    const composed = runWithUpstream((x) => weighValues(composedWeights(terms, x), x.v!), inputs, dy);
    expectClose(fused.y, composed.y, TOLERANCE, "y");
    for (const name of Object.keys(inputs)) {
      expectClose(fused.gradients[name]!, composed.gradients[name]!, TOLERANCE, `gradient of ${name}`);
    }
  });
});

describe("attentionWeights equals the composed weights", () => {
  test.each(termCases)("$what", (terms) => {
    scope(() => {
      const inputs = randomInputs(shapes(terms), 6);
      const x: Inputs = Object.fromEntries(
        Object.entries(inputs).map(([name, { values, shape }]) => [name, tensor(values, shape, name)]),
      );
      const options = optionsOf(terms, SCALE, x.table);
      const { lse } = attention(x.q!, x.k!, x.v!, options);
      const weights = attentionWeights(x.q!, x.k!, lse, options);
      expectClose(weights.values(), composedWeights(terms, x).values(), TOLERANCE, "weights");
    });
  });
});

/** Logits, factors per row, bias by one-hot distances, mask: what the fused kernel never holds. */
function composedWeights(terms: TermCase, { q, k, table }: Inputs): Tensor {
  const { B, H, T, S, R = 0, zero = 0, rowScale } = terms;
  const products = queryKey(q!, k!, SCALE);
  const perRow =
    rowScale &&
    Float32Array.from({ length: B * H * T }, (_, row) => {
      const [b, t] = [Math.floor(row / (H * T)), row % T];
      return rowScale[rowScale.length > T ? b * T + t : t]!;
    });
  const scaled = perRow ? scaleRows(products, tensor(perRow)) : products;
  const oneHot = Float32Array.from({ length: R * T * S }, (_, i) => {
    const [r, t, j] = [Math.floor(i / (T * S)), Math.floor(i / S) % T, i % S];
    return r === Math.min(Math.max(j - (t + S - T) + zero, 0), R - 1) ? 1 : 0;
  });
  const biased = table
    ? addTrailing(scaled, reshape(matmul(table, tensor(oneHot, [R, T * S])), [H, T, S]))
    : scaled;
  // Zeros and -infinities: the twin on logits of zero, without factors and bias.
  const g = new Graph(float64);
  const zeros = grid(g, new Float32Array(B * H * T * S), [B, H, T, S]);
  const hidden = valuesOf(withTerms(g, zeros, undefined, { ...terms, rowScale: undefined }));
  return softmax(add(biased, tensor(hidden, [B, H, T, S])));
}

describe("bad options are refused by name and value", () => {
  const q = [2, 3, 2, 4];
  const refused: [string, Partial<AttentionOptions> | (() => Partial<AttentionOptions>), string][] = [
    ["a scale that is no number", { scale: Number.NaN }, "attention: scale must be a finite number, got NaN"],
    [
      "a window that ends before the token",
      { window: { before: -1 } },
      "attention: window before must be a whole number of at least 0 sources besides a token's own, got -1",
    ],
    [
      "a window of half a source",
      { window: { after: 0.5 } },
      "attention: window after must be a whole number of at least 0 sources besides a token's own, got 0.5",
    ],
    ["factors for other rows", () => ({ rowScale: zeros([4]) }), "attention: rowScale must be [3], got [4]"],
    [
      "factors for other items",
      () => ({ rowScale: zeros([1, 3]) }),
      "attention: rowScale must be [2,3], got [1,3]",
    ],
    [
      "a table for other heads",
      () => ({ bias: { table: zeros([3, 5]), zero: 2 } }),
      "attention: bias.table must be [2,R], got [3,5]",
    ],
    [
      "a table without columns",
      () => ({ bias: { table: zeros([2, 0]), zero: 0 } }),
      "attention: bias.zero must be a column of the table [2,0], got 0",
    ],
    [
      "a distance 0 outside of the table",
      () => ({ bias: { table: zeros([2, 5]), zero: 5 } }),
      "attention: bias.zero must be a column of the table [2,5], got 5",
    ],
    [
      "lengths for other items",
      () => ({ keyLengths: ids([5]) }),
      "attention: keyLengths must be [2], got [1]",
    ],
    [
      "a length beyond the sources",
      () => ({ keyLengths: ids([5, 6]) }),
      "attention: keyLengths must be 0..5, got 6",
    ],
    ["a negative length", () => ({ keyLengths: ids([5, -1]) }), "attention: keyLengths must be 0..5, got -1"],
    [
      "lengths that are not integers",
      () => ({ keyLengths: zeros([2]) }),
      "integers: zeros holds f32, not i32",
    ],
    [
      "a mask for other sources",
      () => ({ keyMask: zeros([2, 4]) }),
      "attention: keyMask must be [2,5], got [2,4]",
    ],
    ["more sources than rows", { sources: 6 }, "attention: sources must be 0..5, got 6"],
  ];
  test.each(refused)("%s", (_, some, message) => {
    scope(() => {
      const options = { scale: 1, causal: false, ...(typeof some === "function" ? some() : some) };
      const k = zeros([2, 5, 2, 4]);
      expect(() => attention(zeros(q), k, k, options)).toThrow(message);
    });
  });

  test("heads of no width, and no key heads", () => {
    scope(() => {
      const options = { scale: 1, causal: false };
      expect(() => attention(zeros([2, 3, 2, 0]), zeros([2, 5, 2, 0]), zeros([2, 5, 2, 0]), options)).toThrow(
        "attention: heads must be at least 1 wide, got q [2,3,2,0]",
      );
      expect(() => attention(zeros(q), zeros([2, 5, 0, 4]), zeros([2, 5, 0, 4]), options)).toThrow(
        "attention: key heads must divide query heads, got 0 and 2",
      );
    });
  });
});

function zeros(shape: readonly number[]): Tensor {
  return tensor(new Float32Array(shape.reduce((size, dim) => size * dim, 1)), shape, "zeros");
}
