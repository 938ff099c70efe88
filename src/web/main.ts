// The page: its look, its tabs, and which of them the address names.
import { html, render, type TemplateResult } from "lit-html";
import { style } from "../report/style";
import { placeHash, readPlace } from "./address";
import { isolate, isolationNote } from "./isolation";
import { type Tab, tabs } from "./tabs";
import "./page.css";

const opened = new Map<string, { readonly root: HTMLElement; readonly tab: ReturnType<Tab["open"]> }>();

if (!(await isolate())) {
  const sheet = document.createElement("style");
  sheet.textContent = style;
  document.head.prepend(sheet);
  addEventListener("hashchange", () => void show());
  await show();
}

async function show(): Promise<void> {
  const { tab: wanted, words } = readPlace(location.hash);
  const chosen = tabs.find(({ name }) => name === wanted) ?? tabs[0]!;
  render(frame(chosen.name), document.body);
  let found = opened.get(chosen.name);
  if (!found) {
    const { open } = await chosen.load();
    const root = document.createElement("div");
    document.querySelector("main")!.append(root); // of the frame
    found = { root, tab: open(root) };
    opened.set(chosen.name, found);
  }
  for (const [name, { root }] of opened) root.hidden = name !== chosen.name;
  document.title = `${chosen.title} · heed`;
  found.tab.show(words);
}

function frame(current: string): TemplateResult {
  const note = isolationNote();
  return html`
    <a class="skip" href="#main" @click=${skip}>Skip to the content</a>
    <header>
      <p class="kicker">heed · attention in this tab, on the processor; nothing is uploaded</p>
      <nav aria-label="Tabs">
        ${tabs.map(
          ({ name, title }) =>
            html`<a href=${placeHash({ tab: name, words: {} })} aria-current=${name === current ? "page" : "false"}>${title}</a>`,
        )}
      </nav>
      ${note && html`<p class="note">${note}</p>`}
    </header>
    <main id="main" tabindex="-1"></main>
  `;
}

/** The address names a tab, so the link must not change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector("main")!.focus(); // of the frame
}
