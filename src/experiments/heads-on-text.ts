// What does each head of a small model do on a text?
//
// One and two layers of attention learn the characters of a text (--text FILE, or generated), and each head is scored, read from its weights
// where that is possible, and shown on a prompt (--prompt TEXT). What to expect at this size: two layers beat one, heads look one or two back, and
// the second layer stacks what the first found into longer n-grams. Induction heads are not to be expected; the article's came after billions of
// tokens of text. Data made for them, as in induction-heads, need a few hundred steps.
//
// We would change our mind if heads matched prefixes on random characters well above chance: then text at this size makes induction heads. What a
// text teaches depends on it, so nothing of that is gated.
import { circuitChoices } from "./circuits/model";
import {
  checkHeadsText,
  describeHead,
  type HeadsTextConfig,
  type HeadsTextMetrics,
  type HeadsTextTrial,
  headsTextTrial,
} from "./circuits/text-run";
import type { Experiment } from "./experiment";
import type { Figure } from "./figure";
import { fixed, observe, where } from "./select";

const sizes = { width: 64, heads: 4, position: "relative", smear: "no", learningRate: 5e-3 } as const;
const base = { text: "", textDigest: "", prompt: "", ...sizes };
const MODELS = [2, 1] as const;
const OLSSON = "Olsson et al. 2022, argument 1, on text";

export const headsOnText: Experiment<HeadsTextConfig, HeadsTextMetrics> = {
  name: "heads-on-text",
  question: "What does each head of a small model do on a text?",
  paper:
    "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; Olsson et al. 2022, arXiv:2209.11895",
  grid: {
    smoke: {
      configs: [
        { ...base, layers: 1, width: 32, heads: 2, characters: 10_000, context: 32, batch: 8, steps: 100 },
      ],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: MODELS.map((layers) => ({
        ...base,
        layers,
        characters: 200_000,
        context: 128,
        batch: 16,
        steps: 600,
      })),
      seeds: [0, 1],
      budgetSeconds: 90,
    },
  },
  choices: circuitChoices,
  check: checkHeadsText,
  trial: headsTextTrial,
  claims: [
    {
      id: "text-is-learned",
      statement: "Even a small model predicts better than counting characters does.",
      source: "own",
      expected: "held-out loss below the unigram's, every trial",
      gate: "smoke",
      check: (trials) =>
        observe(
          `${fixed(
            trials.map(({ metrics }) => metrics.heldOut),
            3,
          )} against ${trials[0]?.metrics.unigram}`,
          trials.every(({ metrics }) => metrics.heldOut < metrics.unigram),
        ),
    },
    {
      id: "two-beat-one",
      statement: "Two layers predict text better than one.",
      source: "Elhage et al. 2021",
      expected: "held-out loss lower with two layers, every seed",
      gate: "none",
      check(trials) {
        const [two, one] = MODELS.map((layers) =>
          where(trials, { layers }).map(({ metrics }) => metrics.heldOut),
        );
        if (!two?.length || two.length !== one?.length) return undefined;
        return observe(
          `${fixed(two, 3)} against ${fixed(one, 3)}`,
          two.every((loss, i) => loss < one[i]!),
        );
      },
    },
    {
      id: "no-induction-heads-yet",
      statement: "Text at this size makes no induction heads.",
      source: OLSSON,
      expected: "best prefix matching on random characters below 0.1, every trial",
      gate: "none",
      check: (trials) =>
        observe(
          `${fixed(
            trials.map(({ metrics }) => metrics.bestPrefix),
            3,
          )}; attention to all alike ${trials[0]?.metrics.chancePrefix}; gain of a repeated snippet ${fixed(
            trials.map(({ metrics }) => metrics.repeatGain),
            3,
          )} nats`,
          trials.every(({ metrics }) => metrics.bestPrefix < 0.1),
        ),
    },
  ],
  story,
  figures,
};

function story(trials: readonly HeadsTextTrial[]): string[] {
  return firstOf(trials).flatMap(({ config, metrics }) => [
    `${nameOf(config)}: ${metrics.heldOut.toFixed(3)} nats per character on the held-out tenth, where counting pairs reaches ${metrics.bigram.toFixed(3)}. A snippet told again costs ${Math.abs(metrics.repeatGain).toFixed(2)} nats ${metrics.repeatGain < 0 ? "more" : "less"} than at first.`,
    ...metrics.heads.map(describeHead),
  ]);
}

function figures(trials: readonly HeadsTextTrial[]): Figure[] {
  const first = firstOf(trials);
  return [
    {
      title: "Held-out loss",
      caption: "On the beginning of the held-out tenth. First seed.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "nats per character" },
        series: first.map(({ config, metrics }) => ({
          name: nameOf(config),
          points: metrics.curve.map(([x, y]) => ({ x, y })),
        })),
        references: [
          { value: first[0]?.metrics.unigram ?? 0, label: "unigram" },
          { value: first[0]?.metrics.bigram ?? 0, label: "bigram" },
        ],
      },
    },
    ...first.map(({ config, metrics, seed }): Figure => {
      const { tokens, heads } = metrics.shown;
      return {
        title: `Heads on the prompt: ${nameOf(config)}`,
        caption: `What came out says what each of them does; its scores are of longer stretches than this. Seed ${seed}.`,
        plot: { kind: "attention", tokens, targets: [...tokens.slice(1), ""], heads },
      };
    }),
  ];
}

/** The first seed of each depth. */
function firstOf(trials: readonly HeadsTextTrial[]): HeadsTextTrial[] {
  return MODELS.flatMap((layers) => where(trials, { layers }).slice(0, 1));
}

function nameOf({ layers }: HeadsTextConfig): string {
  return layers === 1 ? "One layer" : "Two layers";
}
