// How the series of a figure are told apart: by colour, and without it.

/** Series take these in turn; dashes and symbols tell them apart too, so that colour is never needed. */
const COLOURS = 8;
const DASHES = ["none", "6 3", "2 3", "8 3 2 3"] as const;
/** Areas all, as they are filled: "times" and "plus" are made of strokes. */
const SYMBOLS = ["circle", "square", "triangle", "diamond", "cross", "star", "hexagon", "wye"] as const;

export interface Look {
  /** A CSS colour that follows the reader's light or dark mode. */
  readonly colour: string;
  readonly dash: string;
  readonly symbol: (typeof SYMBOLS)[number];
}

/** How series number `index` looks. The first four have a line without gaps. */
export function look(index: number): Look {
  return {
    colour: `var(--c${(index % COLOURS) + 1})`,
    dash: DASHES[Math.floor(index / 4) % DASHES.length]!,
    symbol: SYMBOLS[index % SYMBOLS.length]!,
  };
}
