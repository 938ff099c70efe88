// What the models of circuit-anatomy learn, and what they are looked at on: random repeats, or titles and names.
import type { Batch } from "../../data/batches";
import type { Rng } from "../../tensor/rng";
import { namesBatches, namesSizes } from "../circuits/names";
import {
  isSecondCopy,
  type RepeatsTask,
  repeatedSample,
  repeatsBatches,
  repeatsSets,
  repeatsSizes,
} from "../circuits/repeats";

export const tasks = ["repeats", "names"] as const;
export type TaskName = (typeof tasks)[number];

export interface AnatomyTask {
  readonly sizes: { readonly vocabulary: number; readonly context: number };
  readonly batches: (step: number) => Batch;
  /** Sequences as in training. */
  readonly held: Batch;
  /** Whether the target at this place of `held` can be known from what stands before. */
  readonly known: (at: number) => boolean;
  /** BOS and blocks of random tokens that repeat, for prefix matching. */
  readonly repeated: readonly Int32Array[];
  /** BOS and random tokens, all different, for copying and for where heads rest. */
  readonly distinct: readonly Int32Array[];
}

const HELD = 128;
const SAMPLES = 10;
/** Tokens of a sample without repeats: as many as Olsson et al. 2022 take. */
const DISTINCT = 25;
const BLOCK = { period: 12, repeats: 4 } as const;

export function sizesOf(name: TaskName): AnatomyTask["sizes"] {
  return name === "repeats" ? repeatsSizes : namesSizes;
}

export function anatomyTask(name: TaskName, task: RepeatsTask, rng: Rng): AnatomyTask {
  return name === "repeats" ? repeats(task, rng) : names(task, rng);
}

function repeats(task: RepeatsTask, rng: Rng): AnatomyTask {
  const { sequences } = repeatsSets(task, rng.fork("sets"));
  return {
    sizes: repeatsSizes,
    batches: repeatsBatches(task, rng.fork("training")),
    held: sequences,
    known: (at) => isSecondCopy(sequences, at),
    ...samples(repeatsSizes.vocabulary, rng.fork("samples")),
  };
}

function names({ batch }: RepeatsTask, rng: Rng): AnatomyTask {
  const held = namesBatches(HELD, rng.fork("held"))(0);
  return {
    sizes: namesSizes,
    batches: namesBatches(batch, rng.fork("training")),
    held,
    known: (at) => held.known[at] === 1,
    ...samples(namesSizes.vocabulary, rng.fork("samples")),
  };
}

function samples(vocabulary: number, rng: Rng): Pick<AnatomyTask, "repeated" | "distinct"> {
  const draw = (purpose: string, period: number, count: number) =>
    Array.from({ length: SAMPLES }, (_, sample) =>
      repeatedSample(rng.fork(purpose, sample), period, count, vocabulary - 1),
    );
  return {
    repeated: draw("repeated", BLOCK.period, BLOCK.repeats),
    distinct: draw("distinct", DISTINCT, 1),
  };
}
