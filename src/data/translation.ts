// A toy translation: every word has one counterpart, and an adjective after its noun goes before it.
//
//     source    n4 a2 v1 n0 v3 n5 a7          24 words: adjectives 0..7, nouns 8..15, others 16..23
//     target    A2 N4 V1 N0 V3 A7 N5          7 i + 3 mod 24, and each pair of noun and adjective swapped
//
// As long as the source, so a model that labels every token can translate. The counterpart of a swapped word depends on a neighbour:
// without mixing tokens some 80 % come out right.
import type { Rng } from "../tensor/rng";
import { type Batch, IGNORED } from "./batches";

const WORDS = 24;
const CLASS = 8;
/** The id of padding, after the words. */
const PAD = WORDS;

/** What a model of this task takes and gives. */
export const translationSizes = { vocabulary: WORDS + 1, outputs: WORDS, pad: PAD } as const;

/**
 * Batches as a function of the step. Sentences have `shortest`..`context` words, the rest is padding without target.
 * @throws RangeError unless 1 <= shortest <= context are whole numbers
 */
export function translation(options: {
  readonly batch: number;
  readonly context: number;
  readonly rng: Rng;
  readonly shortest?: number;
}): (step: number) => Batch {
  const { batch, context, rng, shortest = Math.ceil(context / 2) } = options;
  expectLengths("translation", shortest, context);
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context).fill(PAD);
    const targets = new Int32Array(batch * context).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const length = shortest + draws.integer(context - shortest + 1);
      const source = Int32Array.from({ length }, () => draws.integer(WORDS));
      inputs.set(source, row * context);
      targets.set(translate(source), row * context);
    }
    return { inputs, targets, batch, context };
  };
}

/** The right translation. */
export function translate(source: Int32Array): Int32Array {
  const moved = source.slice();
  for (let i = 0; i + 1 < moved.length; i++) {
    const [noun, adjective] = [source[i]!, source[i + 1]!];
    // A pair cannot overlap the next: its adjective is no noun.
    if (noun >= CLASS && noun < 2 * CLASS && adjective < CLASS) {
      moved[i] = adjective;
      moved[i + 1] = noun;
    }
  }
  return moved.map((word) => (7 * word + 3) % WORDS);
}

/** Throws unless 1 <= shortest <= context are whole numbers. */
export function expectLengths(place: string, shortest: number, context: number): void {
  if (!(Number.isInteger(shortest) && Number.isInteger(context) && shortest >= 1 && shortest <= context)) {
    throw new RangeError(
      `${place}: whole numbers 1 <= shortest <= context must hold, got ${shortest} and ${context}`,
    );
  }
}
