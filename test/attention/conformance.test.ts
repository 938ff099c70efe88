// Every value of the attention registries alone, on every build and in the browser.
import { expect, test } from "vitest";
import { indexTwins, positionTwins } from "../reference/attention-positions";
import { maskTwins, normalizerTwins, scaleTwins } from "../reference/attention-rows";
import { attentionTwins } from "../reference/attention-scores";
import { alone, registries } from "./choices";
import { conform, fuses } from "./conformance";
import { T } from "./layer";

const twins = {
  attention: attentionTwins,
  position: positionTwins,
  index: indexTwins,
  scale: scaleTwins,
  mask: maskTwins,
  normalizer: normalizerTwins,
};

test.each(Object.keys(registries) as (keyof typeof registries)[])("every %s has a twin", (name) => {
  expect(Object.keys(twins[name]).sort()).toEqual(Object.keys(registries[name]).sort());
});

test("what the fused kernel can do goes through it", () => {
  const composed = alone.filter((choice) => choice.attention === "dot-product" && !fuses(choice));
  const values = composed.map(({ position, index, mask, normalizer }) =>
    [position, index, mask, normalizer].join(" "),
  );
  expect(values).toEqual([
    "rerope plain causal softmax",
    "window-rope plain causal softmax",
    "urpe plain causal softmax",
    "rope plain prefix softmax",
    "rope plain prefix-alternating-layers softmax",
    "rope plain prefix-half-heads softmax",
    "rope plain alternating-layers softmax",
    "rope plain half-heads softmax",
    ...["l2", "none", "relu2", "relu2-fixed", "relu2-normalized"].map((name) => `rope plain causal ${name}`),
    "rope plain causal relu2", // with smeared keys
  ]);
});

const pieces = [[T], Array<number>(T).fill(1), [3, 1, 3], [1, 5, 1]];
for (const choice of alone) conform(choice, { pieces, allShow: true });
