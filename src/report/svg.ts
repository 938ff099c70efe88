// Observable Plot without a browser: marks in, SVG text out.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, html, trusted } from "./html";

/** Series take these in turn; dashes and symbols tell them apart too, so that colour is never needed. */
const COLOURS = 8;
const DASHES = ["none", "6 3", "2 3", "8 3 2 3"] as const;
const SYMBOLS = ["circle", "square", "triangle", "diamond", "times", "star", "plus", "wye"] as const;

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

/** The plot as an SVG image that is called `label`; an empty label hides it from screen readers. */
export function svg(options: Plot.PlotOptions, label: string): Html {
  const { document } = parseHTML("<html><body></body></html>");
  const element = Plot.plot({ ...options, document, className: "plot" });
  // Plot puts its own style into every image; ours stands once in the page.
  for (const style of element.querySelectorAll("style")) style.remove();
  const name = label ? html` role="img" aria-label="${label}"` : html` aria-hidden="true"`;
  // Ours, because linkedom writes & in attributes as it is.
  return html`${trusted("<svg")}${name}${trusted(element.outerHTML.slice("<svg".length))}`;
}
