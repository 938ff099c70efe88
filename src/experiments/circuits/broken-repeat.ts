// A repeat that is broken: one symbol of the third block is another. A model that copies gets better at what goes on as before, and worse at
// what does not (Olsson et al. 2022, on the tokens of a book).
import type { LanguageModel } from "../../models/model";
import type { Rng } from "../../tensor/rng";
import { rounded } from "../rounded";
import { mean } from "../select";
import { predict, repeatedSample, repeatsSizes } from "./repeats";

const PERIOD = 12;
const REPEATS = 4;
const COUNT = 64;

/** Nats, means over sequences. */
export type BrokenLoss = {
  /** Of the symbol that breaks the repeat. */
  readonly broken: number;
  /** Of the one before it, which still follows the repeat. */
  readonly before: number;
};

export interface BrokenRepeats {
  /** [count, context] */
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  readonly batch: number;
  readonly context: number;
  /** [count]: where in its row the symbol that breaks the repeat is predicted. */
  readonly places: readonly number[];
}

/** BOS and four blocks each; the symbol that breaks the third stands in none of the blocks, and not at their beginning. */
export function brokenRepeats(rng: Rng): BrokenRepeats {
  const context = PERIOD * REPEATS;
  const inputs = new Int32Array(COUNT * context);
  const targets = new Int32Array(COUNT * context);
  const places: number[] = [];
  for (let row = 0; row < COUNT; row++) {
    const draws = rng.fork(row);
    const tokens = repeatedSample(draws, PERIOD, REPEATS);
    const block = new Set(tokens);
    const others = Array.from({ length: repeatsSizes.vocabulary }, (_, id) => id).filter(
      (id) => !block.has(id),
    );
    const place = 2 * PERIOD + 1 + draws.integer(PERIOD - 1); // of the token before it
    tokens[place + 1] = draws.choice(others);
    inputs.set(tokens.subarray(0, -1), row * context);
    targets.set(tokens.subarray(1), row * context);
    places.push(place);
  }
  return { inputs, targets, batch: COUNT, context, places };
}

export function brokenLoss(model: LanguageModel, sequences: BrokenRepeats): BrokenLoss {
  const { losses } = predict(model, sequences);
  const at = (offset: number) =>
    rounded(mean(sequences.places.map((place, row) => losses[row * sequences.context + place + offset]!)));
  return { broken: at(0), before: at(-1) };
}
