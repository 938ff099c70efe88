// Which values of the registries do not go together, and why: one table, asked before anything is made.
import { type AttentionName, attentions } from ".";
import { type Mask, type MaskName, masks } from "./mask";
import type { NormalizerName } from "./normalizer";
import type { Options } from "./options";
import { type PositionName, positions } from "./position";
import type { PositionScheme } from "./position/position";
import { type IndexName, type IndexStrategy, indices } from "./position/strategy";
import { type Scale, type ScaleName, scales } from "./scale";
import type { Variant } from "./scorer";

export interface AttentionChoice {
  readonly attention: AttentionName;
  readonly position: PositionName;
  readonly index: IndexName;
  readonly scale: ScaleName;
  readonly mask: MaskName;
  readonly normalizer: NormalizerName;
  readonly heads: number;
}

/** The choice with the sizes and options that it is to be made with. */
export interface ChoiceInputs extends AttentionChoice, Options {
  readonly context: number;
}

interface Traits {
  readonly variant: Variant;
  readonly scheme: PositionScheme;
  readonly strategy: IndexStrategy;
  readonly sight: Mask;
  readonly factor: Scale;
}

interface Rule {
  readonly broken: (inputs: ChoiceInputs, traits: Traits) => boolean;
  readonly why: (inputs: ChoiceInputs, traits: Traits) => string;
}

const rules: readonly Rule[] = [
  {
    broken: (inputs, { scheme }) => scheme.works.includes("keys") && !hasKeys(inputs),
    why: ({ position, attention }) =>
      `position ${position} works on queries and keys, which ${attention} has not`,
  },
  {
    broken: ({ smear, ...inputs }, { variant }) => smear === "yes" && !(variant.hasScores && hasKeys(inputs)),
    why: ({ attention }) => `smear mixes keys before they are compared, which ${attention} never does`,
  },
  {
    broken: ({ smear }, { scheme }) => smear === "yes" && scheme.works === "keys and scores",
    why: ({ position }) => `smear needs one key per source, position ${position} has others for far ones`,
  },
  {
    broken: (_, { scheme, variant }) => scheme.works.includes("scores") && !variant.hasScores,
    why: ({ position, attention }) =>
      `position ${position} needs the scores of all sources, which ${attention} never makes`,
  },
  {
    broken: (_, { sight, variant }) => !variant.hasScores && !sight.sums,
    why: ({ mask, attention }) =>
      `mask ${mask} hides single sources, of which ${attention} keeps only the sum`,
  },
  {
    broken: ({ normalizer }, { variant }) => !variant.hasScores && normalizer !== "softmax",
    why: ({ normalizer, attention }) =>
      `normalizer ${normalizer} needs scores; ${attention} has its own, leave it at softmax`,
  },
  {
    broken: (_, { factor, variant }) => !variant.hasScores && factor.row !== undefined,
    why: ({ scale, attention }) => `scale ${scale} works on rows of scores, which ${attention} has not`,
  },
  {
    broken: ({ index }, { scheme }) => index !== "plain" && scheme.tells === "nothing",
    why: ({ index, position }) =>
      `index ${index} chooses positions, of which position ${position} sees nothing`,
  },
  {
    broken: (_, { strategy, scheme }) => !strategy.whole && scheme.tells === "whole",
    why: ({ index, position }) =>
      `index ${index} gives fractions, position ${position} looks up whole numbers`,
  },
  {
    broken: ({ heads }, { sight }) => sight.perHead === true && heads % 2 !== 0,
    why: ({ mask, heads }) => `mask ${mask} needs an even number of heads, got ${heads}`,
  },
  {
    broken: ({ prefix, context }, { sight }) => sight.hidesFuture === "after-prefix" && prefix >= context,
    why: ({ mask, prefix, context }) =>
      `mask ${mask} needs a prefix below the context, got ${prefix} of ${context}`,
  },
  {
    broken: ({ trained, context }, { factor }) => factor.comparesLengths === true && (trained || context) < 2,
    why: ({ scale }) =>
      `scale ${scale} divides by the logarithm of the training length, which must be at least 2, got 1`,
  },
];

/** Whether queries are compared with keys, which rotary and similar positions work on. */
export function hasKeys({
  attention,
  ...options
}: Pick<AttentionChoice, "attention"> & Partial<Options>): boolean {
  const variant: Variant = attentions[attention];
  return typeof variant.hasKeys === "boolean" ? variant.hasKeys : variant.hasKeys(options);
}

/** Why the choice cannot be, or `undefined` where it can. */
export function refusal(inputs: ChoiceInputs): string | undefined {
  const traits: Traits = {
    variant: attentions[inputs.attention],
    scheme: positions[inputs.position],
    strategy: indices[inputs.index],
    sight: masks[inputs.mask],
    factor: scales[inputs.scale],
  };
  return rules.find(({ broken }) => broken(inputs, traits))?.why(inputs, traits);
}

/** @throws Error `place: why` where the choice cannot be */
export function expectLegal(place: string, inputs: ChoiceInputs): void {
  const why = refusal(inputs);
  if (why !== undefined) throw new Error(`${place}: ${why}`);
}

/** Why a model with this mask cannot learn, or say, next tokens; `undefined` where it can. */
export function futureRefusal(mask: MaskName): string | undefined {
  if (masks[mask].hidesFuture !== "never") return undefined;
  const fit = Object.entries(masks).flatMap(([name, { hidesFuture }]) =>
    hidesFuture === "never" ? [] : [name],
  );
  return `mask ${mask} shows tokens what comes next, so there is nothing to predict; use ${fit.join(" or ")}`;
}
