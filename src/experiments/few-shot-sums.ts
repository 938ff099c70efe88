// 48 + 76 = 124 ; 57 + 45 = 102 ; 48 + 76 = ... did it add, or had it read the answer?
//
// A prompt with examples looks like a test of arithmetic, and where the question is among them it is one of copying. Small models read lines of
// sums, each line several times (data/told-sums.ts); a tenth of all pairs of numbers they never see. Asked for such a sum, a model that copies is
// right when the line was told before, at a loss when it was not, and wrong when the line was told with a wrong answer.
//
// We would change our mind about copying if the sum were right without having been told, or if a wrong one that was told were put right. Where
// training tells right sums alone, a model may also learn roughly how large a sum is and choose among the answers that were told; so another is
// trained on lines with any numbers for answers, which only copying helps with. Nothing of this is gated at full size.
import { sumsSizes } from "../data/told-sums";
import { checkCircuitModel, circuitChoices } from "./circuits/model";
import { every, percent } from "./circuits/rules";
import { type SumsConfig, type SumsMetrics, type SumsTrial, sumsTrial } from "./circuits/sums-run";
import type { Experiment } from "./experiment";
import type { Figure } from "./figure";
import { mean, where } from "./select";

const sizes = { width: 32, heads: 2, position: "relative", smear: "no" } as const;
const base = { ...sizes, answers: "right", batch: 16, learningRate: 1e-2 } as const;
const [COPIES, RIGHT, SINGLE] = [
  { layers: 2, answers: "wrong" },
  { layers: 2, answers: "right" },
  { layers: 1, answers: "right" },
] as const;
const KINDS = [RIGHT, COPIES, SINGLE] as const;
const SOURCE = "Olsson et al. 2022, as told to readers with sums as examples";

export const fewShotSums: Experiment<SumsConfig, SumsMetrics> = {
  name: "few-shot-sums",
  question: "48 + 76 = 124 ; ... 48 + 76 = ... did it add, or had it read the answer?",
  paper: "Olsson et al. 2022, In-context Learning and Induction Heads, arXiv:2209.11895",
  grid: {
    smoke: {
      configs: [{ ...base, layers: 2, steps: 150, sequences: 24 }],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: KINDS.map((kind) => ({ ...base, ...kind, steps: 800, sequences: 96 })),
      seeds: [0, 1, 2],
      budgetSeconds: 60,
    },
  },
  choices: { ...circuitChoices, answers: ["right", "wrong"] },
  check: (config) => checkCircuitModel(config, sumsSizes),
  trial: sumsTrial,
  claims: [
    {
      id: "told-is-known",
      statement: "Two layers get sums right that were not in training, once they have been told.",
      source: SOURCE,
      expected: "two layers, every seed: at least 0.9 right of held-out sums told before",
      gate: "none",
      check: (trials) =>
        every(trials, RIGHT, [["right", ({ laterHeldOut }) => [laterHeldOut], ([share]) => share! >= 0.9]]),
    },
    {
      id: "told-helps",
      statement: "An answer that was told is soon likelier than others.",
      source: "own",
      expected:
        "two layers, every seed: of held-out sums at least 0.05 more right when told before than at first, where a guess among answers is right in 1 of 79",
      gate: "smoke",
      check: (trials) =>
        every(trials, RIGHT, [
          [
            "later and first",
            ({ laterHeldOut, firstHeldOut }) => [laterHeldOut, firstHeldOut],
            ([later, first]) => later! - first! >= 0.05,
          ],
        ]),
    },
    {
      id: "untold-is-not",
      statement: "They do not add: where the sum was not told they do not know it.",
      source: SOURCE,
      expected: "two layers, every seed: at most 0.1 right of held-out sums at their first telling",
      gate: "none",
      check: (trials) =>
        every(trials, RIGHT, [["right", ({ firstHeldOut }) => [firstHeldOut], ([share]) => share! <= 0.1]]),
    },
    {
      id: "wrong-is-repeated",
      statement: "Told a wrong sum, they repeat it.",
      source: "own",
      expected: "two layers, every seed: at least 0.9 repeat the wrong answer, at most 0.1 put it right",
      gate: "none",
      check: (trials) =>
        every(trials, RIGHT, [
          ["repeated", ({ repeatsWrong }) => [repeatsWrong], ([share]) => share! >= 0.9],
          ["put right", ({ correctsWrong }) => [correctsWrong], ([share]) => share! <= 0.1],
        ]),
    },
    {
      id: "anything-is-copied",
      statement: "Two layers that learned on lines with any numbers copy whatever answer was told.",
      source: SOURCE,
      expected: "two layers on any numbers, every seed: at least 0.9 repeat the wrong answer",
      gate: "none",
      check: (trials) =>
        every(trials, COPIES, [
          ["repeated", ({ repeatsWrong }) => [repeatsWrong], ([share]) => share! >= 0.9],
        ]),
    },
    {
      id: "one-layer-guesses",
      statement: "One layer knows which answers were told, and not whose they are.",
      source: "own",
      expected: "one layer, every seed: at most 0.6 right of held-out sums told before",
      gate: "none",
      check: (trials) =>
        every(trials, SINGLE, [["right", ({ laterHeldOut }) => [laterHeldOut], ([share]) => share! <= 0.6]]),
    },
  ],
  story,
  figures,
};

function story(trials: readonly SumsTrial[]): string[] {
  return KINDS.flatMap((kind) => {
    const found = where(trials, kind);
    const all = found.map(({ metrics }) => metrics);
    if (all.length === 0) return [];
    const share = (value: (metrics: SumsMetrics) => number) => percent(mean(all.map(value)));
    const { shown } = all[0]!; // there is one
    const says = shown.likeliest
      .map(({ word, probability }) => `${word} (${probability.toFixed(2)})`)
      .join(", ");
    return [
      `${nameOf(found[0]!)}: of sums that training never had, ${share(({ firstHeldOut }) => firstHeldOut)} right when they are first told and ${share(({ laterHeldOut }) => laterHeldOut)} when they were told before. Wrong sums that were told are repeated in ${share(({ repeatsWrong }) => repeatsWrong)} and put right in ${share(({ correctsWrong }) => correctsWrong)}. After "${shown.tokens.slice(1).join(" ")}" it says ${says}.`,
    ];
  });
}

function figures(trials: readonly SumsTrial[]): Figure[] {
  const first = KINDS.flatMap((kind) => where(trials, kind).slice(0, 1));
  return [
    {
      title: "Wrong sums told before",
      caption:
        "Share of wrong answers that are repeated where the line stood in the sequence already, of sums that training never had: only copying gives them. First seed.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "share repeated", domain: [0, 1] },
        series: first.map((trial) => ({
          name: nameOf(trial),
          points: trial.metrics.curve.map(([x, y]) => ({ x, y })),
        })),
      },
    },
    ...first.map((trial): Figure => {
      const { tokens, heads } = trial.metrics.shown;
      return {
        title: `Heads on a prompt with examples: ${nameOf(trial)}`,
        caption: `The last row asks for the sum. Does it look at 124? Seed ${trial.seed}.`,
        plot: { kind: "attention", tokens, targets: [...tokens.slice(1), "124 ;"], heads },
      };
    }),
  ];
}

function nameOf({ config }: SumsTrial): string {
  const told = config.answers === "right" ? "right sums" : "any numbers";
  return `${config.layers === 1 ? "One layer" : "Two layers"}, learned on ${told}`;
}
