// Which values of the registries do not go together, and why: one table, asked before anything is made.
import { type AttentionName, attentions } from ".";
import { type MaskName, masks } from "./mask";
import type { NormalizerName } from "./normalizer";
import type { Options } from "./options";
import { type PositionName, positions } from "./position";
import type { PositionScheme } from "./position/position";
import { type IndexName, type IndexStrategy, indices } from "./position/strategy";
import type { ScaleName } from "./scale";
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

interface Rule {
  readonly broken: (choice: AttentionChoice & Partial<Options> & Traits) => boolean;
  readonly why: (choice: AttentionChoice) => string;
}

interface Traits {
  readonly variant: Variant;
  readonly scheme: PositionScheme;
  readonly strategy: IndexStrategy;
}

const rules: readonly Rule[] = [
  {
    broken: ({ scheme, ...choice }) => scheme.needsKeys && !hasKeys(choice),
    why: ({ position, attention }) =>
      `position ${position} works on queries and keys, which ${attention} has not`,
  },
  {
    broken: ({ index, scheme }) => index !== "plain" && scheme.tells === "nothing",
    why: ({ index, position }) =>
      `index ${index} chooses positions, of which position ${position} sees nothing`,
  },
  {
    broken: ({ strategy, scheme }) => !strategy.whole && scheme.tells === "whole",
    why: ({ index, position }) =>
      `index ${index} gives fractions, position ${position} looks up whole numbers`,
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
export function refusal(choice: AttentionChoice & Partial<Options>): string | undefined {
  const traits: Traits = {
    variant: attentions[choice.attention],
    scheme: positions[choice.position],
    strategy: indices[choice.index],
  };
  return rules.find(({ broken }) => broken({ ...choice, ...traits }))?.why(choice);
}

/** @throws Error `place: why` where the choice cannot be */
export function expectLegal(place: string, choice: AttentionChoice & Partial<Options>): void {
  const why = refusal(choice);
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
