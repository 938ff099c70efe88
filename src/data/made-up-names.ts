// Pairs of a key and a value, told again and again in random order: which title belongs to which name? The task that tells one layer of
// attention from two by a made-up name.
//
//     <bos>  river grass  Doctor Smith  lamp  river grass  coat stone  Doctor Smith  ...
//            |- a pair -| |- title  -|  filler            pairs are drawn independently: how long ago one was tells nothing
//
// Two kinds of sequences. Plain ones pair names, made-up names and common words at random. In those with a title most pairs are of common
// words, the title has a name (6 of 10) or a common word, and half the time a common word has another name. A made-up name and a title
// never stand in one sequence, so whoever names Doctor Gigamuru has copied it: it cannot have been learned.
//
// After the examples of Olsson et al. 2022 (arXiv:2209.11895) and Elhage et al. 2021.
import type { Rng } from "../tensor/rng";
import type { Batch } from "./batches";

const BOS = "<bos>";
const KINDS = {
  titles: "Doctor Professor",
  names: "Smith Jones Brown Taylor Wilson Davies Evans Thomas",
  novel: "Gigamuru Brimblefax Zorvelta Quinnip",
  common:
    "store garden river grass lamp coat stone bread cloud paper train candle window market bridge kettle ladder mirror needle orange pocket saddle timber violin wagon yard",
} as const;

/** Token by id: 41 words. */
export const words: readonly string[] = [BOS, ...Object.values(KINDS).flatMap((list) => list.split(" "))];

export type WordKind = keyof typeof KINDS;

/** The ids of each kind of word. */
export const kinds: Readonly<Record<WordKind, readonly number[]>> = {
  titles: idsOf("titles"),
  names: idsOf("names"),
  novel: idsOf("novel"),
  common: idsOf("common"),
};

export interface PairBatch extends Batch {
  /** [batch, context]: 1 where the target is a value whose pair was told before, and so can be known. */
  readonly known: Uint8Array;
}

/** Sequences [count, length] that end with a title, and what follows it. */
export interface NameProbe {
  readonly inputs: Int32Array;
  readonly count: number;
  readonly length: number;
  /** [count]: the value that stood after this title. */
  readonly answers: Int32Array;
}

/** A probe in which a common word had a value of the same kind, as often as the title had its own: once. */
export interface BindingProbe extends NameProbe {
  /** [count] */
  readonly rivals: Int32Array;
}

/** `two` and `novel2` are `known` and `novel` beside another name, which belongs to a common word. */
export const probeKinds = ["known", "two", "novel", "novel2"] as const;
export type ProbeKind = (typeof probeKinds)[number];

type Pair = readonly [key: number, value: number];
interface Document {
  readonly pairs: readonly Pair[];
  readonly fillers: readonly number[];
}
/** A pair that is told once, at the first place from `from` on where one may begin. */
interface Mention {
  readonly pair: Pair;
  readonly from: number;
}

const FEWEST_PAIRS = 3;
const MOST_PAIRS = 7;
const FILLERS = 4;
/** Of a probe: its mentions fit. */
const LENGTH = 30;

/**
 * Training batches as a function of the step.
 * @throws RangeError unless batch and context are whole numbers of at least 1
 */
export function madeUpNames(options: {
  readonly batch: number;
  readonly context: number;
  readonly rng: Rng;
}): (step: number) => PairBatch {
  const { batch, context, rng } = options;
  expectCounts({ batch, context });
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context);
    const known = new Uint8Array(batch * context);
    for (let row = 0; row < batch; row++) {
      const document = draws.uniform() < 0.5 ? plain(draws) : withTitle(draws);
      const told = tell(document, context + 1, draws);
      inputs.set(told.tokens.slice(0, -1), row * context);
      targets.set(told.tokens.slice(1), row * context);
      known.set(told.known.slice(1), row * context);
    }
    return { inputs, targets, known, batch, context };
  };
}

/** Sequences in which a title and its value stand once, early, and the title stands again at the end. */
export function nameProbe(kind: ProbeKind, options: ProbeOptions): NameProbe {
  return drawProbe(options, (draws) => {
    const answer = draws.choice(kind === "known" || kind === "two" ? kinds.names : kinds.novel);
    const beside = kind === "two" || kind === "novel2";
    const document = commonPairs(
      draws,
      pairCount(draws) - 1,
      beside ? otherThan(answer, "names", draws) : undefined,
    );
    const pair: Pair = [draws.choice(kinds.titles), answer];
    return { document, title: pair[0], answer, mentions: [{ pair, from: 2 + draws.integer(11) }] };
  });
}

/**
 * Sequences in which the title has one value and a common word another of the same kind, each told once, in either order: only who binds
 * values to their keys can choose, and how likely a word is by itself cannot help.
 */
