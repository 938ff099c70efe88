// 48 + 76 = 124 ; 7 + 30 = 37 ; 48 + 76 = ... did it add, or had it read the answer?
//
// A prompt with examples looks like a test of arithmetic, and where the question is among them it is one of copying. Small models read lines of
// sums, each line several times (data/told-sums.ts); a tenth of all pairs of numbers they never see. Asked for such a sum, a model that copies is
// right when the line was told before, at a loss when it was not, and wrong when the line was told with a wrong answer.
//
// We would change our mind about copying if the sum were right without having been told, or if a wrong one that was told were put right. To find
// the line takes more than matching one token: "=" stands in all of them. That may be too much for models of this size; nothing is gated at full
// size.

import { sumsSizes } from "../data/told-sums";
import { checkCircuitModel } from "./circuits/model";
import { every, percent } from "./circuits/rules";
import { type SumsConfig, type SumsMetrics, type SumsTrial, sumsTrial } from "./circuits/sums-run";
import type { Experiment } from "./experiment";
import type { Figure } from "./figure";
import { mean, where } from "./select";

const base = { width: 64, heads: 4, position: "relative", smear: "no", learningRate: 5e-3 } as const;
const SOURCE = "Olsson et al. 2022, as told to readers with sums as examples";

export const fewShotSums: Experiment<SumsConfig, SumsMetrics> = {
  name: "few-shot-sums",
  question: "48 + 76 = 124 ; ... 48 + 76 = ... did it add, or had it read the answer?",
  paper: "Olsson et al. 2022, In-context Learning and Induction Heads, arXiv:2209.11895",
  grid: {
    smoke: {
      configs: [{ ...base, layers: 2, width: 32, heads: 2, batch: 8, steps: 100, sequences: 24 }],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [2, 1].map((layers) => ({ ...base, layers, batch: 16, steps: 600, sequences: 96 })),
      seeds: [0, 1, 2],
      budgetSeconds: 60,
    },
  },
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
        every(trials, { layers: 2 }, [
          ["right", ({ laterHeldOut }) => [laterHeldOut], ([share]) => share! >= 0.9],
        ]),
    },
    {
      id: "untold-is-not",
      statement: "They do not add: where the sum was not told they do not know it.",
      source: SOURCE,
      expected: "two layers, every seed: at most 0.1 right of held-out sums at their first telling",
      gate: "smoke",
      check: (trials) =>
        every(trials, { layers: 2 }, [
          ["right", ({ firstHeldOut }) => [firstHeldOut], ([share]) => share! <= 0.1],
        ]),
    },
    {
      id: "wrong-is-repeated",
      statement: "Told a wrong sum, they repeat it.",
      source: "own",
      expected: "two layers, every seed: at least 0.9 repeat the wrong answer, at most 0.1 put it right",
      gate: "none",
      check: (trials) =>
        every(trials, { layers: 2 }, [
          ["repeated", ({ repeatsWrong }) => [repeatsWrong], ([share]) => share! >= 0.9],
          ["put right", ({ correctsWrong }) => [correctsWrong], ([share]) => share! <= 0.1],
        ]),
    },
    {
      id: "one-layer-guesses",
      statement: "One layer knows which answers were told, and not whose they are.",
      source: "own",
      expected: "one layer, every seed: at most 0.6 right of held-out sums told before",
      gate: "none",
      check: (trials) =>
        every(trials, { layers: 1 }, [
          ["right", ({ laterHeldOut }) => [laterHeldOut], ([share]) => share! <= 0.6],
        ]),
    },
  ],
  story,
  figures,
};

function story(trials: readonly SumsTrial[]): string[] {
  return [2, 1].flatMap((layers) => {
    const all = where(trials, { layers }).map(({ metrics }) => metrics);
    if (all.length === 0) return [];
    const share = (value: (metrics: SumsMetrics) => number) => percent(mean(all.map(value)));
    const { shown } = all[0]!; // there is one
    const says = shown.likeliest
      .map(({ word, probability }) => `${word} (${probability.toFixed(2)})`)
      .join(", ");
    return [
      `${layers === 1 ? "One layer" : "Two layers"}: of sums that training never had, ${share(({ firstHeldOut }) => firstHeldOut)} right when they are first told and ${share(({ laterHeldOut }) => laterHeldOut)} when they were told before. Wrong sums that were told are repeated in ${share(({ repeatsWrong }) => repeatsWrong)} and put right in ${share(({ correctsWrong }) => correctsWrong)}. After "${shown.tokens.slice(1).join(" ")}" it says ${says}.`,
    ];
  });
}

function figures(trials: readonly SumsTrial[]): Figure[] {
  const first = [2, 1].flatMap((layers) => where(trials, { layers }).slice(0, 1));
  const nameOf = ({ config }: SumsTrial) => (config.layers === 1 ? "one layer" : "two layers");
  return [
    {
      title: "Sums told before",
      caption:
        "Share right of sums that training never had, where the line stood in the sequence already. First seed.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "share right", domain: [0, 1] },
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
        plot: { kind: "attention", tokens, targets: [...tokens.slice(1), "124"], heads },
      };
    }),
  ];
}
