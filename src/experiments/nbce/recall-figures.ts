// What nbce-recall shows: who answers how well, how unsure documents are that do not know, which document spoke at each token.
import type { BarPlot, Figure } from "../figure";
import { meanInterval } from "../interval";
import { where } from "../select";
import { type RecallTrial, ways } from "./recall-trial";

export function recallFigures(trials: readonly RecallTrial[]): Figure[] {
  const phrases = [...new Set(trials.map(({ config }) => config.phrases))].sort((a, b) => b - a);
  const shown = phrases.flatMap((count) => where(trials, { phrases: count }).slice(0, 1));
  const most = Math.max(
    ...shown.flatMap(({ metrics }) => metrics.strip.flatMap(({ entropies }) => entropies)),
  );
  return [
    {
      title: "Answers that are right",
      caption:
        "Mean and 95 % interval over seeds, by how many ways the training documents had to say that they do not know. One document alone is what the model was trained for; all others see 8 documents, of which one knows.",
      plot: bars(trials, phrases, "exact", "share of questions"),
    },
    {
      title: "Answers that say unknown",
      caption:
        "Where there is one way to say it, documents that do not know are as sure as the one that does, and the least unsure of them speaks.",
      plot: bars(trials, phrases, "unknown", "share of questions"),
    },
    {
      title: "How unsure of the answer",
      caption:
        "Entropy in nats, mean over seeds: of the document that holds the key, of the others, and of the question without any.",
      plot: {
        kind: "bar",
        value: { label: "entropy (nats)" },
        bars: phrases.flatMap((count) =>
          (["entropyKnown", "entropyOther", "entropyAlone"] as const).map((metric) => ({
            name: { entropyKnown: "holds the key", entropyOther: "does not", entropyAlone: "no document" }[
              metric
            ],
            group: groupName(count),
            ...bounded(
              where(trials, { phrases: count }).map(({ metrics }) => metrics[metric]),
              Number.POSITIVE_INFINITY,
            ),
          })),
        ),
      },
    },
    ...shown.flatMap((trial) => strip(trial, most)),
    {
      title: "Learning to look up",
      caption:
        "Loss on answers in nats per token; half of them are a phrase for unknown, whose entropy is the floor.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "loss (nats per token)" },
        series: trials
          .toSorted((a, b) => b.config.phrases - a.config.phrases || a.seed - b.seed)
          .map(({ config, seed, metrics }) => ({
            name: `${groupName(config.phrases)}, seed ${seed}`,
            points: metrics.curve.map(([x, y]) => ({ x, y })),
          })),
      },
    },
  ];
}

function bars(
  trials: readonly RecallTrial[],
  phrases: readonly number[],
  metric: "exact" | "unknown",
  label: string,
): BarPlot {
  return {
    kind: "bar",
    value: { label, domain: [0, 1] },
    bars: phrases.flatMap((count) =>
      ways.map((name) => ({
        name,
        group: groupName(count),
        ...bounded(
          where(trials, { phrases: count }).map(({ metrics }) => metrics[metric][name]),
          1,
        ),
      })),
    ),
  };
}

/** Who spoke: a column for each token of the first answers, a row for each document; colours end at the same entropy in all. */
function strip(trial: RecallTrial, most: number): Figure[] {
  const { strip: tokens } = trial.metrics;
  const rows = Array.from({ length: trial.config.contexts }, (_, k) => `document ${k + 1}`);
  return [
    {
      title: `Who spoke, with ${groupName(trial.config.phrases)}`,
      caption: `The first ${tokens.length} answers, seed ${trial.seed}: the entropy of every document's answer, a ring around the document that holds the key, a dot in the one that spoke.`,
      plot: {
        kind: "heat",
        x: "asked key and what was said",
        y: "",
        columns: tokens.map(({ label }) => label),
        rows,
        values: rows.map((_, k) => tokens.map(({ entropies }) => entropies[k]!)), // one for each document
        ringed: tokens.map(({ holder }, column) => [holder, column]),
        dotted: tokens.flatMap(({ chosen }, column) => (chosen < 0 ? [] : [[chosen, column] as const])),
        value: { label: "entropy (nats)", domain: [0, most] },
      },
    },
  ];
}

function groupName(phrases: number): string {
  return phrases === 1 ? "one way to say unknown" : `${phrases} ways to say unknown`;
}

/** The mean with its interval, which cannot leave what values can be. */
function bounded(values: readonly number[], most: number) {
  const { mean, low, high } = meanInterval(values);
  return {
    value: mean,
    ...(low !== undefined && high !== undefined && { low: Math.max(0, low), high: Math.min(most, high) }),
  };
}
