// One trial of nbce-recall: a small language model learns to look values up in short documents; then many documents are asked at once.
import { type AttentionOnly, attentionOnly } from "../../models/attention-only";
import { logSoftmax, rowEntropy } from "../../nbce/log-probabilities";
import { type ModelSource, modelSource, windowSource } from "../../nbce/model-source";
import { type NbceOptions, type NbceState, type NbceStep, nbceStep } from "../../nbce/step";
import { namedParameters } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import { floats } from "../../tensor/tensor";
import { adamw } from "../../train/optimizer";
import { warmupCosine } from "../../train/schedule";
import { train } from "../../train/trainer";
import type { Trial } from "../experiment";
import { mean } from "../select";
import { readingDifferences } from "./recall-check";
import {
  document,
  drawPairs,
  type Pair,
  type RecallTask,
  recallBatches,
  recallVocabulary,
} from "./recall-task";

export type RecallConfig = {
  /** Ways in which training documents say that they do not know. */
  readonly phrases: number;
  readonly keys: number;
  readonly values: number;
  /** Pairs of a training document at most, and its tokens with all questions. */
  readonly trainedPairs: number;
  readonly trainedTokens: number;
  /** Documents that are asked together, and pairs of each. */
  readonly contexts: number;
  readonly pairs: number;
  /** Sets of documents in the evaluation, and questions about each, one after another. */
  readonly talks: number;
  readonly asked: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
};

/** Ways to answer, by name. */
export const WAYS = {
  "its document alone": "one",
  "NBCE, min-entropy": { pool: "min-entropy" },
  "NBCE, min-entropy, beta 0": { pool: "min-entropy", beta: 0 },
  "NBCE, max, untruncated": { pool: "max", topP: 1 },
  "NBCE, mean": { pool: "mean" },
  "parallel windows": "windows",
  "one long prompt": "long",
} as const satisfies Readonly<Record<string, NbceOptions | "one" | "windows" | "long">>;

export type Way = keyof typeof WAYS;
export const ways = Object.keys(WAYS) as Way[]; // a closed literal

export type RecallMetrics = {
  /** Share of questions whose answer is right. */
  readonly exact: Readonly<Record<Way, number>>;
  /** Share of answers that are a phrase for "unknown". */
  readonly unknown: Readonly<Record<Way, number>>;
  /** Share of answers for which min-entropy chose the document that holds the key. */
  readonly chosen: number;
  /** Entropy of the answer in nats, mean: of the document that holds the key, of the others, and without any. */
  readonly entropyKnown: number;
  readonly entropyOther: number;
  readonly entropyAlone: number;
  /** Largest difference of a log-probability, over rows and steps: of rows in a batch from each alone, of one window from plain reading. */
  readonly batchDifference: number;
  readonly windowDifference: number;
  /** Pairs of step and loss. */
  readonly curve: readonly (readonly [number, number])[];
  /** The first answers: who spoke, and how unsure each document was. */
  readonly strip: readonly StripToken[];
};

export type StripToken = {
  readonly label: string;
  readonly chosen: number;
  readonly holder: number;
  readonly entropies: readonly number[];
};

export type RecallTrial = Trial<RecallConfig, RecallMetrics>;

/** A quarter of the bias on the logit of the token before, as biases count four times: about all of the attention. */
const LOOK_BACK = 1.5;
const CURVE_POINTS = 60;
const STRIP_TOKENS = 24;

export function* recallTrial(config: RecallConfig, rng: Rng): Generator<number, RecallMetrics, void> {
  const model = makeModel(config, rng.fork("weights"));
  const curve = yield* learn(model, config, rng.fork("training"));
  const draws = rng.fork("evaluation");
  const answers: Answers[] = [];
  for (let i = 0; i < config.talks; i++) {
    answers.push(...talk(model, config, draws.fork(i)));
    yield 1;
  }
  const share = (of: (answers: Answers) => boolean) => mean(answers.map((each) => Number(of(each))));
  const byWay = (of: (answer: Answer) => boolean): Record<Way, number> =>
    // One entry for each way.
    Object.fromEntries(ways.map((way) => [way, share(({ by }) => of(by[way]))])) as Record<Way, number>;
  return {
    exact: byWay(({ right }) => right),
    unknown: byWay(({ unknown }) => unknown),
    chosen: share(({ chose }) => chose),
    entropyKnown: mean(answers.map(({ known }) => known)),
    entropyOther: mean(answers.map(({ other }) => other)),
    entropyAlone: mean(answers.map(({ alone }) => alone)),
    ...compare(model, config, rng.fork("compare")),
    curve,
    strip: answers.slice(0, STRIP_TOKENS).map(({ token }) => token),
  };
}

/**
 * Attention alone, with learned biases by distance. How a head comes to look one token back is the question of another experiment
 * (induction-heads) and takes most of the training: here the first one begins so.
 */
function makeModel(config: RecallConfig, rng: Rng): AttentionOnly {
  const { width, layers, heads, contexts, pairs, asked } = config;
  const longest = 2 * contexts * pairs + 1 + 2 * asked;
  const context = Math.max(longest, config.trainedTokens);
  const model = attentionOnly(
    { vocabulary: recallVocabulary(config).size, context, width, layers, heads, position: "relative" },
    rng,
  );
  const biases = namedParameters(model).get("position.weight");
  if (!biases) throw new Error("nbce-recall: relative positions have learned biases");
  floats(biases)[context] = LOOK_BACK; // of the first head, whose row has distance 0 in column context - 1
  return model;
}

