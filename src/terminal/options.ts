// Parsers of option values: each turns a word into a checked value or throws a UsageError that says the fix.
import { nearest } from "./near-miss";
import { UsageError } from "./usage";

/** A whole number of at least `least`. */
export function whole(least: number): (word: string) => number {
  return (word) => {
    const value = /^\d+$/.test(word) ? Number(word) : Number.NaN;
    if (value >= least && Number.isSafeInteger(value)) return value;
    const range = value >= least ? `at most ${Number.MAX_SAFE_INTEGER}` : `at least ${least}`;
    throw new UsageError(`must be a whole number of ${range}, got "${word}"`);
  };
}

/** A number in [low, high], the ends included only where `open` does not name them. */
export function number(
  low: number,
  high = Number.POSITIVE_INFINITY,
  open: "" | "low" | "high" = "",
): (word: string) => number {
  return (word) => {
    const value = word.trim() === "" ? Number.NaN : Number(word);
    const fits =
      value >= low &&
      value <= high &&
      !(open === "low" && value === low) &&
      !(open === "high" && value === high);
    if (!fits || !Number.isFinite(value)) {
      const range = `${open === "low" ? "above" : "at least"} ${low}${high < Number.POSITIVE_INFINITY ? ` and ${open === "high" ? "below" : "at most"} ${high}` : ""}`;
      throw new UsageError(`must be a number ${range}, got "${word}"`);
    }
    return value;
  };
}

/** How many threads compute: "auto", or a whole number of at least 1. */
export function threadCount(word: string): "auto" | number {
  return word === "auto" ? word : whole(1)(word);
}

/** A comma-separated list. */
export function list<T>(item: (word: string) => T): (word: string) => T[] {
  return (word) => word.split(",").map((part) => item(part.trim()));
}

/** One of a registry's keys; anything else is answered with the nearest. */
export function oneOf<K extends string>(registry: Readonly<Record<K, unknown>>): (word: string) => K {
  const names = Object.keys(registry) as K[]; // the registries are closed literals
  return (word) => {
    const found = names.find((name) => name === word);
    if (found !== undefined) return found;
    const near = nearest(word, names);
    throw new UsageError(
      `must be one of ${names.join(", ")}, got "${word}"${near ? `; did you mean ${near}?` : ""}`,
    );
  };
}
