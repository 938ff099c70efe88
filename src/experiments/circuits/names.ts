// Made-up names as a task for circuits: sizes, and what a model answers when a title is told again.
import {
  type BindingProbe,
  bindingProbe,
  madeUpNames,
  type NameProbe,
  nameProbe,
  type PairBatch,
  type ProbeKind,
  probeKinds,
  words,
} from "../../data/made-up-names";
import type { LanguageModel } from "../../models/model";
import type { RunOptions } from "../../nn/run";
import { softmax } from "../../ops/softmax";
import { lastToken } from "../../ops/view";
import type { Rng } from "../../tensor/rng";
import { floats, ids, scope } from "../../tensor/tensor";
import { rounded } from "../rounded";
import { mean } from "../select";
import { predict } from "./repeats";

/** Tokens of a sequence, the first included. */
const TOKENS = 49;
export const namesSizes = { vocabulary: words.length, context: TOKENS } as const;

export function namesBatches(batch: number, rng: Rng): (step: number) => PairBatch {
  return madeUpNames({ batch, context: TOKENS - 1, rng });
}

/** What models are asked, the same at every step of a trial. */
export interface NameProbes {
  readonly sequences: PairBatch;
  readonly asked: Readonly<Record<ProbeKind, NameProbe>>;
  readonly binding: Readonly<Record<"names" | "novel", BindingProbe>>;
}

export interface ProbeSizes {
  readonly sequences: number;
  readonly asked: number;
  readonly binding: number;
}

export function nameProbes(sizes: ProbeSizes, rng: Rng): NameProbes {
  const asked = (kind: ProbeKind) => nameProbe(kind, { count: sizes.asked, rng: rng.fork(kind) });
  const bound = (kind: "names" | "novel") =>
    bindingProbe(kind, { count: sizes.binding, rng: rng.fork("binding", kind) });
  const [known, two, novel, novel2] = probeKinds.map(asked) as [NameProbe, NameProbe, NameProbe, NameProbe]; // four kinds
  return {
    sequences: namesBatches(sizes.sequences, rng.fork("sequences"))(0),
    asked: { known, two, novel, novel2 },
    binding: { names: bound("names"), novel: bound("novel") },
  };
}

/** Share of likeliest tokens that are right among values whose pair was told before. */
export function recallAccuracy(model: LanguageModel, sequences: PairBatch): number {
  const { right } = predict(model, sequences);
  return rounded(mean(Array.from(right).filter((_, at) => sequences.known[at] === 1)));
}

/** After the last token of each sequence, [count, V]. */
function lastLogits(
  model: LanguageModel,
  { inputs, count, length }: Omit<NameProbe, "answers">,
  { probabilities = false, ...options }: RunOptions & { readonly probabilities?: boolean } = {},
): Float32Array[] {
  return scope(() => {
    const logits = lastToken(model.logits(ids(inputs, [count, length]), options));
    const values = floats(probabilities ? softmax(logits) : logits);
    const V = values.length / count;
    return Array.from({ length: count }, (_, row) => values.slice(row * V, (row + 1) * V));
  });
}

export type Answers = {
  /** Share of probes in which the answer is the likeliest word. */
  readonly accuracy: number;
  /** Mean probability of the answer. */
  readonly probability: number;
};

export function answers(model: LanguageModel, probe: NameProbe, options: RunOptions = {}): Answers {
  const rows = lastLogits(model, probe, { ...options, probabilities: true });
  const right = rows.map((row, i) => {
    const answer = probe.answers[i]!;
    return row.every((value, word) => word === answer || value < row[answer]!) ? 1 : 0;
  });
  return {
    accuracy: rounded(mean(right)),
    probability: rounded(mean(rows.map((row, i) => row[probe.answers[i]!]!))),
  };
}

export type Binding = {
  /** Share of probes in which the answer is likelier than the rival. */
  readonly accuracy: number;
  /** Mean difference of their logits. */
  readonly gap: number;
};

export function binding(model: LanguageModel, probe: BindingProbe): Binding {
  const gaps = lastLogits(model, probe).map((row, i) => row[probe.answers[i]!]! - row[probe.rivals[i]!]!);
  return {
    accuracy: rounded(mean(gaps.map((gap) => (gap > 0 ? 1 : 0)))),
    gap: rounded(mean(gaps)),
  };
}

/** The likeliest words after a sequence, likeliest first. */
export function likeliestWords(model: LanguageModel, tokens: Int32Array, count: number) {
  const sequence = { inputs: tokens, count: 1, length: tokens.length };
  const [row] = lastLogits(model, sequence, { probabilities: true });
  return Array.from(row ?? [], (probability, id) => ({ word: words[id]!, probability: rounded(probability) }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
}
