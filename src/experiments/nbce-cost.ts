// What does another context cost (Su 2023, kexue.fm/archives/9617)?
//
// n contexts of one length are read in one batch, then tokens are made for all of them: attention costs n L² and not (n L)², and each token
// costs n rows of one token. The same texts after one another in a single prompt cost a quadratic prefill. And one context after another,
// without a batch, costs n runs. Times are the least of rounds in turns, all in one process: what else runs on the machine only adds.
//
// We would change our mind if four times as many contexts took more than 4.4 times as long, or if the batch were no faster than the runs one
// by one.
import { platform } from "#platform";
import { type Gpt, gpt } from "../models/gpt";
import { type ModelSource, modelSource } from "../nbce/model-source";
import { heap } from "../runtime/instance";
import type { Rng } from "../tensor/rng";
import type { Experiment, Trial } from "./experiment";
import { costFigures } from "./nbce/cost-figures";
import { readingDifferences } from "./nbce/recall-check";
import { mean } from "./select";

export type CostConfig = {
  /** The largest number of contexts; smaller ones are its halves. */
  readonly contexts: number;
  /** Tokens of a context, of the question, and to be made. */
  readonly length: number;
  readonly asked: number;
  readonly made: number;
  readonly rounds: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
};

/** One number for each number of contexts. */
type PerContexts = readonly number[];

export type CostMetrics = {
  /** n: 1, 2, 4, ... */
  readonly counts: PerContexts;
  /** Milliseconds to read everything, and for a token after that: n contexts in a batch, one by one, and in one long prompt. */
  readonly prefill: PerContexts;
  readonly token: PerContexts;
  readonly apartPrefill: PerContexts;
  readonly apartToken: PerContexts;
  readonly longPrefill: PerContexts;
  readonly longToken: PerContexts;
  /** Times of the most contexts over those of a quarter as many. */
  readonly prefillRatio: number;
  readonly tokenRatio: number;
  readonly longPrefillRatio: number;
  /** Times of runs one by one over those of the batch, at the most contexts: reading, a token, and both with all tokens. */
  readonly prefillGain: number;
  readonly tokenGain: number;
  readonly gain: number;
  /** Bytes of keys and values: of n contexts, and of one long prompt. */
  readonly bytes: PerContexts;
  readonly longBytes: PerContexts;
  /** Of the most contexts over a quarter as many. */
  readonly memoryRatio: number;
  /** Largest difference of a log-probability of a row in the batch from the row alone. */
  readonly batchDifference: number;
};

export type CostTrial = Trial<CostConfig, CostMetrics>;

const base = { width: 64, layers: 2, heads: 4, asked: 8 } as const;
const POST = "Su 2023, NBCE, kexue.fm/archives/9617";
/** A tenth more than linear. */
const LINEAR = 4.4;
const CLOSE = 1e-4;
const VOCABULARY = 256;

export const nbceCost: Experiment<CostConfig, CostMetrics> = {
  name: "nbce-cost",
  question: "What does another context cost?",
  paper: POST,
  grid: {
    smoke: {
      configs: [{ ...base, contexts: 4, length: 16, made: 2, rounds: 1 }],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [{ ...base, contexts: 16, length: 128, made: 8, rounds: 12 }],
      seeds: [0, 1, 2],
      budgetSeconds: 60,
    },
  },
  timed: [
    ...(["prefill", "token", "apartPrefill", "apartToken", "longPrefill", "longToken"] as const),
    ...(["prefillRatio", "tokenRatio", "longPrefillRatio", "prefillGain", "tokenGain", "gain"] as const),
  ],
  check({ contexts }) {
    if (!(contexts >= 4 && halves(contexts).at(-1) === 1))
      throw new Error(`nbce-cost: contexts must be a power of two of at least 4, got ${contexts}`);
  },
  trial,
  claims: [
    {
      id: "contexts-cost-linearly",
      statement: "Four times as many contexts take four times as long, to read and for each token.",
      source: `${POST}, section on cost; the threshold is own`,
      expected: `time at 16 contexts over time at 4 at most ${LINEAR}, prefill and per token, mean over seeds`,
      gate: "none",
      check: (trials) =>
        ratios(trials, ["prefillRatio", "tokenRatio"], (values) => values.every((ratio) => ratio <= LINEAR)),
    },
    {
      id: "one-prompt-costs-more",
      statement: "One prompt of all texts grows faster: every token sees all others.",
      source: POST,
      expected: "prefill at 16 texts over 4 in one prompt above that of contexts, mean over seeds",
      gate: "none",
      check: (trials) =>
        ratios(trials, ["longPrefillRatio", "prefillRatio"], ([long, contexts]) => long! > contexts!),
    },
    {
      id: "a-batch-is-faster",
      statement: "Contexts in one batch are faster than one after another.",
      source: `${POST}: rows of one batch; own`,
      expected: "16 runs take longer than one batch of 16, reading and tokens together, mean over seeds",
      gate: "none",
      check: (trials) => ratios(trials, ["gain", "prefillGain", "tokenGain"], ([gain]) => gain! > 1),
    },
    {
      id: "memory-is-linear",
      statement: "Each context takes the same memory as the one before.",
      source: POST,
      expected: `bytes of the most contexts over a quarter as many above 2 and at most ${LINEAR}`,
      gate: "smoke",
      check(trials) {
        const grown = trials.map(({ metrics }) => metrics.memoryRatio);
        return {
          observed: [...new Set(grown)].join(", "),
          holds: grown.every((ratio) => ratio > 2 && ratio <= LINEAR),
        };
      },
    },
    {
      id: "the-batch-agrees",
      statement: "Rows in a batch, padded and with caches, say what each says alone.",
      source: "own",
      expected: `log-probabilities within ${CLOSE}, every trial`,
      gate: "smoke",
      check(trials) {
        const most = Math.max(...trials.map(({ metrics }) => metrics.batchDifference));
        return { observed: most.toExponential(1), holds: most <= CLOSE };
      },
    },
  ],
  figures: costFigures,
};

