// Can a model that reads 8 pairs look a key up among 32, if the contexts are asked one by one (Su 2023, kexue.fm/archives/9617)?
//
// A language model of two layers of attention learns from documents of at most 40 tokens: pairs of keys and values, then questions; about a
// key that is not there it must say that it does not know. Then 32 pairs are asked at once: in 8 documents by NBCE, in 8 parallel windows
// (Ratner et al. 2022), and in one prompt with four times as many pairs as any document it has seen. How sure is a document that does not
// know? Where there are many phrases for it, unsure of which; where there is one, perfectly sure. The post's author saw strong models fail
// by that: their contexts that cannot answer say so with very low entropy, and win.
//
// We would change our mind about NBCE if it stayed below nine in ten where documents that do not know are unsure, and about the failure if
// it did as well where they are sure.
import type { Experiment, Observation } from "./experiment";
import { meanInterval } from "./interval";
import { recallFigures } from "./nbce/recall-figures";
import {
  type RecallConfig,
  type RecallMetrics,
  type RecallTrial,
  recallTrial,
  type Way,
} from "./nbce/recall-trial";
import { where } from "./select";

const base = {
  ...{ keys: 40, values: 16, trainedPairs: 8, trainedTokens: 40, contexts: 8, pairs: 4, asked: 4 },
  ...{ width: 64, layers: 2, heads: 4, learningRate: 5e-3 },
} as const;
/** Ways to say unknown: so many that a document which does not know is unsure, and one, which makes it sure. */
const MANY = 16;
const ONE = 1;
const POSTS = "Su 2023, NBCE, kexue.fm/archives/9617 and kexue.fm/archives/9632";
/** Steps from which on claims about learning are judged. */
const TRAINED = 500;
/** Of float32 logits. */
const CLOSE = 1e-4;

