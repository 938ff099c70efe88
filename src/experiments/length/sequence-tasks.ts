// Tasks on sequences of any length: some of the formal-language tasks on which random positions were tried (Deletang et al. 2022,
// arXiv:2207.02098; Ruoss et al. 2023, arXiv:2305.16843), and the smallest one that needs a neighbour. The answer stands in empty tokens
// after the input.
//
//     before-last          c a b ?          b                what stands before the end
//     even-pairs           a b b a _        even             as many ab and ba together as make an even number: first equals last
//     missing-duplicate    a b a * _        b                a string twice, a token of the second hidden
//     reverse              a b b _ _ _      b b a
//     bucket-sort          c a b _ _ _      a b c
import { type Batch, IGNORED } from "../../data/batches";
import type { Rng } from "../../tensor/rng";

export interface SequenceTask {
  /** Input tokens; one more is the empty one. */
  readonly symbols: number;
  readonly outputs: number;
  /** Of what is guessed. */
  readonly chance: number;
  readonly shortest: number;
  /** Empty tokens after an input of length n, and whether they count to n. */
  slots(n: number): number;
  readonly within?: true;
  make(n: number, draws: Rng): { readonly input: readonly number[]; readonly output: readonly number[] };
}

const random = (n: number, symbols: number, draws: Rng): number[] =>
  Array.from({ length: n }, () => draws.integer(symbols));

/** Of missing-duplicate: what hides a token, and what fills up an odd length. */
const [HIDDEN, FILLER] = [2, 3];

export const sequenceTasks = {
  "before-last": {
    ...{ symbols: 8, outputs: 8, chance: 1 / 8, shortest: 3, within: true },
    slots: () => 1,
    make(n, draws) {
      const input = random(n - 1, 8, draws);
      return { input, output: input.slice(-1) };
    },
  },
  "even-pairs": {
    ...{ symbols: 2, outputs: 2, chance: 1 / 2, shortest: 1 },
    slots: () => 1,
    make(n, draws) {
      const input = random(n, 2, draws);
      return { input, output: [input[0] === input[n - 1] ? 0 : 1] };
    },
  },
  "missing-duplicate": {
    ...{ symbols: 4, outputs: 2, chance: 1 / 2, shortest: 2 },
    slots: () => 1,
    make(n, draws) {
      const word = random(Math.floor(n / 2), 2, draws);
      const at = draws.integer(word.length);
      const again = word.map((token, i) => (i === at ? HIDDEN : token));
      return { input: [...word, ...again, ...(n % 2 === 1 ? [FILLER] : [])], output: [word[at]!] };
    },
  },
  reverse: {
    ...{ symbols: 2, outputs: 2, chance: 1 / 2, shortest: 1 },
    slots: (n) => n,
    make(n, draws) {
      const input = random(n, 2, draws);
      return { input, output: input.toReversed() };
    },
  },
  "bucket-sort": {
    ...{ symbols: 5, outputs: 5, chance: 1 / 5, shortest: 1 },
    slots: (n) => n,
    make(n, draws) {
      const input = random(n, 5, draws);
      return { input, output: input.toSorted((a, b) => a - b) };
    },
  },
} as const satisfies Record<string, SequenceTask>;

/** Tokens of a whole sequence whose input has length n. */
export function wholeLength(task: SequenceTask, n: number): number {
  return task.within ? n : n + task.slots(n);
}

/** A model's sizes for inputs up to the longest. */
export function sequenceSizes(task: SequenceTask, longest: number) {
  return { vocabulary: task.symbols + 1, outputs: task.outputs, context: wholeLength(task, longest) };
}

/** Batches as a function of the step; all sequences of a step have a length of `lengthOf`. */
export function sequences(
  task: SequenceTask,
  options: { readonly batch: number; readonly rng: Rng; readonly lengthOf: (draws: Rng) => number },
): (step: number) => Batch {
  const { batch, rng, lengthOf } = options;
  return (step) => {
    const draws = rng.fork(step);
    const n = lengthOf(draws);
    const context = wholeLength(task, n);
    const inputs = new Int32Array(batch * context).fill(task.symbols);
    const targets = new Int32Array(batch * context).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const { input, output } = task.make(n, draws);
      inputs.set(input, row * context);
      targets.set(output, row * context + input.length);
    }
    return { inputs, targets, batch, context };
  };
}
