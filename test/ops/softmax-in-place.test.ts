// Softmax that takes the memory of its logits: the bits of the other, forward and backward, and only where nobody reads the logits.
import { expect, test } from "vitest";
import { scale } from "../../src/ops/arithmetic";
import { softmax, softmaxInPlace } from "../../src/ops/softmax";
import { scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { applyLayer, B, C, type Choice, createLayer, HEADS, inputValues, T } from "../attention/layer";
import { randomInputs, runWithUpstream } from "./upstream";

test("softmax in place has the bits of softmax, and its gradient's", () => {
  const inputs = randomInputs({ x: [2, 3, 5, 19] }, 1);
  const result = (f: (x: Tensor) => Tensor) =>
    runWithUpstream(({ x }) => f(scale(x!, 1.7)), inputs, noise(2 * 3 * 5 * 19, 2));
  expect(result(softmaxInPlace)).toEqual(result(softmax));
});

test.each(["dense-synthesizer", "random-synthesizer", "dot-product"] as const)(
  "%s: a listener keeps the logits that it heard, and what comes out is the same",
  (attention) => {
    const choice: Choice = {
      ...{ attention, position: "none", index: "plain", scale: "one", mask: "bidirectional" },
      ...{ normalizer: "softmax", heads: HEADS, kvHeads: HEADS, bias: true },
    };
    scope(() => {
      const model = createLayer(choice);
      const x = tensor(inputValues().values, [B, T, C]);
      const heard: Tensor[] = [];
      const values: Float32Array[] = [];
      const logits = (given: Tensor) => {
        heard.push(given);
        values.push(given.values());
      };
      // Twice: a layer that wrote over its own table would give something else.
      const [first, second] = [1, 2].map(() => applyLayer(model, x, { taps: { logits } }).values());
      expect(second).toEqual(first);
      expect(heard.map((given) => given.values())).toEqual(values);
      const weights = () => undefined; // listens, so that no fused kernel comes in
      const alone = [1, 2].map(() => applyLayer(model, x, { taps: { weights } }).values());
      if (attention !== "dot-product") expect(alone).toEqual([first, first]);
      expect(alone[1]).toEqual(alone[0]);
    });
  },
);
