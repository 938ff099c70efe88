// A trial of heads-on-text: a small model of characters learns a text, and each head is scored and read.
import { allHeads, type Circuits, fullOv, type HeadCircuit, headName } from "../../analysis/circuits";
import { eigenRatio } from "../../analysis/copying";
import { headLabels } from "../../analysis/head-labels";
import {
  duplicateToken,
  firstToken,
  type Pattern,
  prefixMatching,
  previousToken,
} from "../../analysis/head-scores";
import { circuitsOf } from "../../analysis/model-circuits";
import { attentionPatterns } from "../../analysis/probe";
import { skipTrigrams } from "../../analysis/skip-trigrams";
import { windows } from "../../data/batches";
import { grammarText } from "../../data/grammar";
import { ngramLoss } from "../../data/ngrams";
import { type Corpus, corpus, expectContext } from "../../data/text";
import type { AttentionOnly } from "../../models/attention-only";
import type { Rng } from "../../tensor/rng";
import { evaluate } from "../../train/evaluate";
import type { Inputs, Trial, Yielded } from "../experiment";
import { rounded } from "../rounded";
import { mean } from "../select";
import { type HeadView, headViews } from "./head-view";
import { learnCircuit } from "./learn";
import { type CircuitModel, checkCircuitModel, circuitModel } from "./model";
import { predict } from "./repeats";

export type HeadsTextConfig = CircuitModel & {
  /** A file, or "" for the generated text, and the digest of its content. */
  readonly text: string;
  readonly textDigest: string;
  /** What the heads are shown on; "" is the beginning of the held-out tenth. */
  readonly prompt: string;
  /** Of the text, from its start, white space collapsed. */
  readonly characters: number;
  readonly context: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
};

export type TextHead = {
  readonly layer: number;
  readonly head: number;
  /** On held-out text. */
  readonly previous: number;
  readonly first: number;
  /** On random characters told twice. */
  readonly prefix: number;
  readonly duplicate: number;
  /** Eigenvalue ratio of W_E OV W_U. */
  readonly copying: number;
  /** What it is called by its scores; empty where no name fits. */
  readonly labels: readonly string[];
  /** What it says, read from the weights of a first layer: "h ... t -> e"; of later ones nothing can be. */
  readonly says: readonly string[];
};

export type HeadsTextMetrics = {
  /** Nats per character on the held-out tenth: of the model, and of counting models. */
  readonly heldOut: number;
  readonly unigram: number;
  readonly bigram: number;
  /** Mean loss of a held-out snippet minus that of its repetition: what it gains by having read it. */
  readonly repeatGain: number;
  readonly bestPrefix: number;
  /** What attention to all alike would score there. */
  readonly chancePrefix: number;
  readonly heads: readonly TextHead[];
  readonly curve: readonly (readonly [step: number, heldOut: number])[];
  readonly shown: { readonly tokens: readonly string[]; readonly heads: readonly HeadView[] };
};

export type HeadsTextTrial = Trial<HeadsTextConfig, HeadsTextMetrics>;

const SHOWN = 40;
const SAMPLES = 10;
const SNIPPETS = 64;
const TRIGRAMS = 3;
/** Held-out characters that looks along training are measured on. */
const LOOKED_AT = 2048;

/** @throws Error for sizes that do not fit, and for a prompt that the text has no characters for */
export function checkHeadsText(config: HeadsTextConfig, inputs: Inputs): void {
  const made = corpusOf(config, inputs);
  expectContext(made.train, config.context);
  if (made.heldOut.length < config.context)
    throw new Error(
      `heads-on-text: the held-out tenth must fill the context of ${config.context}, got ${made.heldOut.length} characters; use more characters, a longer text or a shorter context`,
    );
  checkCircuitModel(config, sizesOf(config, made));
  if (config.prompt.length > config.context)
    throw new Error(
      `heads-on-text: a prompt must fit the context of ${config.context}, got ${config.prompt.length} characters`,
    );
  made.tokenizer.encode(config.prompt);
}

export function* headsTextTrial(
  config: HeadsTextConfig,
  rng: Rng,
  inputs: Inputs,
): Generator<Yielded, HeadsTextMetrics, void> {
  const { context, batch, steps, learningRate } = config;
  const made = corpusOf(config, inputs);
  const { train, heldOut, tokenizer } = made;
  const vocabulary = tokenizer.vocabulary.length;
  const model = circuitModel(config, sizesOf(config, made), rng.fork("weights"));
  const loss = (tokens: Int32Array) => rounded(evaluate(model, tokens).natsPerToken);
  const curve = yield* learnCircuit(model, {
    batches: windows(train, { batch, context, rng: rng.fork("training") }),
    look: (step): [number, number] => [step, loss(heldOut.subarray(0, LOOKED_AT))],
    every: 50,
    ...{ steps, learningRate },
  });
  const samples = Array.from({ length: SAMPLES }, (_, at) =>
    toldTwice(rng.fork("sample", at), vocabulary, context),
  );
  const heads = scores(model, made, samples, context);
  return {
    heldOut: loss(heldOut),
    unigram: rounded(ngramLoss(train, heldOut, { order: 1, vocabulary })),
    bigram: rounded(ngramLoss(train, heldOut, { order: 2, vocabulary })),
    repeatGain: repeatGain(model, heldOut, rng.fork("snippets"), context),
    bestPrefix: Math.max(...heads.map(({ prefix }) => prefix)),
    chancePrefix: rounded(mean(samples.map((tokens) => prefixMatching(evenly(tokens.length), tokens)))),
    heads,
    curve,
    shown: shownPrompt(model, config, made),
  };
}

