// The word that was probably meant.
import { closest, distance } from "fastest-levenshtein";

/** The word that begins like that, or the nearest of `words`, unless more than half of the letters differ. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const typed = word.toLowerCase();
  const begun = words.find((name) => typed.length > 1 && name.startsWith(typed));
  if (begun !== undefined) return begun;
  const best = closest(typed, words);
  return distance(typed, best) <= Math.max(2, best.length / 2) ? best : undefined;
}
