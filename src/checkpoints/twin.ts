// Which family of Hugging Face's can hold a model of heed's, and if none can, which comes nearest and what would have to change.
import type { Model } from "../models";
import type { Gpt } from "../models/gpt";
import { families } from "./families";
import type { Family } from "./families/family";

/**
 * The family that holds the model.
 * @throws Error with the nearest family and every setting that stands in the way
 */
export function twinOf(model: Model): { readonly family: Family; readonly model: Gpt } {
  if (model.kind !== "gpt") {
    throw new Error(
      `export: a model must be a gpt to have a twin at Hugging Face's, got ${model.kind}; train one with --model gpt`,
    );
  }
  const candidates = Object.entries<Family>(families).map(([name, family]) => ({
    ...{ name, family },
    refusals: refusals(family, model),
  }));
  const [nearest] = candidates.sort((a, b) => a.refusals.length - b.refusals.length);
  if (nearest === undefined || nearest.refusals.length > 0) {
    throw new Error(
      `export: no family of Hugging Face's has these settings; ${nearest?.name} would, but for ${nearest?.refusals.join(", ")}`,
    );
  }
  return { family: nearest.family, model };
}

function refusals({ holds, grouped, refuses }: Family, { config }: Gpt): string[] {
  const wrong = Object.entries(holds).flatMap(([name, may]) => {
    const value = config[name as keyof typeof holds]; // its own key
    const list: readonly unknown[] = may;
    return list.includes(value) ? [] : [`${name} ${value} (must be ${list.join(" or ")})`];
  });
  const { heads, kvHeads } = config;
  const shared =
    !grouped && kvHeads !== heads ? [`kvHeads ${kvHeads} (must be as many as heads, ${heads})`] : [];
  const why = refuses?.(config);
  return [...wrong, ...shared, ...(why === undefined ? [] : [why])];
}