function scores(
  model: AttentionOnly,
  { heldOut, tokenizer }: Corpus,
  samples: readonly Int32Array[],
  context: number,
) {
  const count = Math.min(SAMPLES, Math.floor(heldOut.length / context));
  const stretches = Array.from({ length: count }, (_, at) =>
    heldOut.subarray(at * context, (at + 1) * context),
  );
  const [onText, onSamples] = [stretches, samples].map((all) =>
    all.map((tokens) => ({ tokens, patterns: attentionPatterns(model, tokens) })),
  );
  const circuits = circuitsOf(model);
  return allHeads(circuits).map((place, at): TextHead => {
    const over = (looks: typeof onText, score: (pattern: Pattern, tokens: Int32Array) => number) =>
      rounded(mean(looks!.map(({ tokens, patterns }) => score(patterns[at]!.weights, tokens)))); // in the same order
    const measured = {
      previous: over(onText, previousToken),
      first: over(onText, (pattern) => firstToken(pattern)),
      prefix: over(onSamples, prefixMatching),
      duplicate: over(onSamples, duplicateToken),
      copying: rounded(eigenRatio(fullOv(circuits, place).eigenvalues())),
    };
    const { previous, duplicate, prefix, copying } = measured;
    const labels = headLabels({
      previousToken: previous,
      duplicateToken: duplicate,
      prefixMatching: prefix,
      copying,
    });
    const { layer, head } = place;
    return { layer, head, ...measured, labels, says: layer > 0 ? [] : saysOf(circuits, place, tokenizer) };
  });
}

/** The sources that a head of the first layer is asked for most, each with its strongest destination and output. */
function saysOf(circuits: Circuits, head: HeadCircuit, { token }: Corpus["tokenizer"]): string[] {
  const visible = (id: number) => token(id).replaceAll(" ", "␣");
  return skipTrigrams(circuits, head, { count: 1 })
    .map(({ source, destinations: [to], outputs: [out] }) => ({ source, to: to!, out: out! })) // one each
    .sort((a, b) => b.to.value - a.to.value)
    .slice(0, TRIGRAMS)
    .map(({ source, to, out }) => `${visible(source)} ... ${visible(to.token)} → ${visible(out.token)}`);
}

/** Random tokens, all distinct where there are enough, and again. */
function toldTwice(rng: Rng, vocabulary: number, context: number): Int32Array {
  const period = Math.min(vocabulary, Math.floor(context / 2));
  const block = rng.shuffle(Array.from({ length: vocabulary }, (_, id) => id)).slice(0, period);
  return Int32Array.from([...block, ...block]);
}

/** How much cheaper the second half of a held-out snippet told twice is than the first, in nats per character. */
function repeatGain(model: AttentionOnly, heldOut: Int32Array, rng: Rng, context: number): number {
  const length = Math.floor(context / 2);
  const rows = Array.from({ length: SNIPPETS }, () => {
    const start = rng.integer(heldOut.length - length);
    const snippet = heldOut.subarray(start, start + length);
    return [...snippet, ...snippet];
  });
  const width = 2 * length - 1;
  const { losses } = predict(model, {
    inputs: Int32Array.from(rows.flatMap((row) => row.slice(0, -1))),
    targets: Int32Array.from(rows.flatMap((row) => row.slice(1))),
    ...{ batch: SNIPPETS, context: width },
  });
  // The first character of a snippet has nothing before it, and of the second telling the wrong thing: both are left out.
  const half = (from: number, to: number) =>
    mean(Array.from(losses).filter((_, at) => at % width >= from && at % width < to));
  return rounded(half(0, length - 1) - half(length, width));
}

/** Attention to all alike, [T, T]. */
function evenly(T: number): Float64Array {
  return Float64Array.from({ length: T * T }, (_, at) => {
    const row = Math.floor(at / T);
    return at % T <= row ? 1 / (row + 1) : 0;
  });
}

function shownPrompt(
  model: AttentionOnly,
  { prompt, context }: HeadsTextConfig,
  { heldOut, tokenizer }: Corpus,
) {
  const tokens = prompt === "" ? heldOut.slice(0, Math.min(SHOWN, context)) : tokenizer.encode(prompt);
  const targets = [...tokens.subarray(1), tokens.at(-1)!]; // nothing is asked of the last
  return {
    tokens: Array.from(tokens, (id) => tokenizer.token(id)),
    heads: headViews(model, tokens, targets),
  };
}

function corpusOf({ characters }: HeadsTextConfig, { text }: Inputs): Corpus {
  return corpus((text ?? grammarText({ characters })).replace(/\s+/g, " ").slice(0, characters));
}

function sizesOf({ context }: HeadsTextConfig, { tokenizer }: Corpus) {
  return { vocabulary: tokenizer.vocabulary.length, context };
}

/** "L0H1: one back 0.93, ..." */
export function describeHead(head: TextHead): string {
  const { labels, previous, first, prefix, copying, says } = head;
  const name = labels.length > 0 ? `, a head for ${labels.join(" and ")}` : "";
  const trigrams = says.length > 0 ? `; asked most: ${says.join(", ")}` : "";
  return `${headName(head)}${name}: ${previous.toFixed(2)} of its attention one back, ${first.toFixed(2)} on the first character; prefix matching ${prefix.toFixed(2)}; OV ratio ${copying.toFixed(2)}${trigrams}.`;
}
