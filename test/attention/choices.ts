// The registries as the conformance suite takes them: values alone, and what goes together.
import { attentions } from "../../src/attention";
import { masks } from "../../src/attention/mask";
import { normalizers } from "../../src/attention/normalizer";
import { completeOptions } from "../../src/attention/options";
import { positions } from "../../src/attention/position";
import { indices } from "../../src/attention/position/strategy";
import { type AttentionChoice, hasKeys, refusal } from "../../src/attention/rules";
import { scales } from "../../src/attention/scale";
import { SMALL } from "./conformance";
import { type Choice, CONTEXT, HEADS } from "./layer";

export const registries = {
  attention: attentions,
  position: positions,
  index: indices,
  scale: scales,
  mask: masks,
  normalizer: normalizers,
} as const;

export const names = {
  attention: keys(attentions),
  position: keys(positions),
  index: keys(indices),
  scale: keys(scales),
  mask: keys(masks),
  normalizer: keys(normalizers),
} as const;

const rest = { heads: HEADS, kvHeads: HEADS, bias: true, ...SMALL } as const;
const usual = {
  attention: "dot-product",
  position: "rope",
  index: "plain",
  scale: "inverse-sqrt",
  mask: "causal",
  normalizer: "softmax",
} as const satisfies Omit<AttentionChoice, "heads">;

/** Every value of every registry with the usual ones of the others. */
export const alone: readonly Choice[] = [
  ...names.attention.map((attention): Choice => {
    return { ...usual, ...rest, attention, position: hasKeys({ attention }) ? "rope" : "none" };
  }),
  ...names.position.map((position): Choice => ({ ...usual, ...rest, position })),
  ...names.index.slice(1).map((index): Choice => ({ ...usual, ...rest, index })),
  ...names.scale.slice(1).map((scale): Choice => ({ ...usual, ...rest, scale })),
  ...names.mask.slice(1).map((mask): Choice => ({ ...usual, ...rest, mask })),
  ...names.normalizer.slice(1).map((normalizer): Choice => ({ ...usual, ...rest, normalizer })),
  { ...usual, ...rest, kvHeads: 1, bias: false },
  ...(["none", "rope", "qk-learned"] as const).map(
    (position): Choice => ({ ...usual, ...rest, position, smear: "yes" }),
  ),
  { ...usual, ...rest, smear: "yes", kvHeads: 1, normalizer: "relu2" },
  ...(["relative", "t5"] as const).map(
    (position): Choice => ({ ...usual, ...rest, position, biasFactor: 4, biasPer: "layer" }),
  ),
];

/** Positions that stand in where none is chosen yet: between them they go with everything that goes with any. */
const stand: readonly Choice["position"][] = ["none", "rope", "sinusoidal", "learned"];

/** Why a part of a choice cannot be, however it is completed. */
export function partRefusal(part: Partial<Choice>): string | undefined {
  const completions = (part.position ? [part.position] : stand).map((position) =>
    refusal({ ...usual, ...rest, ...completeOptions("choice", SMALL), ...part, position, context: CONTEXT }),
  );
  return completions.includes(undefined) ? undefined : completions[0];
}

/** Object.keys, typed: the registries are constants without other keys. */
function keys<K extends string>(registry: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(registry) as K[];
}
