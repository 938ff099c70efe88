// Layers whose positions are drawn as in training: output and gradients equal those of the float64 twin at the same positions.
import { expect, test } from "vitest";
import { completeOptions } from "../../src/attention/options";
import { placesOf } from "../../src/attention/position/placement";
import { namedParameters } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { scope, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { against } from "../ops/upstream";
import { attentionLayer } from "../reference/attention-layer";
import { expectAsGoodAsNaive, type Outcome, reference } from "../reference/compare";
import { applyLayer, C, type Choice, CONTEXT, createLayer, inputValues, T, valuesOfLayer } from "./layer";

const usual: Choice = {
  ...{ attention: "dot-product", position: "rope", index: "plain", scale: "inverse-sqrt" },
  ...{ mask: "causal", normalizer: "softmax", heads: 2, kvHeads: 2, bias: true, reach: 40, near: 3 },
};

test.each([
  ...(["rope", "learned", "sinusoidal", "relative", "alibi", "rerope", "urpe", "qk-only"] as const).map(
    (position) => ({ position, index: "random-subset" }) as const,
  ),
  ...(["rope", "sinusoidal", "alibi"] as const).map(
    (position) => ({ position, index: "equal-mean" }) as const,
  ),
])("%j", (changes) => {
  const choice: Choice = { ...usual, ...changes };
  const sizes = { width: C, context: CONTEXT, layers: 1 };
  const at = (seed: number) =>
    Array.from(placesOf({ ...choice, ...completeOptions("layer", choice), ...sizes }, T, rng(seed)).at);
  const SEED = 4;
  expect(at(SEED)).not.toEqual(at(5));
  scope(() => {
    const model = createLayer(choice);
    const upstream = noise(inputValues().values.length, 99);
    const wanted = reference(
      (g, inputs) => attentionLayer(g, choice, inputs, { fused: true, context: CONTEXT, at: at(SEED) }).y,
      valuesOfLayer(model, inputValues()),
      upstream,
    );
    const input = inputValues();
    const x = tensor(input.values, input.shape);
    const parameters = new Map([["x", x], ...namedParameters(model)]);
    let y: Outcome["y"] = [];
    const { gradients } = valueAndGradients(() => {
      const output = applyLayer(model, x, { rng: rng(SEED) });
      y = output.values();
      return against(output, upstream);
    }, [...parameters.values()]);
    const named = [...parameters.keys()].map((path, i) => [path, gradients[i]!.values()]);
    expectAsGoodAsNaive({ y, gradients: Object.fromEntries(named) }, wanted);
  });
});
