// What induction-heads shows: the change of phase in every curve, heads under a slider, and where in a sequence the loss goes.
import { BOS } from "../../data/repeated-sequences";
import { log } from "../../math/log";
import type { Figure, Series, Span } from "../figure";
import { mean, where } from "../select";
import { fixedPeriod, one, relative, smearedOne, smearedTwo, two } from "./induction-claims";
import { fromHexadecimal, type InductionLook } from "./induction-look";
import { bestPrefix, type InductionTrial, targetsOf } from "./induction-run";

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
    ...heads(known),
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
  return known.filter(isShown).map(({ name, trial: { config, metrics, seed } }) => {
    const tokens = namesOf(metrics.shown);
    const T = tokens.length;
    const layers = Array.from({ length: config.layers }, (_, layer) => layer);
    const heads = Array.from({ length: config.heads }, (_, head) => head);
    const grid = ({ patterns }: InductionLook) => {
      const all = patterns.map(fromHexadecimal);
      const row = (layer: number, i: number) =>
        heads.flatMap((head) =>
          all[layer * config.heads + head]!.slice(i * T, (i + 1) * T).map((weight, j) =>
            j > i ? null : weight,
          ),
        );
      return layers.flatMap((layer) => tokens.map((_, i) => row(layer, i)));
    };
    return {
      title: `Heads over training: ${name}`,
      caption: `Attention on one sequence, a block of 8 symbols told three times: heads side by side, layers below one another. Move the slider through the change of phase. A stripe beside the diagonal looks at the token before; stripes further off look at what followed the same symbol. Seed ${seed}.`,
      plot: {
        kind: "frames",
        x: "source",
        y: "destination",
        columns: heads.flatMap((head) => tokens.map((token, at) => (at === 0 ? `H${head}` : token))),
        rows: layers.flatMap((layer) => tokens.map((token, at) => (at === 0 ? `L${layer}` : token))),
        frame: "step",
        frames: metrics.looks.map((look) => ({ name: String(look.step), values: grid(look) })),
        value: { label: "weight", domain: [0, 1] },
      },
    };
  });
}

/** The heads after training, with what they move. */
function heads(known: readonly Known[]): Figure[] {
  return known.filter(isShown).map(({ name, trial: { metrics, seed } }) => ({
    title: `Heads after training: ${name}`,
    caption: `The same sequence. "Value-weighted" shows that heads which rest on the first token take little from it; "logit effect" what each source adds to the symbol that comes next. Seed ${seed}.`,
    plot: {
      kind: "attention",
      tokens: namesOf(metrics.shown),
      targets: namesOf(targetsOf(metrics.shown)),
      heads: metrics.heads,
      first: bestHead(metrics.looks.at(-1)),
    },
  }));
}

/** Index of the head that matches prefixes best. */
function bestHead(look: InductionLook | undefined): number {
  const scores = look?.prefix.flat() ?? [];
  return Math.max(0, scores.indexOf(Math.max(...scores)));
}

function isShown({ name }: Known): boolean {
  return name === "two layers" || name === "one layer, smeared keys";
}

function namesOf(tokens: readonly number[]): string[] {
  return tokens.map((token) => (token === BOS ? "<bos>" : String(token)));
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

/** Places after which losses are averaged, evenly apart in logarithms: single ones are too noisy for a slope. */
const EDGES = [0, 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 48];

function slopeFigure({ name, trial: { metrics } }: Known): Figure {
  const { looks } = metrics;
  return {
    title: `Where context begins to help: ${name}`,
    caption:
      "d loss / d ln(tokens of context), between neighbouring groups of indices: blue is where more context lowers the loss. It appears with the induction heads, where the second block begins.",
    plot: {
      kind: "heat",
      x: "tokens of context",
      y: "step",
      columns: EDGES.slice(1, -1).map((edge) => String(edge)),
      rows: looks.map(({ step }) => String(step)),
      values: looks.map(({ byIndex }) => slopes(byIndex)),
      value: { label: "nats per e-fold of context", diverging: true },
    },
  };
}

function slopes(byIndex: readonly number[]): number[] {
  const groups = EDGES.slice(1).map((end, i) => {
    const start = EDGES[i]!;
    return { loss: mean(byIndex.slice(start, end)), place: log((start + end + 1) / 2) };
  });
  return groups.slice(1).map((after, i) => (after.loss - groups[i]!.loss) / (after.place - groups[i]!.place));
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
