// What induction-heads shows: the change of phase in every curve, heads under a slider, and where in a sequence the loss goes.
import { lossSlope } from "../../analysis/in-context";
import type { Figure, Series, Span } from "../figure";
import { where } from "../select";
import { fixedPeriod, one, relative, smearedOne, smearedTwo, two } from "./induction-claims";
import { fromHexadecimal, type InductionLook } from "./induction-look";
import { bestPrefix, type InductionTrial } from "./induction-run";

const KINDS = [
  ["two layers", two],
  ["one layer", one],
  ["one layer, smeared keys", smearedOne],
  ["two layers, smeared keys", smearedTwo],
  ["one layer, fixed period", fixedPeriod],
  ["two layers, relative biases", relative],
] as const;

interface Known {
  readonly name: string;
  readonly trial: InductionTrial;
}

export function inductionFigures(trials: readonly InductionTrial[]): Figure[] {
  const known = KINDS.flatMap(([name, wanted]): Known[] => {
    const trial = where(trials, wanted)[0];
    return trial ? [{ name, trial }] : [];
  });
  const most = known.find(({ name }) => name === "two layers") ?? known[0];
  if (!most) return [];
  const spans = windowOf(most);
  const curve = (
    title: string,
    caption: string,
    y: string,
    value: (look: InductionLook) => number,
  ): Figure => ({
    title,
    caption: `${caption} Seed ${most.trial.seed}.`,
    plot: { kind: "line", x: { label: "step" }, y: { label: y }, series: known.map(series(value)), spans },
  });
  return [
    curve(
      "Second copies",
      "Loss from the second block on, where everything can be known. The grey window is where two layers go from 2.8 to 0.3 nats.",
      "nats per token",
      ({ second }) => second,
    ),
    curve(
      "Prefix matching",
      "The best head: how much of its attention, at a symbol seen before, is on what came after it.",
      "score of the best head",
      bestPrefix,
    ),
    curve(
      "Learning in context",
      "Mean loss at index 44 minus at index 4: the more negative, the more is learned from the sequence.",
      "in-context score (nats)",
      ({ inContext }) => inContext,
    ),
    ...scrubbed(known),
    indexFigure(known),
    slopeFigure(most),
    brokenFigure(most),
  ];
}

function series(value: (look: InductionLook) => number): (known: Known) => Series {
  return ({ name, trial }) => ({
    name,
    points: trial.metrics.looks.map((look) => ({ x: look.step, y: value(look) })),
  });
}

/** Where the loss goes from 2.8 to 0.3, about its middle; none without a change. */
function windowOf({ trial: { metrics } }: Known): Span[] {
  const { looks } = metrics;
  const from = looks.findLast(({ second }) => second >= 2.8)?.step;
  const to = looks.find(({ second }) => second <= 0.3)?.step;
  return from === undefined || to === undefined ? [] : [{ from, to, label: "change of phase" }];
}

/** Attention of all heads under a slider, a row of the grid a layer. */
function scrubbed(known: readonly Known[]): Figure[] {
  return known
    .filter(({ name }) => name === "two layers" || name === "one layer, smeared keys")
    .map(({ name, trial: { config, metrics, seed } }) => {
      const tokens = metrics.shown.map((token, at) => `${token === 0 ? "bos" : token} (${at})`);
      const T = tokens.length;
      const maps = (look: InductionLook) => look.patterns.map(fromHexadecimal);
      const rows = Array.from({ length: config.layers }, (_, layer) => layer);
      const heads = Array.from({ length: config.heads }, (_, head) => head);
      return {
        title: `Heads over training: ${name}`,
        caption: `Attention on one sequence, a block of 8 symbols told three times: layers below one another from the top, heads side by side. Move the slider through the change of phase: stripes beside the diagonal look at the token before, stripes further off at what followed the same symbol. Seed ${seed}.`,
        plot: {
          kind: "frames",
          x: "source",
          y: "destination",
          columns: heads.flatMap((head) => tokens.map((token) => `H${head} ${token}`)),
          rows: rows.flatMap((layer) => tokens.map((token) => `L${layer} ${token}`)),
          frame: "step",
          frames: metrics.looks.map((look) => {
            const all = maps(look);
            return {
              name: String(look.step),
              values: rows.flatMap((layer) =>
                tokens.map((_, i) =>
                  heads.flatMap((head) => all[layer * config.heads + head]!.slice(i * T, (i + 1) * T)),
                ),
              ),
            };
          }),
          value: { label: "weight", domain: [0, 1] },
        },
      };
    });
}

function indexFigure(known: readonly Known[]): Figure {
  return {
    title: "Loss along the sequence",
    caption:
      "Mean loss at each index after the last step: what is learned from context shows as a fall to the right.",
    plot: {
      kind: "line",
      x: { label: "index of the token that predicts" },
      y: { label: "nats" },
      series: known.map(({ name, trial }) => ({
        name,
        points: (trial.metrics.looks.at(-1)?.byIndex ?? []).map((y, x) => ({ x, y })),
      })),
    },
  };
}

function slopeFigure({ name, trial: { metrics } }: Known): Figure {
  const { looks } = metrics;
  const slopes = looks.map(({ byIndex }) => Array.from(lossSlope(byIndex)));
  return {
    title: `Where context begins to help: ${name}`,
    caption:
      "d loss / d ln(tokens of context), step by step: blue is where one more token of context lowers the loss. It appears with the induction heads.",
    plot: {
      kind: "heat",
      x: "index",
      y: "step",
      columns: (slopes[0] ?? []).map((_, index) => String(index)),
      rows: looks.map(({ step }) => String(step)),
      values: slopes.map((row) => row.map((slope) => Math.max(-10, Math.min(10, slope)))),
      value: { label: "nats per e-fold of context", diverging: true, domain: [-10, 10] },
    },
  };
}

function brokenFigure({ name, trial }: Known): Figure {
  const spans = windowOf({ name, trial });
  const points = (which: "broken" | "before") =>
    trial.metrics.looks.map(({ step, broken }) => ({ x: step, y: broken[which] }));
  return {
    title: `A repeat that is broken: ${name}`,
    caption:
      "In a third block one symbol is another. Who has learned to copy is surprised by it, and by nothing before it.",
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: "nats" },
      series: [
        { name: "the symbol that breaks the repeat", points: points("broken") },
        { name: "the symbol before it", points: points("before") },
      ],
      spans,
    },
  };
}
