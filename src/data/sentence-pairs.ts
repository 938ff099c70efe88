// Pairs of sentences in one sequence, as language models are tested for understanding: does the second speak of what the first is about?
//
//     <start> topic  w w w w w <between> w w w w w w          24 topics and words in all, a synonym for each topic
//                 |                        |
//                 +------------------------+                  yes: the synonym of the topic is in the second, at any place
//                                                             no: another one's is; asked at the topic
//
// For pre-training the same sequences have holes, and the task is to fill them in: words go on by a fixed rule of chance from one to the
// next, so neighbours tell.
import type { Rng } from "../tensor/rng";
import { type Batch, IGNORED } from "./batches";

const TOPICS = 12;
const WORDS = 24;
const SENTENCE = 6;
/** Ids: words, topics, their synonyms, signs. */
const FIRST_TOPIC = WORDS;
const FIRST_SYNONYM = FIRST_TOPIC + TOPICS;
const START = FIRST_SYNONYM + TOPICS;
const BETWEEN = START + 1;
const HOLE = START + 2;
/** Where the topic stands, and is asked about. */
const TOPIC_AT = 1;
const HOLE_SHARE = 0.15;
/** A word is followed by one of so many. */
const SUCCESSORS = 3;

/** What models of both tasks take and give: labels come after the words, so that one head serves both. */
export const pairSizes = {
  vocabulary: START + 3,
  outputs: START + 2,
  context: 2 * SENTENCE + 2,
} as const;
const NO = START;
const YES = START + 1;

export interface PairOptions {
  readonly batch: number;
  readonly rng: Rng;
}

/** Fill in the holes: targets are the tokens that were there. */
export function pairsWithHoles({ batch, rng }: PairOptions): (step: number) => Batch {
  return batches({ batch, rng }, (draws, { tokens }) => {
    const holes = tokens.map((token) => token < START && draws.uniform() < HOLE_SHARE);
    return {
      inputs: tokens.map((token, i) => (holes[i] ? HOLE : token)),
      targets: tokens.map((token, i) => (holes[i] ? token : IGNORED)),
    };
  });
}

/** Yes or no, asked at the topic. */
export function pairQuestions({ batch, rng }: PairOptions): (step: number) => Batch {
  return batches({ batch, rng }, (_, { tokens, related }) => ({
    inputs: tokens,
    targets: tokens.map((_, i) => (i !== TOPIC_AT ? IGNORED : related ? YES : NO)),
  }));
}

interface Pair {
  readonly tokens: readonly number[];
  readonly related: boolean;
}

type Task = (draws: Rng, pair: Pair) => { inputs: readonly number[]; targets: readonly number[] };

function batches({ batch, rng }: PairOptions, task: Task): (step: number) => Batch {
  const { context } = pairSizes;
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context);
    for (let row = 0; row < batch; row++) {
      const made = task(draws, pair(draws));
      inputs.set(made.inputs, row * context);
      targets.set(made.targets, row * context);
    }
    return { inputs, targets, batch, context };
  };
}

function pair(draws: Rng): Pair {
  const topic = draws.integer(TOPICS);
  const related = draws.integer(2) === 1;
  const other = (topic + 1 + draws.integer(TOPICS - 1)) % TOPICS;
  const second = words(draws, SENTENCE);
  second[draws.integer(SENTENCE)] = FIRST_SYNONYM + (related ? topic : other);
  const first = [FIRST_TOPIC + topic, ...words(draws, SENTENCE - 1)];
  return { tokens: [START, ...first, BETWEEN, ...second], related };
}

/** Word w is followed by 5 w + 1, 5 w + 2 or 5 w + 3, modulo their number. */
function words(draws: Rng, count: number): number[] {
  let word = draws.integer(WORDS);
  return Array.from({ length: count }, () => {
    const now = word;
    word = (5 * word + 1 + draws.integer(SUCCESSORS)) % WORDS;
    return now;
  });
}
