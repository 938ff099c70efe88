// Documents to look values up in: pairs of a key and a value, a mark, then keys that are asked for. A key that is not there has an answer,
// too: one of so many phrases that mean "unknown".
//
//     document    k7 v2  k0 v9  k3 v4  ?  k0 v9  k5 u1  k7 v2
//     target                              v9     u1     v2
//
import { type Batch, IGNORED } from "../../data/batches";
import type { Rng } from "../../tensor/rng";

export interface RecallTask {
  readonly keys: number;
  readonly values: number;
  /** Ways to say "unknown", all as likely. */
  readonly phrases: number;
}

export interface Pair {
  readonly key: number;
  readonly value: number;
}

/** Ids: keys first, then values, phrases, and the mark. */
export function recallVocabulary({ keys, values, phrases }: RecallTask) {
  const ask = keys + values + phrases;
  return {
    size: ask + 1,
    key: (key: number) => key,
    value: (value: number) => keys + value,
    phrase: (phrase: number) => keys + values + phrase,
    ask,
    isValue: (id: number) => id >= keys && id < keys + values,
    isPhrase: (id: number) => id >= keys + values && id < ask,
  };
}

export function document(task: RecallTask, pairs: readonly Pair[]): number[] {
  const ids = recallVocabulary(task);
  return pairs.flatMap(({ key, value }) => [ids.key(key), ids.value(value)]);
}

/** Pairs with keys of their own and values at random. */
export function drawPairs({ keys, values }: RecallTask, count: number, rng: Rng): Pair[] {
  const all = rng.shuffle(Array.from({ length: keys }, (_, key) => key));
  return all.slice(0, count).map((key) => ({ key, value: rng.integer(values) }));
}

/** Share of training documents that have all the pairs they may; the others have any number from none on. */
const FULL = 0.5;
/** Share of questions about keys that are not there, while others can be asked. */
const ABSENT = 0.25;

/**
 * Batches as a function of the step. A document has up to `pairs` pairs. It is asked for all of them, as far as there is room, and in
 * between for keys that it has not, once at least. Answers alone are learned.
 */
export function recallBatches(
  task: RecallTask,
  { batch, context, pairs, rng }: { batch: number; context: number; pairs: number; rng: Rng },
): (step: number) => Batch {
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const count = draws.uniform() < FULL ? pairs : draws.integer(pairs + 1);
      const { ids, answers } = example(task, count, context, draws);
      inputs.set(ids, row * context);
      for (const at of answers) targets[row * context + at - 1] = ids[at]!; // answers are places of ids, after keys
    }
    return { inputs, targets, batch, context };
  };
}

function example(task: RecallTask, count: number, context: number, rng: Rng) {
  const words = recallVocabulary(task);
  const all = drawPairs(task, task.keys, rng);
  const [present, absent] = [all.slice(0, count), all.slice(count)];
  const ids = [...document(task, present), words.ask];
  const asked = rng.shuffle(present);
  const answers: number[] = [];
  // At least one question, and a chance of one about a key that is not there after all that are.
  for (let last = false; !last && ids.length + 2 <= context; ) {
    last = asked.length === 0;
    const known = rng.uniform() < ABSENT ? undefined : asked.pop();
    const pair = known ?? absent.pop();
    if (!pair) break;
    ids.push(words.key(pair.key));
    answers.push(ids.length);
    ids.push(known ? words.value(known.value) : words.phrase(rng.integer(task.phrases)));
  }
  return { ids, answers };
}
