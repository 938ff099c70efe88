// Who said which token, in a terminal: a strip of letters under the text, a letter for each context.
import type { NbceToken } from "../nbce/decode";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Where no one context speaks, and where letters have run out. */
const NOBODY = "·";
const OTHERS = "?";
const COLUMNS = 80;

/** One letter for each context. */
export function speakerLetters(contexts: number): string {
  return Array.from({ length: contexts }, (_, k) => LETTERS[k] ?? OTHERS).join("");
}

/** The strip, a character for each token, and how often and how surely each context spoke. */
export function speakerStrip(tokens: readonly NbceToken[], names: readonly string[]): string {
  const letters = speakerLetters(names.length);
  const strip = tokens.map(({ chosen }) => (chosen === undefined ? NOBODY : letters[chosen]!)).join("");
  const lines = Array.from({ length: Math.ceil(strip.length / COLUMNS) }, (_, i) =>
    strip.slice(i * COLUMNS, (i + 1) * COLUMNS),
  );
  const wide = Math.max(...names.map(({ length }) => length), 0);
  const contexts = names.map((name, k) => {
    const spoken = tokens.filter(({ chosen }) => chosen === k).length;
    const entropy =
      tokens.reduce((sum, { entropies }) => sum + entropies[k]!, 0) / Math.max(tokens.length, 1);
    return `  ${letters[k]} ${name.padEnd(wide)}  ${String(spoken).padStart(4)} tokens, mean entropy ${entropy.toFixed(3)} nats`;
  });
  return ["", "who spoke", ...lines.map((line) => `  ${line}`), ...contexts].join("\n");
}
