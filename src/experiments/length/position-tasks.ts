// What only a model that knows where a token stands can do (Su 2022, kexue.fm/archives/9105; Luo et al. 2022, arXiv:2205.13401, section 5).
//
//     constant    a a a a a a    targets 0 1 2 3 4 5
//     identify    c a b b d a    targets 0 1 2 3 4 5            the same of random tokens
//     even        c a b b d a    targets a b a . . .            the tokens in odd places first, then a filler
//     marked      < c a b b d a >                               any of them between two tokens of its own; these have no targets
import { type Batch, IGNORED } from "../../data/batches";
import type { Rng } from "../../tensor/rng";

export interface PositionTask {
  /** Tokens without marks. */
  readonly n: number;
  /** Different tokens. */
  readonly symbols: number;
  /** Whether the sequence stands between two marks. */
  readonly marked: boolean;
}

interface Kind {
  outputs(task: PositionTask): number;
  targets(tokens: Int32Array, task: PositionTask): Int32Array;
  /** Sets apart what does not count for the accuracy. */
  counts(place: number, task: PositionTask): boolean;
}

const places: Kind = {
  outputs: ({ n }) => n,
  targets: (tokens) => tokens.map((_, i) => i),
  counts: () => true,
};

export const positionTasks = {
  constant: places,
  identify: places,
  even: {
    outputs: ({ symbols }) => symbols + 1,
    targets: (tokens, { n, symbols }) => tokens.map((_, i) => (2 * i + 1 < n ? tokens[2 * i + 1]! : symbols)),
    counts: (place, { n }) => 2 * place + 1 < n,
  },
} as const satisfies Record<string, Kind>;

/** What a model of the task takes and gives: the last two ids are the marks. */
export function positionSizes(kind: Kind, task: PositionTask) {
  return {
    vocabulary: task.symbols + 2,
    outputs: kind.outputs(task),
    context: task.n + (task.marked ? 2 : 0),
  };
}

/** Batches of random tokens as a function of the step; of one symbol that is always the same sequence. */
export function positionBatches(
  kind: Kind,
  task: PositionTask,
  { batch, rng }: { batch: number; rng: Rng },
): (step: number) => Batch {
  const { n, symbols, marked } = task;
  const context = positionSizes(kind, task).context;
  const first = marked ? 1 : 0;
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const start = row * context;
      const tokens = Int32Array.from({ length: n }, () => draws.integer(symbols));
      inputs.set(tokens, start + first);
      targets.set(kind.targets(tokens, task), start + first);
      if (marked) [inputs[start], inputs[start + n + 1]] = [symbols, symbols + 1];
    }
    return { inputs, targets, batch, context };
  };
}
