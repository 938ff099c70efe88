// Observable Plot without a browser: marks in, SVG text out.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, html, trusted } from "./html";

/** The plot as an SVG image that is called `label`; an empty label hides it from screen readers. */
export function svg(options: Plot.PlotOptions, label: string): Html {
  const { document } = parseHTML("<html><body></body></html>");
  const element = Plot.plot({ ...options, document, className: "plot" });
  // Plot puts its own style into every image; ours stands once in the page.
  for (const style of element.querySelectorAll("style")) style.remove();
  // The image has one name, no reader may say another inside of it: what Plot calls a part is for scripts.
  for (const part of element.querySelectorAll("[aria-label]")) {
    part.setAttribute("data-mark", part.getAttribute("aria-label") ?? "");
    part.removeAttribute("aria-label");
  }
  const name = label ? html` role="img" aria-label="${label}"` : html` aria-hidden="true"`;
  // Ours, because linkedom writes & in attributes as it is.
  return html`${trusted("<svg")}${name}${trusted(element.outerHTML.slice("<svg".length))}`;
}