function* learn(model: AttentionOnly, config: RecallConfig, rng: Rng): Generator<number, [number, number][]> {
  const { trainedPairs: pairs, trainedTokens: context, steps, batch, learningRate } = config;
  const optimizer = adamw(namedParameters(model), { beta2: 0.98, weightDecay: 0 });
  const schedule = warmupCosine({ learningRate, warmup: Math.min(100, steps), steps });
  const batches = recallBatches(config, { batch, context, pairs, rng });
  const curve: [number, number][] = [];
  const stride = Math.max(1, Math.floor(steps / CURVE_POINTS));
  for (const { step, loss } of train(model, { batches, steps, learningRate: schedule, optimizer, clip: 1 })) {
    if (step === 1 || step % stride === 0) curve.push([step, rounded(loss)]);
    yield step / steps;
  }
  optimizer.release();
  return curve;
}

/** Documents of 0, 1, 2, ... pairs, and two questions. */
function compare(model: AttentionOnly, config: RecallConfig, rng: Rng) {
  const all = drawPairs(config, config.trainedPairs, rng);
  const documents = all.map((_, count) => document(config, all.slice(0, count)));
  const words = recallVocabulary(config);
  return readingDifferences(
    model,
    documents,
    [words.ask, ...document(config, all.slice(0, 1))],
    document(config, all.slice(-1)),
  );
}

interface Answer {
  readonly right: boolean;
  readonly unknown: boolean;
}

interface Answers {
  readonly by: Readonly<Record<Way, Answer>>;
  readonly chose: boolean;
  readonly known: number;
  readonly other: number;
  readonly alone: number;
  readonly token: StripToken;
}

/** Documents without a key in common, and questions one after another, answered in every way. */
function talk(model: AttentionOnly, config: RecallConfig, rng: Rng): Answers[] {
  const { contexts, pairs, asked } = config;
  const words = recallVocabulary(config);
  const all = drawPairs(config, contexts * pairs, rng);
  const documents = Array.from({ length: contexts }, (_, k) => all.slice(k * pairs, (k + 1) * pairs));
  const questions = rng.shuffle(all).slice(0, asked);
  const texts = documents.map((own) => document(config, own));
  const after = (text: readonly number[]) => [...text, words.ask];
  const spoken = new Map(
    ways.map((way): [Way, Spoken[]] => {
      const how = WAYS[way];
      const [source, rows, options]: [ModelSource, number[][], NbceOptions] =
        how === "windows"
          ? [windowSource(model, texts), [after([])], {}]
          : how === "long"
            ? [modelSource(model), [after(document(config, all))], {}]
            : [modelSource(model), [[], ...texts].map(after), how === "one" ? {} : how];
      const own = (pair: Pair) => 1 + documents.findIndex((each) => each.includes(pair));
      return [way, speak(source, rows, questions, { options, row: how === "one" ? own : undefined })];
    }),
  );
  return questions.map((pair, i) => {
    const holder = documents.findIndex((own) => own.includes(pair));
    const { step, alone, token } = spoken.get("NBCE, min-entropy")![i]!; // one for each question
    return {
      // One entry for each way.
      by: Object.fromEntries(
        ways.map((way) => {
          const said = spoken.get(way)![i]!.token;
          return [way, { right: said === words.value(pair.value), unknown: words.isPhrase(said) }];
        }),
      ) as Record<Way, Answer>,
      chose: step.chosen === holder,
      known: step.entropies[holder]!,
      other: mean(Array.from(step.entropies).filter((_, k) => k !== holder)),
      alone,
      token: {
        label: `k${pair.key} ${nameOf(config, token)}`,
        chosen: step.chosen ?? -1,
        holder,
        entropies: Array.from(step.entropies, rounded),
      },
    };
  });
}

interface Spoken {
  readonly token: number;
  readonly step: NbceStep;
  /** Entropy of the row without context. */
  readonly alone: number;
}

interface Manner {
  readonly options: NbceOptions;
  /** The only row that is asked, where it is one. */
  readonly row: ((pair: Pair) => number) | undefined;
}

/** All rows are given each key in turn, and the likeliest answer, as the rows together have it. */
function speak(
  source: ModelSource,
  rows: readonly number[][],
  questions: readonly Pair[],
  { options, row }: Manner,
): Spoken[] {
  const session = source.prefill(rows, 2 * questions.length);
  let state: NbceState = {};
  const spoken = questions.map((pair) => {
    const logits = session.step(pair.key);
    const step = nbceStep(row ? [logits[row(pair)]!] : logits, state, options);
    const token = step.scores.reduce((best, score, id) => (score > step.scores[best]! ? id : best), 0);
    state = step.state;
    session.step(token);
    return { token, step, alone: rowEntropy(logSoftmax(logits[0]!)) }; // the row without context
  });
  session.release();
  return spoken;
}

function nameOf(task: RecallTask, id: number): string {
  const { keys, values } = task;
  const words = recallVocabulary(task);
  if (words.isValue(id)) return `v${id - keys}`;
  return words.isPhrase(id) ? `u${id - keys - values}` : "?";
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
