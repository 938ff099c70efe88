// What circuit-anatomy shows: heads in the plane of matching and copying, what composes, what is lost when parts are taken away, and what
// heads say.
import type { Bar, Figure } from "../figure";
import { mean, where } from "../select";
import { readings } from "./interventions";
import { runs } from "./judge";
import type { AnatomyTrial } from "./trial";

const KINDS = { K: "keys", Q: "queries", V: "values" } as const;

export function anatomyFigures(trials: readonly AnatomyTrial[]): Figure[] {
  const two = where(trials, runs["two layers"]);
  const one = where(trials, runs["one layer"]);
  return [
    ...cornerFigure(two),
    ...compositionFigure(two),
    ...patchingFigure(two),
    ...ablationFigure(two),
    ...orderFigure(two),
    ...spectrumFigure(two),
    ...attentionFigure(two),
    ...overTokensFigure(one),
    ...titlesFigure(where(trials, runs["one layer on names"])),
  ];
}

/** Every head of the last layer of every seed, before and after. */
function cornerFigure(trials: readonly AnatomyTrial[]): Figure[] {
  if (trials.length === 0) return [];
  const dots = (of: "heads" | "headsBefore") =>
    trials.flatMap(({ metrics }) =>
      metrics[of].flatMap(({ matching, ov }) => (matching ? [{ x: matching.ratio, y: ov.ratio }] : [])),
    );
  return [
    {
      title: "Heads of induction stand in the corner",
      caption:
        "Heads of the last layer, all seeds, by the ratios of their eigenvalues: how far each looks for what stands after its own token, and how far it copies. Elhage et al. 2021 find theirs in this corner.",
      plot: {
        kind: "dot",
        x: { label: "match of the same token (QK with what was written before)", domain: [-1, 1.1] },
        y: { label: "copying (OV)", domain: [-1, 1.1] },
        groups: [
          { name: "before training", points: dots("headsBefore") },
          { name: "after", points: dots("heads") },
        ],
        references: [
          { value: 0, label: "", axis: "x" },
          { value: 0, label: "" },
        ],
      },
    },
  ];
}

function compositionFigure(trials: readonly AnatomyTrial[]): Figure[] {
  const first = trials[0]?.metrics;
  if (!first || first.composition.length === 0) return [];
  return [
    {
      title: "Keys read what the first layer wrote",
      caption: `Composition scores of pairs of heads, seed ${trials[0]!.seed}, minus the mean of random matrices of the same sizes (${first.baseline.toFixed(3)}). Above zero more is read than by chance, below it less.`,
      plot: {
        kind: "bar",
        value: { label: "score above baseline" },
        bars: (["K", "Q", "V"] as const).flatMap((kind) =>
          first.composition
            .filter((pair) => pair.kind === kind)
            .map(
              ({ from, to, above }): Bar => ({
                name: `${from} > ${to}`,
                value: above,
                group: KINDS[kind],
              }),
            ),
        ),
        references: [{ value: 0, label: "random" }],
      },
    },
  ];
}

function patchingFigure(trials: readonly AnatomyTrial[]): Figure[] {
  const all = trials.flatMap(({ metrics }) => metrics.patching ?? []);
  if (all.length === 0) return [];
  return [
    {
      title: "What the last layer needs the first one for",
      caption:
        "Queries, keys or values of the last layer are made of the embedding alone, everything else as it was: the loss where the answer stands before. Mean of seeds, lines from the least to the largest.",
      plot: {
        kind: "bar",
        value: { label: "loss (nats)" },
        bars: (["none", ...readings] as const).map((reading) => ({
          name:
            reading === "none"
              ? "nothing changed"
              : `${reading === "query" ? "querie" : reading}s of the embedding`,
          ...range(all.map((one) => one[reading].known)),
        })),
      },
    },
  ];
}

function ablationFigure(trials: readonly AnatomyTrial[]): Figure[] {
  const all = trials.flatMap(({ metrics }) => metrics.ablations ?? []);
  if (all.length === 0) return [];
  const modes = { full: "patterns free", preserving: "patterns kept" } as const;
  const bars = (["full", "preserving"] as const).flatMap((mode): Bar[] => {
    const group = modes[mode];
    const single = (layer: number, pick: (...losses: number[]) => number) =>
      all.map(({ heads }) =>
        pick(...heads.filter((head) => head.layer === layer).map((head) => head[mode].known)),
      );
    return [
      { name: "the whole last layer", group, ...range(all.map((one) => one.lastLayer[mode].known)) },
      { name: "its main head", group, ...range(single(1, Math.max)) },
      { name: "its least head", group, ...range(single(1, Math.min)) },
      { name: "the whole first layer", group, ...range(all.map((one) => one.firstLayer[mode].known)) },
      { name: "the first's main head", group, ...range(single(0, Math.max)) },
      { name: "the first's least head", group, ...range(single(0, Math.min)) },
    ];
  });
  return [
    {
      title: "Silenced heads",
      caption:
        "The loss where the answer stands before, with heads silenced. Patterns free: whatever comes later is computed again. Patterns kept: all attention stays as it was, so that only what the head says is missing. Mean of seeds, lines from the least to the largest.",
      plot: {
        kind: "bar",
        value: { label: "loss (nats)" },
        bars,
        references: [{ value: range(all.map(({ base }) => base.known)).value, label: "nothing silenced" }],
      },
    },
  ];
}

