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
  const fused = alone.filter(fuses);
  const values = fused.map(({ position, mask, scale, kvHeads }) =>
    [position, mask, scale, kvHeads].join(" "),
  );
  expect(new Set(values)).toEqual(
    new Set([
      ...["none", "learned", "sinusoidal", "qk-only", "rope", "smeared-keys"].map(
        (name) => `${name} causal inverse-sqrt 2`,
      ),
      "rope bidirectional inverse-sqrt 2",
      "rope causal one 2",
      "rope causal fixed 2",
      "rope causal inverse-sqrt 1",
    ]),
  );
});

const pieces = [[T], Array<number>(T).fill(1), [3, 1, 3], [1, 5, 1]];
for (const choice of alone) conform(choice, { pieces, allShow: true });
