// Does a table of positions model language (Tay et al. 2021, arXiv:2005.00743, table 3, on LM1B)?
//
// Small causal models of characters, on any text (--text FILE), beside counting models of the same text. At this size what matters is
// the last few characters, which a table of positions finds at once: it should pass what counts pairs and triples, and leave a fixed table
// behind. The paper's order, dot products first, needs longer training on more text, and is not claimed here.
//
// We would change our mind if a learned table did not pass the trigram, or if a fixed one came near it.
import { sequentialWindows, windows } from "../data/batches";
import { grammarText } from "../data/grammar";
import { ngramLoss } from "../data/ngrams";
import { type Corpus, corpus } from "../data/text";
import { type Tagger, tagger } from "../models/tagger";
import { parameterCount } from "../nn/module";
import { tokenLosses } from "../ops/crossentropy";
import { kernels } from "../runtime/instance";
import type { Rng } from "../tensor/rng";
import { ids, scope } from "../tensor/tensor";
import type { Experiment, Inputs, Trial } from "./experiment";
import { rounded } from "./rounded";
import { macsPerToken } from "./synthesizer/cost";
import { learn, look } from "./synthesizer/learn";
import { textFigures } from "./synthesizer/text-figures";
import { variantSettings } from "./synthesizer/variants";

export type TextConfig = {
  readonly variant: string;
  /** A file, or "" for the generated text, and the digest of its content. */
  readonly text: string;
  readonly textDigest: string;
  /** Of the text, from its start, white space collapsed; the last tenth is held out. */
  readonly characters: number;
  readonly context: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly tableRate: number;
};

export type TextMetrics = {
  /** Nats per character on the held-out tenth: of the model, and of counting models of one to three characters. */
  readonly heldOut: number;
  readonly unigram: number;
  readonly bigram: number;
  readonly trigram: number;
  readonly parameters: number;
  readonly macs: number;
  readonly curve: readonly (readonly [number, number])[];
  readonly maps: readonly (readonly (readonly number[])[])[];
  readonly alpha: readonly (readonly (readonly number[])[])[];
};

export type TextTrial = Trial<TextConfig, TextMetrics>;

const base = { text: "", textDigest: "", width: 32, heads: 4, learningRate: 4e-3, tableRate: 15 };
const full = { ...base, characters: 100_000, context: 32, layers: 2, steps: 1200, batch: 32 };
const small = { ...base, characters: 20_000, context: 16, layers: 1, steps: 150, batch: 16 };
const WARMUP = 40;
const LOOKED = 16;

export const synthesizerText: Experiment<TextConfig, TextMetrics> = {
  name: "synthesizer-text",
  question: "Does a table of positions model language?",
  paper: "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743",
  grid: {
    smoke: {
      configs: ["R", "Fixed"].map((variant) => ({ ...small, variant })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: ["V", "R", "D", "Fixed", "R+V"].map((variant) => ({ ...full, variant })),
      seeds: [0, 1, 2],
      budgetSeconds: 300,
    },
  },
  check: ({ variant }) => {
    variantSettings(variant);
  },
  trial,
  claims: [
    {
      id: "table-passes-trigram",
      statement: "A learned table models characters better than counting triples does.",
      source: "Tay et al. 2021, table 3, in miniature",
      expected: "mean held-out loss of R at least 0.05 nats below the interpolated trigram",
      gate: "full",
      check: (trials) => judge(trials, ["R"], (of, { trigram }) => of("R") <= trigram - 0.05),
    },
    {
      id: "dot-product-follows",
      statement: "Dot products come as far, or nearly.",
      source: "Tay et al. 2021, table 3, in miniature",
      expected: "mean held-out loss of V at most 0.1 nats above the interpolated trigram",
      gate: "full",
      check: (trials) => judge(trials, ["V"], (of, { trigram }) => of("V") <= trigram + 0.1),
    },
    {
      id: "fixed-works-and-loses",
      statement: "A fixed table is of some use, and far behind.",
      source: "Tay et al. 2021, table 3 (Fixed Random 50.5 against 40.6 and 38.2), in miniature",
      expected: "mean held-out loss of Fixed below the bigram, and 0.25 nats above the better of R and V",
      gate: "full",
      check: (trials) =>
        judge(trials, ["Fixed", "R", "V"], (of, { bigram }) => {
          return of("Fixed") < bigram && of("Fixed") - Math.min(of("R"), of("V")) >= 0.25;
        }),
    },
    {
      id: "learned-table-wins",
      statement: "To learn the table helps.",
      source: "Tay et al. 2021, table 3",
      expected: "mean held-out loss of R below Fixed",
      gate: "smoke",
      check: (trials) => judge(trials, ["R", "Fixed"], (of) => of("R") < of("Fixed")),
    },
  ],
  figures: textFigures,
};

function* trial(config: TextConfig, rng: Rng, inputs: Inputs): Generator<number, TextMetrics, void> {
  const { characters, context, width, heads, layers, batch, steps, learningRate, tableRate, variant } =
    config;
  const whole = inputs.text ?? grammarText({ characters });
  const made = corpus(whole.replace(/\s+/g, " ").slice(0, characters));
  const vocabulary = made.tokenizer.vocabulary.length;
  const model = tagger(
    {
      ...{ vocabulary, outputs: vocabulary, context, width, heads, layers, mask: "causal" },
      ...variantSettings(variant),
    },
    rng.fork("weights"),
  );
  const curve = yield* learn(model, {
    batches: windows(made.train, { batch, context, rng: rng.fork("training") }),
    ...{ steps, learningRate, tableRate, warmup: WARMUP },
  });
  const counted = (order: number) => rounded(ngramLoss(made.train, made.heldOut, { order, vocabulary }));
  return {
    heldOut: rounded(heldOutLoss(model, made)),
    unigram: counted(1),
    bigram: counted(2),
    trigram: counted(3),
    parameters: parameterCount(model),
    macs: Math.round(layers * macsPerToken(model.config, context, batch)),
    curve,
    ...look(model, made.heldOut.slice(0, Math.min(context, LOOKED))),
  };
}

function heldOutLoss(model: Tagger, { heldOut }: Corpus): number {
  const { context } = model.config;
  const batch = 16;
  let sum = 0;
  for (const { inputs, targets } of sequentialWindows(heldOut, { batch, context })) {
    sum += scope(() => {
      const shape = [batch, context];
      const { losses } = tokenLosses(model.logits(ids(inputs, shape)), ids(targets, shape));
      return kernels().ssum(losses.ptr, losses.size);
    });
  }
  return sum / (heldOut.length - 1);
}

type Floors = Pick<TextMetrics, "unigram" | "bigram" | "trigram">;

function judge(
  trials: readonly TextTrial[],
  names: readonly string[],
  rule: (of: (name: string) => number, floors: Floors) => boolean,
) {
  const found = names.map((name) => {
    const losses = trials
      .filter(({ config }) => config.variant === name)
      .map(({ metrics }) => metrics.heldOut);
    return [name, losses.reduce((sum, loss) => sum + loss, 0) / losses.length] as const;
  });
  const floors = trials[0]?.metrics;
  if (!floors || found.some(([, mean]) => Number.isNaN(mean))) return undefined;
  const of = new Map(found);
  return {
    observed: `${found.map(([name, mean]) => `${name} ${mean.toFixed(3)}`).join(", ")}; bigram ${floors.bigram}, trigram ${floors.trigram}`,
    holds: rule((name) => of.get(name) ?? Number.NaN, floors),
  };
}
