// What synthesizers and mixtures are, by identities that hold exactly: which tokens they depend on, what becomes of them at the edges of
// their settings, and what no input can change.
import { describe, expect, test } from "vitest";
import type { AttentionName } from "../../src/attention";
import { namedTensors } from "../../src/nn/module";
import { Run } from "../../src/nn/run";
import { scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import {
  apply,
  expectNear,
  gradients,
  identity,
  inputs,
  type Made,
  make,
  plainValues,
  rowsOf,
  run,
  type Setup,
  set,
} from "./synthesizer-layer";

/** Of float32 sums of a few numbers around 1. */
const TOLERANCE = 2e-6;
const C = 8;
const N = 9;
const base: Setup = { width: C, context: N, heads: 2 };

test("U2: a learned table mixes linearly, and alike for all sequences; dot products do not", () => {
  scope(() => {
    const [x, y] = [inputs(2, N, C, 1), inputs(2, N, C, 2)];
    const sum = { shape: x.shape, values: Array.from(x.values, (value, i) => value + 2 * y.values[i]!) };
    const off = (attention: AttentionName) => {
      const layer = make(attention, base);
      const [fx, fy, fsum] = [x, y, sum].map((input) => run(layer, input).y);
      return distance(
        fsum!,
        fx!.map((value, i) => value + 2 * fy![i]!),
      );
    };
    expect(off("random-synthesizer")).toBeLessThan(2e-5); // outputs are below 30
    expect(off("dot-product")).toBeGreaterThan(0.1);
    const { weights } = run(make("random-synthesizer", base), x);
    expect(weights.slice(0, weights.length / 2)).toEqual(weights.slice(weights.length / 2));
  });
});

test("U3: a table that only knows distances below K is a causal depthwise convolution but in its first K - 1 rows", () => {
  scope(() => {
    const taps = [0.5, -1, 2];
    const K = taps.length;
    const layer = make("random-synthesizer", { width: C, context: N, mask: "causal" });
    plainValues(layer, C);
    const entry = (i: number, j: number) => (i - j >= 0 && i - j < K ? taps[i - j]! : -1e30);
    set(
      layer,
      "scores.table",
      Array.from({ length: N * N }, (_, n) => entry(Math.floor(n / N), n % N)),
    );
    const x = inputs(1, N, C);
    const exps = taps.map(Math.exp);
    const kernel = exps.map((value) => value / exps.reduce((a, b) => a + b));
    const rows = rowsOf(x.values, C);
    const convolved = rows.map((_, i) =>
      Array.from({ length: C }, (_, c) => kernel.reduce((sum, w, k) => sum + w * (rows[i - k]?.[c] ?? 0), 0)),
    );
    rowsOf(run(layer, x).y, C).forEach((row, i) => {
      if (i >= K - 1) expectNear(row, convolved[i]!, TOLERANCE);
      else expect(distance(row, convolved[i]!)).toBeGreaterThan(0.01); // what is left of the taps is normalised anew
    });
  });
});

describe("U4: the tokens on which the logit of token 4 for source 7 depends", () => {
  test.each([
    ["random-synthesizer", [], {}],
    ["fixed-random", [], {}],
    ["factorized-random", [], {}],
    ["dense-synthesizer", [4], {}],
    ["factorized-dense", [4], {}],
    ["factorized-dense", [4], { factorMap: "tile-tile" }],
    ["factorized-dense-transposed", [4, 7], {}],
    ["dot-product", [4, 7], {}],
    ["mixture", [4], { members: "random-synthesizer,dense-synthesizer" }],
    ["mixture", [4, 7], { members: "random-synthesizer,dot-product" }],
  ] as const)("%s: %j", (attention, wanted, options) => {
    scope(() => {
      const layer = make(attention, { ...base, ...options });
      const x = inputs(1, N, C);
      const logit = (values: ArrayLike<number>) => run(layer, { shape: x.shape, values }).logits[4 * N + 7];
      const found = Array.from({ length: N }, (_, t) => t).filter((t) => {
        const moved = Array.from(x.values, (value, i) => (Math.floor(i / C) === t ? value + 1 : value));
        return logit(moved) !== logit(x.values);
      });
      expect(found).toEqual(wanted);
    });
  });
});

test("U9: a constant added to a row of the table changes nothing, so its gradient sums to nothing; hidden entries have none", () => {
  scope(() => {
    const layer = make("random-synthesizer", { ...base, mask: "causal" });
    const x = inputs(2, N - 2, C);
    const dy = inputs(2, N - 2, C, 5).values;
    const first = gradients(layer, x, dy);
    const values = tensorOf(layer, "scores.table").values();
    set(
      layer,
      "scores.table",
      Array.from(values, (value, i) => value + Math.floor(i / N) / 4),
    );
    expectNear(gradients(layer, x, dy).y, first.y, 2e-5); // outputs are below 30
    rowsOf(first.gradients["scores.table"]!, N).forEach((row, r) => {
      const i = r % N;
      const size = Math.max(1, ...row.map(Math.abs));
      expect(Math.abs(row.reduce((a, b) => a + b))).toBeLessThan(1e-6 * N * size);
      row.forEach((value, j) => {
        if (j > i || i >= N - 2 || i === 0)
          expect(value).toBe(0); // the first row sees one source, which has weight 1
        else expect(value).not.toBe(0);
      });
    });
  });
});

describe("U10: shorter input uses the first part of the tables", () => {
  const all: readonly (readonly [AttentionName, Partial<Setup>])[] = [
    ["dot-product", {}],
    ["dense-synthesizer", {}],
    ["random-synthesizer", {}],
    ["fixed-random", {}],
    ["factorized-random", {}],
    ["factorized-random", { factors: "pooled" }],
    ["factorized-dense", {}],
    ["factorized-dense", { factorMap: "tile-tile" }],
    ["factorized-dense-transposed", {}],
    ["mixture", {}],
  ];

  test.each(all)(
    "%s %j: what is padded on the right, or hidden by a causal mask, could as well not be there",
    (attention, options) => {
      scope(() => {
        const T = 5;
        const x = inputs(1, N, C);
        const short = { shape: [1, T, C], values: Array.from(x.values).slice(0, T * C) };
        const near = (y: Float32Array, z: Float32Array) =>
          expectNear(y.slice(0, T * C), z.slice(0, T * C), 1e-5);
        const causal = make(attention, { ...base, ...options, mask: "causal" });
        near(run(causal, x).y, run(causal, short).y);
        const encoder = make(attention, { ...base, ...options });
        near(run(encoder, x, { padding: { lengths: [T], side: "right" } }).y, run(encoder, short).y);
        const whole = run(encoder, x).y;
        expect(distance(whole.slice(0, T * C), run(encoder, short).y)).toBeGreaterThan(1e-3);
      });
    },
  );

  test("sequences of different lengths in one batch, with what is shared told apart", () => {
    scope(() => {
      const layer = make("random-synthesizer", base);
      const x = inputs(2, N, C);
      const both = apply(
        layer,
        tensor(x.values, x.shape),
        new Run({ padding: { lengths: [4, 0], side: "right" } }),
      );
      const alone = { shape: [1, 4, C], values: Array.from(x.values).slice(0, 4 * C) };
      expectNear(both.values().slice(0, 4 * C), run(layer, alone).y, 1e-5);
      // Nobody to look at: zeros, through an output without bias.
      expect(both.values().slice(N * C)).toEqual(new Float32Array(N * C));
    });
  });
});

test("U11: dense on positions, with an identity inside, is a table", () => {
  scope(() => {
    const dense = make("dense-synthesizer", { width: N, context: N });
    set(dense, "scores.hidden.first.weight", identity(N));
    set(dense, "scores.hidden.first.bias", new Array(N).fill(0));
    set(dense, "scores.second.bias", new Array(N).fill(0));
    const x = { shape: [1, N, N], values: identity(N) };
    const columns = rowsOf(tensorOf(dense, "scores.second.weight").values(), N); // [N positions, D]: the transposed W2
    expect(rowsOf(run(dense, x).logits, N)).toEqual(columns[0]!.map((_, i) => columns.map((row) => row[i]!)));
  });
});

test("U12: dense without a hidden layer is dot products with keys that never change", () => {
  scope(() => {
    const x = inputs(2, N, C);
    // x = relu(x) - relu(-x): linear, of twice the channels.
    const dense = make("dense-synthesizer", { width: C, context: N, hidden: 2 * C, ownBias: "no" });
    const both = rowsOf(identity(C), C).flatMap((row) => [...row, ...row.map((value) => -value)]);
    set(dense, "scores.hidden.first.weight", both);
    const W = inputs(1, N, C, 9); // [N positions, C]
    const rows = rowsOf(W.values, C);
    set(
      dense,
      "scores.second.weight",
      rows.flatMap((row) => [...row, ...row.map((value) => -value)]),
    );
    const vanilla = make("dot-product", { width: C, context: N });
    set(vanilla, "scores.query.weight", identity(C));
    const keys = [...rows, ...rows].flat().map((value) => value * Math.sqrt(C));
    const constant = () => tensor(keys, [2, N, 1, C]);
    expectNear(run(dense, x).logits, run(vanilla, x, { taps: { "scores.key": constant } }).logits, 2e-5);
  });
});

test("U13: dense that sees constants only has the same row for all tokens, as pooled factors have", () => {
  scope(() => {
    const x = inputs(2, N, C);
    const dense = make("dense-synthesizer", base);
    set(dense, "scores.hidden.first.weight", new Array(C * C).fill(0));
    for (const layer of [dense, make("factorized-random", { ...base, factors: "pooled" })]) {
      const rows = rowsOf(run(layer, x).logits, N);
      expect(rows).toHaveLength(2 * 2 * N);
      rows.forEach((row, r) => {
        expect(row).toEqual(rows[Math.floor(r / N) * N]);
      });
      expect(rows[0]).not.toEqual(rows[N]); // heads differ
    }
  });
});

function tensorOf({ layer }: Made, path: string): Tensor {
  const found = namedTensors(layer).get(path);
  if (!found) throw new Error(`there is no ${path}`);
  return found;
}
