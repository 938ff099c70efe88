// The bench tab: which suite, on which builds and threads side by side, and the table that comes of it.
import { html, nothing, render } from "lit-html";
import type { Size } from "../../../bench/row";
import type { Result, Setup } from "../../../bench/run";
import type { SuiteName } from "../../../bench/suites";
import { placeHash, type Words } from "../address";
import { type Engine, engine } from "../port";
import type { Tab } from "../tabs";
import type { Command, News } from "./protocol";

export const benchTab: Tab = { open };

type Listed = Extract<News, { kind: "list" }>;
type Finished = Extract<News, { kind: "finished" }>;
const SIZES: readonly Size[] = ["tiny", "quick", "full"];

function open(root: HTMLElement): ReturnType<Tab["open"]> {
  let listed: Listed | undefined;
  let suite: SuiteName = "matmul";
  let size: Size = "quick";
  let left = new Set<string>();
  let part: number | undefined;
  let finished: Finished | undefined;
  let error = "";
  let copied = "";
  let worker = start();
  worker.send({ kind: "list" });

  function start(): Engine<Command> {
    const made = new Worker(new URL("./engine.ts", import.meta.url), {
      type: "module",
      name: document.baseURI,
    });
    return engine<Command, News>(made, hear, (message) => hear({ kind: "refused", message }));
  }

  function hear(news: News): void {
    switch (news.kind) {
      case "list":
        listed = news;
        break;
      case "progress":
        part = news.part;
        break;
      case "finished":
        finished = news;
        part = undefined;
        break;
      case "refused":
        error = news.message;
        part = undefined;
        break;
    }
    draw();
  }

  function submit(event: Event): void {
    event.preventDefault();
    if (part === undefined) run();
    else stop();
  }

  function run(): void {
    if (!listed) return;
    error = "";
    copied = "";
    finished = undefined;
    part = 0;
    const setups = listed.setups.filter((setup) => !left.has(nameOf(setup)));
    worker.send({ kind: "run", suite, setups, size });
    draw();
  }

  function stop(): void {
    worker.close();
    worker = start();
    part = undefined;
    draw();
  }

  function choose(words: Words): void {
    suite = (listed?.suites.find(({ name }) => name === words.suite)?.name ??
      words.suite ??
      suite) as SuiteName; // refused by the worker otherwise
    size = SIZES.find((known) => known === words.size) ?? size;
    history.replaceState(null, "", placeHash({ tab: "bench", words: { suite, size } }));
    draw();
  }

  function toggle(setup: Setup): void {
    const name = nameOf(setup);
    left = left.has(name) ? new Set([...left].filter((other) => other !== name)) : new Set([...left, name]);
    draw();
  }

  async function copy(what: "markdown" | "json"): Promise<void> {
    if (!finished) return;
    await navigator.clipboard.writeText(finished[what]).then(
      () => {
        copied = `Copied as ${what === "json" ? "JSON" : "Markdown"}.`;
      },
      () => {
        copied = "This browser does not let the page copy.";
      },
    );
    draw();
  }

  function draw(): void {
    render(view(), root);
  }

  const wordOf = (event: Event) => (event.target as HTMLSelectElement).value; // all of them are selects
  const view = () => html`
    <h1>How fast is this browser?</h1>
    <p class="lead">Every row is checked against float64 before it is timed. A share is of what the processor can do at most, measured in the same run: multiply-adds in registers, or reading the same memory (roofline, Williams et al. 2009).</p>
    <form class="bar" @submit=${submit}>
      <label>suite <select name="suite" @change=${(event: Event) => choose({ suite: wordOf(event) })}>
        ${listed?.suites.map(({ name }) => html`<option ?selected=${name === suite}>${name}</option>`)}
      </select></label>
      <label>size <select name="size" @change=${(event: Event) => choose({ size: wordOf(event) })}>
        ${SIZES.map((word) => html`<option ?selected=${word === size}>${word}</option>`)}
      </select></label>
      ${listed?.setups.map(
        (setup) =>
          html`<label><input type="checkbox" .checked=${!left.has(nameOf(setup))} @change=${() => toggle(setup)}> ${nameOf(setup)}</label>`,
      )}
      <button class=${part === undefined ? "main" : ""} ?disabled=${part === undefined && (!listed || left.size >= listed.setups.length)}>${part === undefined ? "Run" : "Stop"}</button>
    </form>
    <p class="note">${listed?.suites.find(({ name }) => name === suite)?.what}</p>
    <p class="error" role="alert">${error}</p>
    ${part === undefined ? nothing : html`<p><progress max="1" value=${part} aria-label="Measured"></progress></p>`}
    ${finished ? tableView(finished) : nothing}
    ${
      finished
        ? html`<div class="bar"><button @click=${() => copy("markdown")}>Copy as Markdown</button>
            <button @click=${() => copy("json")}>Copy as JSON</button> <span role="status">${copied}</span></div>`
        : nothing
    }
  `;

  return { show: choose };
}

function nameOf({ build, threads }: Setup): string {
  return threads === 1 ? build : `${build}, ${threads} threads`;
}

function tableView({ result, cells, notes }: Finished) {
  const { heads, rows } = cells;
  // Beside what names the row: the share is what one looks for.
  const names = 1 + heads.findIndex(({ title }) => title === "build");
  const line = <T>(all: readonly T[], bar: unknown, cell: (one: T, column: number) => unknown) => {
    const made = all.map(cell);
    return html`<tr>${made.slice(0, names)}${bar}${made.slice(names)}</tr>`;
  };
  return html`
    <div class="scroll" role="region" aria-label="Results" tabindex="0"><table class="bench">
      <thead>${line(heads, html`<th scope="col">share</th>`, ({ title, align }) => html`<th scope="col" class=${align}>${title}</th>`)}</thead>
      <tbody>${rows.map((row, index) =>
        line(
          row,
          html`<td>${shareView(result.rows[index]!)}</td>`,
          (cell, column) => html`<td class=${heads[column]!.align}>${cell}</td>`,
        ),
      )}</tbody>
    </table></div>
    ${notes.map((note) => html`<p class="note">${note}</p>`)}
  `;
}

/** A bar as long as the share of the ceiling. */
function shareView({ ceiling }: Result) {
  if (!ceiling) return nothing;
  const percent = Math.round(100 * ceiling.share);
  return html`<meter min="0" max="1" value=${Math.min(1, ceiling.share)} aria-label="share of ${ceiling.what}">${percent} %</meter>`;
}
