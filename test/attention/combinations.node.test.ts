// Values of the attention registries in combination: a covering array of all legal pairs. Kernels are the same as for values alone, so
// one build on one host is enough.
import { expect, test } from "vitest";
import { completeOptions } from "../../src/attention/options";
import { refusal } from "../../src/attention/rules";
import { scope } from "../../src/tensor/tensor";
import { names, partRefusal } from "./choices";
import { conform, SMALL } from "./conformance";
import { type Choice, CONTEXT, createLayer, HEADS } from "./layer";
import { pairwise } from "./pairwise";

const combinations = pairwise(
  { kvHeads: [HEADS, 1], bias: [true, false], ...names, smear: ["no", "yes"] as const },
  (part) => partRefusal(part) === undefined,
);

const usual: Choice = {
  ...{
    attention: "dot-product",
    position: "none",
    index: "plain",
    scale: "one",
    mask: "causal",
    normalizer: "softmax",
  },
  ...{ ...SMALL, heads: HEADS, kvHeads: HEADS, bias: true },
};
const values = Object.entries(names).flatMap(([name, some]) => some.map((value) => [name, value] as const));
const refused = values.flatMap(([a, x], i) =>
  values.slice(i + 1).flatMap(([b, y]) => {
    // Values of their own lists.
    const choice = { ...usual, [a]: x, [b]: y } as Choice;
    const why =
      a === b ? undefined : refusal({ ...completeOptions("choice", choice), ...choice, context: CONTEXT });
    return why?.includes(x) && why.includes(y) ? [{ a, x, b, y, choice, why }] : [];
  }),
);

test("some values do not go together", () => expect(refused.length).toBeGreaterThan(50));

test.each(refused)("$a $x does not go with $b $y, and says why", ({ choice, why }) => {
  expect(() => scope(() => createLayer(choice))).toThrow(new Error(`attention: ${why}`));
});

for (const combination of combinations) {
  conform({ ...combination, ...SMALL, heads: HEADS } as Choice, { pieces: [[3, 1, 1, 2]], allShow: false });
}
