// The page: its look, its tabs, and which of them the address names.
import { html, nothing, render, type TemplateResult } from "lit-html";
import { style } from "../report/style";
import { messageOf } from "../terminal/usage";
import { placeHash, readPlace, type Words } from "./address";
import { isolate, isolationNote } from "./isolation";
import { runBoard } from "./lent-run";
import { type NamedTab, type OpenTab, tabs } from "./tabs";
import { workBoard } from "./work";
import "./page.css";

interface Opened {
  readonly root: HTMLElement;
  readonly tab: OpenTab;
}

const opened = new Map<string, Opened>();
/** Those that load, too: nobody opens a tab twice. */
const opening = new Map<string, Promise<Opened>>();
const board = workBoard(tabs, (name) => {
  drawFrame();
  for (const [other, { tab }] of opened) if (other !== name) tab.workChanged?.();
});
const run = runBoard();
let current = tabs[0]!;
/** What of the address there is not. */
let notice = "";

if (!(await isolate())) {
  const sheet = document.createElement("style");
  sheet.textContent = style;
  document.head.prepend(sheet);
  addEventListener("hashchange", () => void show());
  await show();
}

async function show(): Promise<void> {
  const { tab: wanted, words } = readPlace(location.hash);
  const chosen = tabOf(wanted);
  current = chosen;
  notice = [chosen.name, ""].includes(wanted) ? "" : `There is no tab “${wanted}”; this is ${chosen.title}.`;
  drawFrame();
  const found = opening.get(chosen.name) ?? openTab(chosen);
  opening.set(chosen.name, found);
  found.catch(() => opening.delete(chosen.name)); // another visit tries again
  const tab = await found.then(
    ({ tab }) => tab,
    (error: unknown) => messageOf(error),
  );
  if (current !== chosen) return; // another was chosen while it loaded
  for (const [name, { root }] of opened) root.hidden = name !== chosen.name;
  document.title = `${chosen.title} · heed`;
  if (typeof tab === "string") {
    notice = `The tab ${chosen.title} could not be loaded: ${tab}. Load the page again.`;
    return drawFrame();
  }
  tab.show(words);
}

/** The first, where nothing is named, or what there is not. */
function tabOf(name: string): NamedTab {
  return tabs.find((tab) => tab.name === name) ?? tabs[0]!;
}

/** What a tab's worker tells may come late: in a moment in which the address names another tab already, and nothing of that is drawn yet. */
function writeAddress(name: string, words: Words): void {
  if (tabOf(readPlace(location.hash).tab).name !== name) return;
  history.replaceState(null, "", placeHash({ tab: name, words }));
}

async function openTab({ name, load }: NamedTab): Promise<Opened> {
  const { open } = await load();
  const root = document.createElement("div");
  root.hidden = true;
  document.querySelector("main")!.append(root); // of the frame
  const page = { work: board.of(name), run, writeAddress: (words: Words) => writeAddress(name, words) };
  const made = { root, tab: open(root, page) };
  opened.set(name, made);
  return made;
}

function drawFrame(): void {
  render(frame(), document.body);
}

function frame(): TemplateResult {
  const note = isolationNote();
  return html`
    <a class="skip" href="#main" @click=${skip}>Skip to the content</a>
    <header>
      <p class="kicker">heed · attention in this tab, on the processor; nothing is uploaded</p>
      <nav aria-label="Tabs">
        ${tabs.map(
          ({ name, title }) =>
            html`<a href=${placeHash({ tab: name, words: {} })} aria-current=${name === current.name ? "page" : "false"} data-title=${title}>${title}${workView(board.doing(name))}</a>`,
        )}
      </nav>
      <p class="notice" role="status">${notice}</p>
      ${note && html`<p class="note">${note}</p>`}
    </header>
    <main id="main" tabindex="-1"></main>
  `;
}

/** A dot beside the name of a tab that computes. */
function workView(doing: string | undefined) {
  return doing ? html`<span class="dot" role="img" aria-label=${doing} title=${doing}></span>` : nothing;
}

/** The address names a tab, so the link must not change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector("main")!.focus(); // of the frame
}
