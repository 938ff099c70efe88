// Do heads match what is alike, or only what is the same?
//
// Symbols have partners, and a block that is told again has any symbol's partner in its place half of the time (data/fuzzy-repeats.ts). Induction
// of the literal kind then finds half of what it could know. The article saw heads of large models that match meanings, a word and its
// translation; here it is asked in miniature whether such matching is learned where it pays, whether it comes for free where partners begin with
// related embeddings, and whether who learned literal copies finds partners at all.
//
// We would change our mind if heads trained on partners did not find them (then induction is literal at this size), or if heads trained on
// literal copies of unrelated symbols did (then the measure does not measure). The article gives no number for this; nothing is gated at full size.
import { fuzzyFigures } from "./circuits/fuzzy-figures";
import {
  type FuzzyConfig,
  type FuzzyMetrics,
  type FuzzyTrial,
  fuzzySizes,
  fuzzyTrial,
} from "./circuits/fuzzy-run";
import { checkCircuitModel, circuitChoices } from "./circuits/model";
import { every } from "./circuits/rules";
import type { Experiment } from "./experiment";
import { mean, observe, where } from "./select";

const base = {
  width: 32,
  heads: 2,
  position: "qk-learned",
  smear: "no",
  batch: 32,
  learningRate: 5e-3,
} as const;
const KIN = 0.7;
const KINDS = [
  { swapped: 0.5, kinship: KIN },
  { swapped: 0.5, kinship: 0 },
  { swapped: 0, kinship: KIN },
  { swapped: 0, kinship: 0 },
] as const;
const SOURCE = "Olsson et al. 2022, argument 4 (heads that do more abstract copying), in miniature";

export const fuzzyInduction: Experiment<FuzzyConfig, FuzzyMetrics> = {
  name: "fuzzy-induction",
  question: "Do heads match what is alike, or only what is the same?",
  paper: "Olsson et al. 2022, In-context Learning and Induction Heads, arXiv:2209.11895",
  grid: {
    smoke: {
      // One layer of smeared keys learns in fewer steps.
      configs: [0.5, 0].map((swapped) => ({
        ...base,
        ...{ layers: 1, smear: "yes" as const, swapped, kinship: KIN, batch: 16, steps: 150 },
      })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: KINDS.map((kind) => ({ ...base, layers: 2, ...kind, steps: 400 })),
      seeds: [0, 1, 2],
      budgetSeconds: 60,
    },
  },
  choices: circuitChoices,
  check: (config) => checkCircuitModel(config, fuzzySizes),
  trial: fuzzyTrial,
  claims: [
    {
      id: "partners-are-found",
      statement: "Heads that learned on related partners attend to what came after a symbol's partner.",
      source: SOURCE,
      expected: "two layers, every seed: prefix matching of partners at least 0.5",
      gate: "none",
      check: (trials) =>
        every(trials, { layers: 2, ...KINDS[0] }, [
          ["partners", ({ partnerPrefix }) => [partnerPrefix], ([score]) => score! >= 0.5],
        ]),
    },
    {
      id: "unrelated-too",
      statement: "So do heads that began with unrelated embeddings: data suffice.",
      source: SOURCE,
      expected: "two layers, every seed: prefix matching of partners at least 0.5",
      gate: "none",
      check: (trials) =>
        every(trials, { layers: 2, ...KINDS[1] }, [
          ["partners", ({ partnerPrefix }) => [partnerPrefix], ([score]) => score! >= 0.5],
        ]),
    },
    {
      id: "literal-heads-do-not",
      statement: "Heads that learned literal copies do not find partners, related at first or not.",
      source: "own, the control",
      expected:
        "two layers, every seed: prefix matching of literal copies at least 0.5, of partners at most 0.25",
      gate: "none",
      check: (trials) =>
        every(trials, { layers: 2, swapped: 0 }, [
          ["literal", ({ literalPrefix }) => [literalPrefix], ([score]) => score! >= 0.5],
          ["partners", ({ partnerPrefix }) => [partnerPrefix], ([score]) => score! <= 0.25],
        ]),
    },
    {
      id: "fuzzy-training-pays",
      statement: "Who learned on partners predicts them better than who learned on literal copies.",
      source: "own",
      expected: "loss on fuzzy copies lower by at least 0.5 nats, mean over seeds, for every kinship",
      gate: "smoke",
      check(trials) {
        const kin = [...new Set(trials.map(({ config }) => config.kinship))];
        const pairs = kin.map((kinship) =>
          [0.5, 0].map((swapped) => where(trials, { swapped, kinship }).map(({ metrics }) => metrics.fuzzy)),
        );
        if (pairs.length === 0 || pairs.flat().some(({ length }) => length === 0)) return undefined;
        const means = pairs.map(([fuzzy, literal]) => [mean(fuzzy!), mean(literal!)] as const); // none is missing
        return observe(
          means.map(([fuzzy, literal]) => `${fuzzy.toFixed(2)} against ${literal.toFixed(2)}`).join(", "),
          means.every(([fuzzy, literal]) => literal - fuzzy >= 0.5),
        );
      },
    },
  ],
  story,
  figures: fuzzyFigures,
};

function story(trials: readonly FuzzyTrial[]): string[] {
  return KINDS.flatMap(({ swapped, kinship }) => {
    const all = where(trials, { layers: 2, swapped, kinship }).map(({ metrics }) => metrics);
    if (all.length === 0) return [];
    const average = (value: (metrics: FuzzyMetrics) => number) => mean(all.map(value)).toFixed(2);
    const begun = kinship > 0 ? "partners related at first" : "partners unrelated at first";
    return [
      `Learned on ${swapped > 0 ? "partners" : "literal copies"}, ${begun}: the best head gives ${average(({ partnerPrefix }) => partnerPrefix)} of its attention to what followed a symbol's partner, ${average(({ literalPrefix }) => literalPrefix)} to what followed the symbol itself; fuzzy copies cost ${average(({ fuzzy }) => fuzzy)} nats, of which ln 2 = 0.69 cannot be known.`,
    ];
  });
}
