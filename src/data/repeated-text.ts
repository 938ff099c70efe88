// Repeated sequences as a text, a line each, so that whatever trains on texts can learn to copy:
//
//     qxamtbqxamtbqxamtbq...      a block of distinct letters, then the block again; every line has its own block and period
import { rng } from "../tensor/rng";
import { BOS, repeatedSequences } from "./repeated-sequences";

const DEFAULT_CHARACTERS = 400_000;
const LINE = 64;
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEF";

/**
 * A text of exactly `characters` characters (default 400 000): lines of 63 letters out of 32, each a block of 6 to 16 distinct ones over
 * and over. A longer text of the same seed begins with the shorter one.
 * @throws RangeError unless characters is a whole number of at least 1, and for a seed that `rng` refuses
 */
export function repeatedText(options: { readonly characters?: number; readonly seed?: number } = {}): string {
  const { characters = DEFAULT_CHARACTERS, seed = 0 } = options;
  if (!(Number.isSafeInteger(characters) && characters >= 1)) {
    throw new RangeError(`repeated-text: characters must be a whole number of at least 1, got ${characters}`);
  }
  const lines = repeatedSequences({
    batch: 1,
    context: LINE,
    symbols: LETTERS.length,
    rng: rng(seed).fork("repeated-text"),
  });
  return Array.from({ length: Math.ceil(characters / LINE) }, (_, line) =>
    Array.from(lines(line).inputs, (symbol) => (symbol === BOS ? "\n" : LETTERS[symbol - 1]!)).join(""),
  )
    .join("")
    .slice(0, characters);
}
