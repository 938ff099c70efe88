// The word that was probably meant.
import { closest, distance } from "fastest-levenshtein";

/** The nearest of `words`, unless more than half of the letters differ. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const best = closest(word.toLowerCase(), words);
  return distance(word.toLowerCase(), best) <= Math.max(2, best.length / 2) ? best : undefined;
}