/** n, n / 2, n / 4, ... down to 1 where n is a power of two, and else to an odd number. */
function halves(n: number): number[] {
  return n % 2 === 0 ? [n, ...halves(n / 2)] : [n];
}

type Ratio = "prefillRatio" | "tokenRatio" | "longPrefillRatio" | "prefillGain" | "tokenGain" | "gain";

function ratios(
  trials: readonly CostTrial[],
  names: readonly Ratio[],
  rule: (values: readonly number[]) => boolean,
) {
  const judged = trials.filter(({ config }) => config.contexts === 16);
  if (judged.length === 0) return undefined;
  const values = names.map((name) => mean(judged.map(({ metrics }) => metrics[name])));
  return {
    observed: names.map((name, i) => `${name} ${values[i]!.toFixed(2)}`).join(", "),
    holds: rule(values),
  };
}

interface Times {
  readonly prefill: number;
  readonly token: number;
}

function* trial(config: CostConfig, rng: Rng): Generator<number, CostMetrics, void> {
  const { contexts, length, asked, made, rounds } = config;
  const model = makeModel(config, rng.fork("weights"));
  const draws = rng.fork("tokens");
  const tokens = (count: number) => Array.from({ length: count }, () => draws.integer(VOCABULARY));
  const question = tokens(asked);
  const texts = Array.from({ length: contexts }, () => tokens(length));
  const counts = halves(contexts).reverse();
  const source = modelSource(model);
  const rowsOf = (n: number) => [question, ...texts.slice(0, n).map((text) => [...text, ...question])];
  const longOf = (n: number) => [[...texts.slice(0, n).flat(), ...question]];
  const times = counts.map(() => ({ batch: [] as Times[], apart: [] as Times[], long: [] as Times[] }));
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, n] of counts.entries()) {
      const taken = {
        batch: timeOf(source, rowsOf(n), made),
        apart: added(rowsOf(n).map((row) => timeOf(source, [row], made))),
        long: timeOf(source, longOf(n), made),
      };
      if (round > 0) for (const way of ["batch", "apart", "long"] as const) times[i]![way].push(taken[way]);
      yield (round * counts.length + i) / ((rounds + 1) * counts.length);
    }
  }
  const least = (way: "batch" | "apart" | "long", part: keyof Times) =>
    times.map((each) => Math.min(...each[way].map((time) => time[part])));
  const [prefill, token] = [least("batch", "prefill"), least("batch", "token")];
  const [apartPrefill, apartToken] = [least("apart", "prefill"), least("apart", "token")];
  const [longPrefill, longToken] = [least("long", "prefill"), least("long", "token")];
  const last = counts.length - 1;
  const grown = (values: readonly number[]) => rounded(values[last]! / values[last - 2]!);
  const bytes = counts.map((n) => bytesOf(source, rowsOf(n), made));
  const gained = (apart: number, batch: number) => rounded(apart / batch);
  const all = (read: readonly number[], each: readonly number[]) => read[last]! + made * each[last]!;
  return {
    counts,
    ...{ prefill, token, apartPrefill, apartToken, longPrefill, longToken },
    prefillRatio: grown(prefill),
    tokenRatio: grown(token),
    longPrefillRatio: grown(longPrefill),
    prefillGain: gained(apartPrefill[last]!, prefill[last]!),
    tokenGain: gained(apartToken[last]!, token[last]!),
    gain: gained(all(apartPrefill, apartToken), all(prefill, token)),
    bytes,
    memoryRatio: grown(bytes),
    longBytes: counts.map((n) => bytesOf(source, longOf(n), made)),
    batchDifference: readingDifferences(model, [[], ...texts.slice(0, 4)], question, [1, 2]).batchDifference,
  };
}

function makeModel({ contexts, length, asked, made, width, layers, heads }: CostConfig, rng: Rng): Gpt {
  const context = contexts * length + asked + made;
  return gpt(
    { vocabulary: VOCABULARY, context, width, layers, heads, position: "rope", norm: "rmsnorm" },
    rng,
  );
}

/** Milliseconds to read the rows, and for each of the tokens after that. */
function timeOf(source: ModelSource, rows: readonly (readonly number[])[], made: number): Times {
  const began = platform.milliseconds();
  const session = source.prefill(rows, made);
  const read = platform.milliseconds();
  for (let token = 0; token < made; token++) session.step(token);
  const ended = platform.milliseconds();
  session.release();
  return { prefill: read - began, token: (ended - read) / made };
}

/** Memory that the rows keep while tokens are made. */
function bytesOf(source: ModelSource, rows: readonly (readonly number[])[], made: number): number {
  const before = heap().liveBytes;
  const session = source.prefill(rows, made);
  const bytes = heap().liveBytes - before;
  session.release();
  return bytes;
}

function added(times: readonly Times[]): Times {
  return times.reduce(
    (sum, { prefill, token }) => ({ prefill: sum.prefill + prefill, token: sum.token + token }),
    {
      prefill: 0,
      token: 0,
    },
  );
}

function rounded(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}