export const nbceRecall: Experiment<RecallConfig, RecallMetrics> = {
  name: "nbce-recall",
  question: "Can a model that reads 8 pairs look a key up among 32, if the contexts are asked one by one?",
  paper: `${POSTS}; Ratner et al. 2022, Parallel Context Windows, arXiv:2212.10947`,
  grid: {
    smoke: {
      configs: [MANY, ONE].map((phrases) => ({ ...base, phrases, talks: 2, steps: 12, batch: 8 })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [MANY, ONE].map((phrases) => ({ ...base, phrases, talks: 50, steps: 1500, batch: 32 })),
      seeds: [0, 1, 2],
      budgetSeconds: 350,
    },
  },
  trial: recallTrial,
  claims: [
    {
      id: "answers-beyond-its-length",
      statement:
        "Asked document by document, the model finds the value among four times the pairs that it was trained for.",
      source: `${POSTS}: the algorithm`,
      expected: `exact match of NBCE with min-entropy at least 0.9, mean over seeds, ${MANY} ways to say unknown`,
      gate: "full",
      check: (trials) => exactMatch(trials, MANY, "NBCE, min-entropy", (value) => value >= 0.9),
    },
    {
      id: "the-holder-speaks",
      statement: "The document that is chosen is the one that holds the key.",
      source: `${POSTS}: the least uncertain pool`,
      expected: `chosen at 0.95 of the values at least, mean over seeds, ${MANY} ways to say unknown`,
      gate: "full",
      check: (trials) =>
        overSeeds(
          trained(trials, MANY).map(({ metrics }) => metrics.chosen),
          (v) => v >= 0.95,
        ),
    },
    {
      id: "one-long-prompt-collapses",
      statement: "The same pairs in one prompt are too many for it.",
      source: "own",
      expected: "exact match of one long prompt at least 0.3 below that of NBCE, means over seeds",
      gate: "none",
      check: (trials) => behind(trials, "one long prompt", 0.3),
    },
    {
      id: "windows-stay-behind",
      statement: "Parallel windows, which mix all documents in every layer, do not find it as well.",
      source: "Ratner et al. 2022, arXiv:2212.10947; kexue.fm/archives/9617, which compares",
      expected: "exact match of parallel windows below that of NBCE, means over seeds",
      gate: "none",
      check: (trials) => behind(trials, "parallel windows", 0),
    },
    {
      id: "sure-of-not-knowing-wins",
      statement:
        "Where there is one way to say unknown, documents that do not know are as sure as the one that does, and win.",
      source: "kexue.fm/archives/9617, the author's comment on strong models",
      expected: "exact match of NBCE with min-entropy at most half of what many ways give, means over seeds",
      gate: "none",
      check(trials) {
        const [many, one] = [MANY, ONE].map((phrases) => exactOf(trials, phrases, "NBCE, min-entropy"));
        if (!many || !one) return undefined;
        return { observed: `${say(one)} against ${say(many)}`, holds: one.mean <= many.mean / 2 };
      },
    },
    {
      id: "max-holds-unknown-against-nothing",
      statement:
        "The greatest of the documents' probabilities, less what is said without any, finds the value even then.",
      source: "kexue.fm/archives/9617, the max pool with beta 0.25; the threshold is own",
      expected: "exact match of NBCE with max at least 0.9 with one way to say unknown, mean over seeds",
      gate: "none",
      check: (trials) => exactMatch(trials, ONE, "NBCE, max, untruncated", (value) => value >= 0.9),
    },
    {
      id: "together-as-alone",
      statement: "Documents read in one batch, padded and with caches, say what each says alone.",
      source: "own; kexue.fm/archives/9617, batched rows with left padding",
      expected: `log-probabilities of all rows and steps within ${CLOSE} of a forward pass of each, every trial`,
      gate: "smoke",
      check: (trials) => largest(trials, "batchDifference"),
    },
    {
      id: "one-window-is-plain",
      statement: "One parallel window is the plain model.",
      source: "Ratner et al. 2022, arXiv:2212.10947, section 3",
      expected: `log-probabilities within ${CLOSE}, every trial`,
      gate: "smoke",
      check: (trials) => largest(trials, "windowDifference"),
    },
  ],
  story,
  figures: recallFigures,
};

function story(trials: readonly RecallTrial[]): string[] {
  const share = (phrases: number, way: Way) => exactOf(trials, phrases, way)?.mean;
  const percent = (value: number | undefined) =>
    value === undefined ? "?" : `${(100 * value).toFixed(1)} %`;
  if (share(MANY, "NBCE, min-entropy") === undefined) return [];
  return [
    `Among 32 pairs, four times what it was trained for, the model finds ${percent(share(MANY, "NBCE, min-entropy"))} of the values by NBCE, ${percent(share(MANY, "parallel windows"))} in parallel windows and ${percent(share(MANY, "one long prompt"))} in one prompt; alone with the right document it finds ${percent(share(MANY, "its document alone"))}.`,
    `Where it learned one way to say that it does not know, it says so surely, and NBCE finds ${percent(share(ONE, "NBCE, min-entropy"))}; the greatest probability, with what is said without documents held against it, finds ${percent(share(ONE, "NBCE, max, untruncated"))}.`,
  ];
}

/** Trials of models that had a chance to learn. */
function trained(trials: readonly RecallTrial[], phrases: number): RecallTrial[] {
  return where(trials, { phrases }).filter(({ config }) => config.steps >= TRAINED);
}

function exactOf(trials: readonly RecallTrial[], phrases: number, way: Way) {
  const values = trained(trials, phrases).map(({ metrics }) => metrics.exact[way]);
  return values.length === 0 ? undefined : meanInterval(values);
}

function exactMatch(
  trials: readonly RecallTrial[],
  phrases: number,
  way: Way,
  rule: (mean: number) => boolean,
): Observation | undefined {
  return overSeeds(
    trained(trials, phrases).map(({ metrics }) => metrics.exact[way]),
    rule,
  );
}

function overSeeds(values: readonly number[], rule: (mean: number) => boolean): Observation | undefined {
  if (values.length === 0) return undefined;
  const interval = meanInterval(values);
  return { observed: say(interval), holds: rule(interval.mean) };
}

function behind(trials: readonly RecallTrial[], way: Way, least: number): Observation | undefined {
  const [other, nbce] = ([way, "NBCE, min-entropy"] as const).map((name) => exactOf(trials, MANY, name));
  if (!other || !nbce) return undefined;
  return { observed: `${say(other)} against ${say(nbce)}`, holds: nbce.mean - other.mean > least };
}

function largest(
  trials: readonly RecallTrial[],
  metric: "batchDifference" | "windowDifference",
): Observation {
  const most = Math.max(...trials.map(({ metrics }) => metrics[metric]));
  return { observed: most.toExponential(1), holds: most <= CLOSE };
}

function say({ mean, low, high }: ReturnType<typeof meanInterval>): string {
  const share = (end: number) => Math.min(1, Math.max(0, end)).toFixed(3);
  const ends = low === undefined || high === undefined ? "" : ` (${share(low)} to ${share(high)})`;
  return `${mean.toFixed(3)}${ends}`;
}
