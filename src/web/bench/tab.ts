// The bench tab: which suite, on which builds and threads side by side, and the table that comes of it.
import { html, nothing, render } from "lit-html";
import type { Size } from "../../../bench/row";
import type { Setup, Underway } from "../../../bench/run";
import { placeHash, type Words } from "../address";
import {
  type Choice as AnyChoice,
  choiceView,
  choiceWords,
  chosenBy,
  label,
  type Menu,
  sameChoice,
} from "../choice";
import { type Engine, engine } from "../port";
import type { OpenTab, Page, Tab } from "../tabs";
import type { Command, Measured, News } from "./protocol";
import { nameOf, tableView } from "./table-view";

export const benchTab: Tab = { open };

type Listed = Extract<News, { kind: "list" }>;

type Choice = AnyChoice<Size>;

interface Running extends Choice {
  readonly part: number;
  readonly underway?: Underway;
  /** Tabs that have computed meanwhile. */
  readonly beside: ReadonlySet<string>;
  /** Whether the table is of this run by now. */
  readonly hasRows: boolean;
}

interface Table extends Choice {
  readonly measured: Measured;
  /** Tabs that computed while it was measured. */
  readonly beside: ReadonlySet<string>;
}

const MENU: Menu<Size> = { what: "suite", word: "suite", first: "matmul", sizes: ["tiny", "quick", "full"] };

function open(root: HTMLElement, page: Page): OpenTab {
  let listed: Listed | undefined;
  let choice: Choice = { name: MENU.first, size: "quick" };
  let asked: Words = {};
  let left = new Set<string>();
  let running: Running | undefined;
  let table: Table | undefined;
  let error = "";
  /** What of an address there is not, or cannot be now. */
  let notice = "";
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
        choose(asked); // the address may have come before the list
        break;
      case "progress":
        if (running) running = { ...running, part: news.part, underway: news.underway };
        break;
      case "measured":
        if (running) {
          const { name, size, beside } = running;
          table = { name, size, beside, measured: news.measured };
          if (news.finished) end();
          else running = { ...running, hasRows: true };
        }
        break;
      case "refused":
        error = news.message;
        end();
        break;
    }
    draw();
  }

  const names = () => listed?.suites.map(({ name }) => name);

  function submit(event: Event): void {
    event.preventDefault();
    if (running) stop();
    else run();
  }

  function run(): void {
    const suite = listed?.suites.find(({ name }) => name === choice.name)?.name;
    if (!listed || !suite) return;
    error = "";
    notice = "";
    copied = "";
    running = { ...choice, part: 0, beside: new Set(), hasRows: false };
    const setups = listed.setups.filter((setup) => !left.has(nameOf(setup)));
    worker.send({ kind: "run", suite, setups, size: choice.size });
    workChanged();
  }

  /** What was measured so far stays, and says that it is not all; without any, what was measured before. */
  function stop(): void {
    worker.close();
    worker = start();
    const hadRows = running?.hasRows;
    end();
    if (!hadRows) notice = "Stopped before the first rows were measured.";
    draw();
  }

  function end(): void {
    running = undefined;
    notice = ""; // that it runs, where another was asked for meanwhile
  }

  function workChanged(): void {
    if (running) {
      const others = page.work.elsewhere().map(({ title }) => title);
      running = { ...running, beside: new Set([...running.beside, ...others]) };
    }
    draw();
  }

  function choose(words: Words): void {
    asked = words;
    const chosen = chosenBy(words, MENU, { choice, running, names: names() });
    if (!sameChoice(choice, chosen.choice)) error = "";
    ({ choice, notice } = chosen);
    page.writeAddress(choiceWords(choice, MENU));
    draw();
  }

  function toggle(setup: Setup): void {
    const name = nameOf(setup);
    left = left.has(name) ? new Set([...left].filter((other) => other !== name)) : new Set([...left, name]);
    draw();
  }

  async function copy(text: string, as: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      copied = `Copied as ${as}.`;
    } catch {
      copied = "This browser does not let the page copy."; // nor is there a clipboard in a page that came without TLS
    }
    draw();
  }

  function draw(): void {
    page.work.tell(running && "measuring");
    render(view(), root);
  }

  const view = () => {
    const { name, size } = choice;
    const off = running !== undefined;
    const nothingToRun = !off && (!listed || left.size >= listed.setups.length);
    return html`
      <h1>How fast is this browser?</h1>
      <p class="lead">Every row is checked against float64 before it is timed. A share is of what the processor can do at most, measured in the same run: multiply-adds in registers, or reading the same memory (roofline, Williams et al. 2009).</p>
      <form class="bar" @submit=${submit}>
        ${choiceView(choice, MENU, { names: names(), off, choose })}
        ${listed?.setups.map(
          (setup) =>
            html`<label><input type="checkbox" ?disabled=${off} .checked=${!left.has(nameOf(setup))} @change=${() => toggle(setup)}> ${nameOf(setup)}</label>`,
        )}
        <button class=${off ? "" : "main"} ?disabled=${nothingToRun}>${off ? "Stop" : "Run"}</button>
      </form>
      <p class="notice" role="status">${notice}</p>
      <p class="note">${listed?.suites.find((suite) => suite.name === name)?.what}${size === "full" ? nothing : `; at ${size} size fewer and smaller ones`}</p>
      ${page.work
        .elsewhere()
        .map(
          ({ name, title }) =>
            html`<p class="warning" role="status">The ${title} tab is computing: <a href=${placeHash({ tab: name, words: {} })}>go there and pause it</a> first, or figures are too low.</p>`,
        )}
      <p class="error" role="alert">${error}</p>
      ${running ? progressView(running) : nothing}
      ${table ? measuredView(table) : nothing}
    `;
  };

  function progressView({ part, underway }: Running) {
    return html`<p><progress max="1" value=${part} aria-label="Measured"></progress>
      ${underway ? underwayWords(underway) : "Starting workers"}</p>`;
  }

  function measuredView({ beside, measured, ...of }: Table) {
    const href = placeHash({ tab: "bench", words: choiceWords(of, MENU) });
    if (!sameChoice(of, choice))
      return html`<p class="note">Still here: the rows of <a href=${href}>${label(of)}</a>.</p>`;
    const doubts = [
      ...(of.size === "tiny" ? ["tiny: a check, not a measurement"] : []),
      ...[...beside].map((title) => `the ${title} tab computed meanwhile: figures are too low`),
    ];
    const markdown = [measured.markdown, ...doubts.map((doubt) => `${doubt}\n`)].join("\n");
    return html`
      <h2>${label(of)}</h2>
      ${running && !running.hasRows ? html`<p class="note">Measured before: new rows take their place after the first turn.</p>` : nothing}
      ${doubts.map((doubt) => html`<p class="warning">${doubt}</p>`)}
      ${tableView(measured)}
      ${
        running
          ? nothing
          : html`<div class="bar"><button @click=${() => copy(markdown, "Markdown")}>Copy as Markdown</button>
            <button @click=${() => copy(measured.json, "JSON")}>Copy as JSON</button> <span role="status">${copied}</span></div>`
      }
    `;
  }

  return { show: choose, workChanged };
}

function underwayWords({ player, turn, turns, row }: Underway): string {
  const { build, processes } = player;
  const who = processes > 1 ? `${build}, ${processes} workers apart` : nameOf(player);
  return [`Turn ${turn} of ${turns}, ${who}`, ...(row ? [row] : [])].join(": ");
}
