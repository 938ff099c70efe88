// What mixtures of attentions are, by identities that hold exactly: one of their members, the product of all, a temperature.
import { expect, test } from "vitest";
import { memberNames } from "../../src/attention/mixture";
import { scope, tensor } from "../../src/tensor/tensor";
import type { Values } from "../reference/compare";
import { copy, expectNear, inputs, type Made, make, rowsOf, run, type Setup, set } from "./synthesizer-layer";

/** Of float32 sums of a few numbers around 1. */
const TOLERANCE = 2e-6;
const C = 8;
const N = 9;
const base: Setup = { width: C, context: N, heads: 2 };

test("U6: a mixture with all the weight on one member is that member; lambda 40 is as good as all", () => {
  scope(() => {
    const x = inputs(2, N, C);
    const members = "random-synthesizer,dense-synthesizer,dot-product";
    const layer = make("mixture", { ...base, members });
    members.split(",").forEach((_, m) => {
      const one = Array.from({ length: 6 }, (_, i) => (i % 3 === m ? 1 : 0));
      const alone = run(layer, x, { taps: { "scores.alpha": () => tensor(one, [2, 3]) } });
      const member = memberLogits(layer, x, m);
      expect(alone.logits).toEqual(member);
      set(
        layer,
        "scores.lambda",
        one.map((value) => 40 * value),
      );
      expectNear(run(layer, x).logits, member, 1e-6);
    });
  });
});

test("U7: a mixture's attention is the normalised product of its members' attentions to the power of their weights", () => {
  scope(() => {
    const x = inputs(1, N, C);
    const layer = make("mixture", { ...base, heads: 1, members: "random-synthesizer,dot-product" });
    let alpha: Float32Array = new Float32Array();
    const listen = (a: { values(): Float32Array }) => {
      alpha = a.values();
    };
    const { weights } = run(layer, x, { taps: { "scores.alpha": listen } });
    const experts = [0, 1].map((m) => rowsOf(memberLogits(layer, x, m), N).map(softmax));
    rowsOf(weights, N).forEach((row, i) => {
      const product = row.map((_, j) => experts[0]![i]![j]! ** alpha[0]! * experts[1]![i]![j]! ** alpha[1]!);
      const total = product.reduce((a, b) => a + b);
      expectNear(
        row,
        product.map((value) => value / total),
        TOLERANCE,
      );
    });
  });
});

test("U8: a table of zeros in a mixture with dot products is dot products at twice the temperature", () => {
  scope(() => {
    const x = inputs(1, N, C);
    const layer = make("mixture", { ...base, members: "random-synthesizer,dot-product" });
    set(layer, "scores.members.0.table", new Array(2 * N * N).fill(0));
    set(layer, "scores.lambda", [0, 0, 0, 0]);
    const half = rowsOf(memberLogits(layer, x, 1), N).map((row) => softmax(row.map((value) => value / 2)));
    expectNear(run(layer, x).weights, half.flat(), TOLERANCE);
  });
});

/** Member m on its own: a layer of its variant with its weights. */
function memberLogits(mixture: Made, x: Values, m: number): Float32Array {
  const { choice, context } = mixture;
  const attention = memberNames(choice.members!)[m]!; // each test gives its members
  const alone = make(attention, { ...choice, width: C, context });
  copy(mixture, `scores.members.${m}.`, alone, "scores.");
  return run(alone, x).logits;
}

function softmax(row: readonly number[]): number[] {
  const top = Math.max(...row);
  const exps = row.map((value) => Math.exp(value - top));
  const total = exps.reduce((a, b) => a + b);
  return exps.map((value) => value / total);
}
