// The page around every report: head, style, title, sections, footer. One file that asks the network for nothing, and says so to the
// browser.
import { type Content, type Html, html, trusted } from "./html";
import { style } from "./style";

export interface Page {
  readonly title: string;
  /** A line above the title: what kind of page this is. */
  readonly kicker: string;
  /** What came out, in one or two sentences. */
  readonly lead: Content;
  readonly sections: readonly Section[];
  /** Where the page comes from. */
  readonly footer: Content;
}

export interface Section {
  readonly title: string;
  readonly body: Content;
}

/** Inline style and script only: whatever else a page might try to load, a browser refuses. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

export function renderPage({ title, kicker, lead, sections, footer }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header>
<p class="kicker">${kicker}</p>
<h1>${title}</h1>
<p class="lead">${lead}</p>
</header>
<main>
${renderSections(sections)}</main>
<footer>${footer}</footer>
</body>
</html>
`.text;
}

/** Without the page around them, for pages of another kind. */
export function renderSections(sections: readonly Section[]): Html {
  return html`${sections.map(renderSection)}`;
}

function renderSection({ title, body }: Section): Html {
  return html`<section>
<h2>${title}</h2>
${body}
</section>
`;
}

/** Names and values in two columns. */
export function settingsTable(entries: readonly (readonly [name: string, value: string])[]): Html {
  return html`<table class="settings"><tbody>${entries.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`,
  )}</tbody></table>`;
}

/** Big numbers with what they are; a remark below where there is one. */
export function tiles(entries: readonly (readonly [name: string, value: string, remark?: string])[]): Html {
  return html`<dl class="tiles">${entries.map(
    ([name, value, remark]) =>
      html`<div><dt>${name}</dt><dd>${value}${remark && html`<small>${remark}</small>`}</dd></div>\n`,
  )}</dl>`;
}

/** A browser drops a line end right after <pre>; one more keeps the text's own. */
export function preformatted(content: Content): Html {
  return html`<pre>\n${content}</pre>`;
}
