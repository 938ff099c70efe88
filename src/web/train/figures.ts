// The figures of a run, drawn from what the train tab knows: each in a task of its own, so that none is long.
import { charts } from "./charts";
import { headMaps } from "./head-maps";
import type { TrainState } from "./state";
import type { Islands } from "./view";

/** They are drawn no more often: each takes some milliseconds of the main thread. */
const FIGURES_MS = 200;

export interface Figures {
  readonly islands: Islands;
  drawSoon(): void;
  /** Shows this head large. */
  chooseHead(name: string): void;
}

export function figures(state: TrainState): Figures {
  const islands = makeIslands();
  const heads = headMaps(islands.heads);
  const all = [
    ...charts(islands).map((draw) => () => {
      if (state.run) draw(state.run);
    }),
    ...heads.draws.map((draw) => () => draw(state.maps)),
  ];
  let drawing = false;
  let stale = false;
  async function drawAll(): Promise<void> {
    stale = drawing;
    if (drawing) return;
    drawing = true;
    try {
      for (const draw of all) {
        await pause(FIGURES_MS / all.length);
        if (islands.loss.isConnected) draw(); // colours are the document's
      }
    } finally {
      drawing = false;
    }
    if (stale) void drawAll();
  }
  return { islands, drawSoon: () => void drawAll(), chooseHead: heads.choose };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function makeIslands(): Islands {
  const make = (className: string) => {
    const element = document.createElement("div");
    element.className = className;
    return element;
  };
  return {
    loss: make("chart"),
    entropy: make("chart"),
    induction: make("chart"),
    heads: make("head-maps"),
  };
}
