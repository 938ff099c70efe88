// The trials of `decoder-only`, and which settings it refuses.
import { type MaskName, masks } from "../../attention/mask";
import { transductionRules } from "../../data/transduction";
import type { Grid } from "../experiment";
import { armNames } from "./arms";
import type { DirectionConfig } from "./config";

/** Head widths and tokens of the matrices that were computed before (spec of the article, kexue.fm/archives/9529). */
export const HEAD_WIDTHS = [2, 4, 8, 16, 32, 64] as const;
export const TOKENS = 256;
/** So few that float64 knows their determinants. */
const FEW = [16, 32] as const;

const base = { arm: "", rule: "", steps: 0 } as const;
const weights = (tokens: number, width: number): DirectionConfig => ({
  part: "weights",
  ...base,
  width,
  tokens,
});
const depth = ["bidirectional", "causal", "alternating-layers"].map(
  (arm): DirectionConfig => ({ part: "depth", ...base, arm, width: 32, tokens: 64 }),
);
/** The fused kernel does the one, composed ops the other: after so many steps their rounding begins to show. */
export const SAME_STEPS = 20;
const identity: DirectionConfig = {
  part: "identity",
  ...base,
  rule: "reversed",
  width: 32,
  tokens: 8,
  steps: SAME_STEPS,
};
const decoders = (arms: readonly string[], rules: readonly string[], steps: number): DirectionConfig[] =>
  rules.flatMap((rule) => arms.map((arm) => ({ part: "decoders", arm, rule, width: 32, tokens: 8, steps })));
export const MASKED = ["bidirectional", "half-heads", "alternating-layers"] as const satisfies MaskName[];
const maskedCharacters = (arms: readonly string[], steps: number): DirectionConfig[] =>
  arms.map((arm) => ({ part: "masked", ...base, arm, width: 32, tokens: 32, steps }));

const always: readonly DirectionConfig[] = [
  ...FEW.map((tokens) => weights(tokens, 8)),
  { part: "exact", ...base, width: 1, tokens: 8 },
  ...depth,
  identity,
];

export const directionGrid: Readonly<Record<"smoke" | "full", Grid<DirectionConfig>>> = {
  smoke: {
    configs: [...always, ...decoders(["GPT", "T5"], ["sorted"], 40), ...maskedCharacters(["half-heads"], 20)],
    seeds: [0],
    budgetSeconds: 4,
  },
  full: {
    configs: [
      ...decoders(armNames, transductionRules, 2400),
      ...maskedCharacters(MASKED, 1000),
      ...always,
      ...HEAD_WIDTHS.map((width) => weights(TOKENS, width)),
    ],
    seeds: [0, 1, 2, 3, 4],
    budgetSeconds: 900,
  },
};

/** The words of each setting; "" where a part has none. */
export const directionChoices = {
  part: ["weights", "exact", "depth", "identity", "decoders", "masked"],
  arm: ["", ...armNames, ...Object.keys(masks)],
  rule: ["", ...transductionRules],
};

/** @throws RangeError that names the setting */
export function checkDirection({ part, arm, rule, width, tokens, steps }: DirectionConfig): void {
  const learns = ["identity", "decoders", "masked"].includes(part);
  const allowed = { decoders: armNames, depth: Object.keys(masks), masked: Object.keys(masks) }[part] ?? [""];
  const rules = part === "decoders" || part === "identity" ? transductionRules : [""];
  expectOneOf("part", directionChoices.part, part);
  expectOneOf(`arm of ${part}`, allowed, arm);
  expectOneOf(`rule of ${part}`, rules, rule);
  for (const [key, value, least] of [
    ["width", width, 1],
    ["tokens", tokens, 1],
    ["steps", steps, learns ? 1 : 0],
  ] as const) {
    if (!(Number.isInteger(value) && value >= least))
      throw new RangeError(
        `decoder-only: ${key} of ${part} must be a whole number of at least ${least}, got ${value}`,
      );
  }
}

function expectOneOf(what: string, words: readonly string[], value: string): void {
  if (!words.includes(value))
    throw new RangeError(
      `decoder-only: ${what} must be ${words.map((word) => word || '""').join(", ")}, got "${value}"`,
    );
}