export function bindingProbe(kind: "names" | "novel", options: ProbeOptions): BindingProbe {
  const rivals: number[] = [];
  const probe = drawProbe(options, (draws) => {
    const answer = draws.choice(kinds[kind]);
    const rival = otherThan(answer, kind, draws);
    rivals.push(rival);
    const { pairs, fillers } = commonPairs(draws, pairCount(draws) - 1);
    const [key, ...rest] = fillers; // six at least
    const title = draws.choice(kinds.titles);
    const places = [2 + draws.integer(19), 2 + draws.integer(19)].sort((a, b) => a - b);
    const both = draws.shuffle<Pair>([
      [title, answer],
      [key!, rival],
    ]);
    const mentions = both.map((pair, i) => ({ pair, from: places[i]! }));
    return { document: { pairs, fillers: rest }, title, answer, mentions };
  });
  return { ...probe, rivals: Int32Array.from(rivals) };
}

interface ProbeOptions {
  readonly count: number;
  readonly rng: Rng;
  /** Tokens of each sequence, the title at the end included; 30 by default, and at least that: mentions must fit. */
  readonly length?: number;
}

interface Asked {
  readonly document: Document;
  readonly mentions: readonly Mention[];
  readonly title: number;
  readonly answer: number;
}

function drawProbe({ count, rng, length = LENGTH }: ProbeOptions, draw: (draws: Rng) => Asked): NameProbe {
  expectCounts({ count });
  if (!(Number.isInteger(length) && length >= LENGTH))
    throw new RangeError(`made-up-names: length must be a whole number of at least ${LENGTH}, got ${length}`);
  const inputs = new Int32Array(count * length);
  const answers = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const draws = rng.fork(row);
    const { document, mentions, title, answer } = draw(draws);
    inputs.set([...tell(document, length - 1, draws, mentions).tokens, title], row * length);
    answers[row] = answer;
  }
  return { inputs, answers, count, length };
}

function plain(draws: Rng): Document {
  const count = pairCount(draws);
  const free = draws.shuffle([...kinds.names, ...kinds.novel, ...kinds.common]);
  return { pairs: pairsOf(free, count), fillers: free.slice(2 * count, 2 * count + FILLERS) };
}

function withTitle(draws: Rng): Document {
  const count = pairCount(draws);
  const [distractor, name] = draws.shuffle(kinds.names);
  const { pairs, fillers } = commonPairs(draws, count - 1, draws.uniform() < 0.5 ? distractor : undefined);
  const [spare, ...rest] = fillers;
  const named = draws.uniform() < 0.6;
  const value = named ? name! : spare!; // eight names, six fillers at least
  return {
    pairs: [...pairs, [draws.choice(kinds.titles), value]],
    fillers: named ? fillers : rest,
  };
}

/** Pairs of common words, all distinct, and two more fillers than usual; the first pair's value may be replaced. */
function commonPairs(draws: Rng, count: number, value?: number): Document {
  const free = draws.shuffle(kinds.common);
  const [first, ...rest] = pairsOf(free, count);
  return {
    pairs: [value === undefined ? first! : [first![0], value], ...rest], // two pairs at least
    fillers: free.slice(2 * count, 2 * count + FILLERS + 2),
  };
}

function pairsOf(free: readonly number[], count: number): Pair[] {
  return Array.from({ length: count }, (_, i) => [free[2 * i]!, free[2 * i + 1]!]); // every caller has enough
}

function pairCount(draws: Rng): number {
  return FEWEST_PAIRS + draws.integer(MOST_PAIRS - FEWEST_PAIRS + 1);
}

function otherThan(answer: number, kind: WordKind, draws: Rng): number {
  return draws.choice(kinds[kind].filter((id) => id !== answer));
}

/** The document told to `length` tokens: in a quarter of turns a filler, then a pair; mentions when their place has come. */
function tell(
  { pairs, fillers }: Document,
  length: number,
  draws: Rng,
  mentions: readonly Mention[] = [],
): { readonly tokens: readonly number[]; readonly known: readonly number[] } {
  const tokens = [0];
  const known = [0];
  const keys = new Set<number>();
  const waiting = [...mentions];
  const say = ([key, value]: Pair) => {
    tokens.push(key, value);
    known.push(0, keys.has(key) ? 1 : 0);
    keys.add(key);
  };
  while (tokens.length < length) {
    if (waiting[0] && tokens.length >= waiting[0].from) {
      say(waiting.shift()!.pair);
      continue;
    }
    if (draws.uniform() < 0.25) {
      tokens.push(draws.choice(fillers));
      known.push(0);
    }
    say(draws.choice(pairs));
  }
  return { tokens: tokens.slice(0, length), known: known.slice(0, length) };
}

function idsOf(kind: WordKind): number[] {
  return KINDS[kind].split(" ").map((word) => words.indexOf(word));
}

function expectCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (!(Number.isInteger(count) && count >= 1))
      throw new RangeError(`made-up-names: ${name} must be a whole number of at least 1, got ${count}`);
  }
}
