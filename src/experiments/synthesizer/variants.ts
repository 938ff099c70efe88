// The variants that the synthesizer experiments compare, by the letters of the paper's tables.
import type { GptConfig } from "../../models/config";

export const variants = {
  V: { attention: "dot-product" },
  D: { attention: "dense-synthesizer" },
  R: { attention: "random-synthesizer" },
  Fixed: { attention: "fixed-random" },
  FR: { attention: "factorized-random" },
  FD: { attention: "factorized-dense" },
  "FD tile-tile": { attention: "factorized-dense", factorMap: "tile-tile" },
  "R+V": mixed("random-synthesizer,dot-product"),
  "D+V": mixed("dense-synthesizer,dot-product"),
  "R+D": mixed("random-synthesizer,dense-synthesizer"),
} as const satisfies Record<string, Partial<GptConfig>>;

export type VariantName = keyof typeof variants;

/** What the letters stand for. */
export const LETTERS =
  "V dot product, D dense, R random, FR and FD factorized, + a mixture; Fixed is R as drawn, never learned";

function mixed(members: string) {
  return { attention: "mixture", members } as const;
}

/** The settings of a variant. A trial's configuration is plain data, so it may name one that there is not. */
export function variantSettings(name: string): Partial<GptConfig> {
  const found = Object.entries(variants).find(([key]) => key === name);
  if (found) return found[1];
  throw new Error(`synthesizer: variant must be one of ${Object.keys(variants).join(", ")}, got "${name}"`);
}