function orderFigure(trials: readonly AnatomyTrial[]): Figure[] {
  if (trials.length === 0) return [];
  const all = trials.map(({ metrics }) => metrics.orders);
  return [
    {
      title: "Paths by the number of heads that they go through",
      caption:
        "Mean loss of all tokens when only some paths are summed, attention as the whole model has it. Single heads of the last layer say nearly everything; virtual heads, made of two, next to nothing. Mean of seeds, lines from the least to the largest.",
      plot: {
        kind: "bar",
        value: { label: "loss (nats)" },
        bars: [
          { name: "direct path", ...range(all.map(({ upTo }) => upTo[0]!)) },
          { name: "and heads of the first layer", ...range(all.map(({ firstLayer }) => firstLayer)) },
          { name: "and heads of the last layer", ...range(all.map(({ lastLayer }) => lastLayer)) },
          { name: "and all single heads", ...range(all.map(({ upTo }) => upTo[1]!)) },
          { name: "and virtual heads: all", ...range(all.map(({ upTo }) => upTo[2]!)) },
        ],
      },
    },
  ];
}

function spectrumFigure(trials: readonly AnatomyTrial[]): Figure[] {
  const first = trials[0];
  if (!first) return [];
  return [
    {
      title: "Eigenvalues of what heads move",
      caption: `Of W_E OV W_U, seed ${first.seed}. Positive ones copy. Heads of the first layer move tokens elsewhere: theirs lie around zero.`,
      plot: {
        kind: "dot",
        x: { label: "real part" },
        y: { label: "imaginary part" },
        groups: first.metrics.heads.map(({ name, ov }) => ({
          name,
          points: ov.eigenvalues.map(([x, y]) => ({ x, y })),
        })),
      },
    },
  ];
}

function attentionFigure(trials: readonly AnatomyTrial[]): Figure[] {
  const first = trials[0];
  if (!first) return [];
  const { tokens, heads } = first.metrics.shown;
  return [
    {
      title: "Attention on a block that repeats",
      caption: `Seed ${first.seed}. In the last layer tokens of the second block look at what followed them in the first; where nothing repeats they rest on the first token, whose values are short.`,
      plot: {
        kind: "attention",
        tokens,
        heads: heads.map(({ layer, head, weights, valueNorms, effects }) => ({
          ...{ layer, head, weights, valueNorms, effects },
        })),
        targets: tokens.map((_, i) => tokens[i + 1] ?? ""),
      },
    },
  ];
}

function overTokensFigure(trials: readonly AnatomyTrial[]): Figure[] {
  const first = trials[0];
  if (!first) return [];
  const { heads } = first.metrics.shown;
  const [head] = heads;
  if (!head) return [];
  const names = head.overTokens.map((_, token) => String(token));
  const most = Math.max(...head.overTokens.flat().map(Math.abs));
  return [
    {
      title: "What one layer says of what it sees",
      caption: `W_E OV W_U of L0H0 of one layer, seed ${first.seed}: a token that is attended to (row) raises itself.`,
      plot: {
        kind: "heat",
        x: "output",
        y: "source",
        columns: names,
        rows: names,
        values: head.overTokens,
        value: { label: "logit", domain: [-most, most], diverging: true },
      },
    },
  ];
}

function titlesFigure(trials: readonly AnatomyTrial[]): Figure[] {
  const first = trials[0];
  if (!first?.metrics.trigrams) return [];
  const kinds = { names: "names", novel: "made-up", common: "common", titles: "titles" } as const;
  const { heads, direct } = first.metrics.trigrams;
  const bars = Object.entries(kinds).flatMap(([kind, name]): Bar[] => {
    const word = kind as keyof typeof kinds; // its own key
    return [
      ...heads.map((head) => ({ name, value: head.asks[word], group: `${head.name} asks for` })),
      { name, value: direct[word], group: "said without looking" },
    ];
  });
  const order = [...heads.map((head) => `${head.name} asks for`), "said without looking"];
  return [
    {
      title: "What one layer does at a title",
      caption: `Mean scores of attention from a title to words of each kind, and the logits of the direct path, seed ${first.seed}. A title looks for names, made-up ones too; but no path says a made-up name unless it was looked at, and nothing binds it to this title.`,
      plot: {
        kind: "bar",
        value: { label: "score, or logit" },
        bars: order.flatMap((group) => bars.filter((one) => one.group === group)),
      },
    },
  ];
}

/** The mean of seeds, and the least and the largest. */
function range(values: readonly number[]): Omit<Bar, "name"> {
  const spread = values.length > 1 ? { low: Math.min(...values), high: Math.max(...values) } : {};
  return { value: mean(values), ...spread };
}
