// Who asks for the run of the Train tab gets it from the worker that has it by then, and is answered whatever happens to workers. They are
// played here; the page is not needed.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Command, LentRun, News } from "../../src/web/train/protocol";
import { runWorker } from "../../src/web/train/run-worker";

/** A worker that writes down what it is sent, and says what a test has it say. */
class PlayedWorker {
  readonly commands: Command["kind"][] = [];
  closed = false;
  onmessage: (event: { readonly data: Partial<News> }) => void = () => {};
  onerror: (event: { readonly message: string; preventDefault(): void }) => void = () => {};

  constructor() {
    workers.push(this);
  }

  postMessage({ kind }: Command): void {
    this.commands.push(kind);
  }

  terminate(): void {
    this.closed = true;
  }

  tell(news: Partial<News>): void {
    this.onmessage({ data: news });
  }
}

const lent = (description: string): LentRun => ({ description, checkpoint: new Uint8Array(1) });
let workers: PlayedWorker[];
let heard: News["kind"][];

beforeEach(() => {
  workers = [];
  heard = [];
  vi.stubGlobal("Worker", PlayedWorker);
  vi.stubGlobal("document", { baseURI: "http://page/" });
  vi.stubGlobal("navigator", {}); // no locks: whoever keeps last is kept
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("BroadcastChannel", class {});
});
afterEach(() => vi.unstubAllGlobals());

function start({ hasRun = true } = {}) {
  const worker = runWorker({
    hear: ({ kind }) => heard.push(kind),
    replaced: () => {},
    hasRun: () => hasRun,
  });
  return { worker, first: workers[0]! };
}

test("all who wait get the run that is told, and the tab hears nothing of it", async () => {
  const { worker, first } = start();
  const both = [worker.lend(), worker.lend()];
  first.tell({ kind: "lent", run: lent("a") });
  expect(await Promise.all(both)).toEqual([lent("a"), lent("a")]);
  expect(heard).toEqual([]);
});

test("without a run there is none, and no worker is asked", async () => {
  const { worker, first } = start({ hasRun: false });
  expect(await worker.lend()).toBeUndefined();
  expect(first.commands).toEqual([]);
});

test("where another run takes its place meanwhile, that one is lent", async () => {
  const { worker, first } = start();
  const asked = worker.lend();
  worker.tryInAnother({ kind: "open", files: [], threads: "auto" });
  const second = workers[1]!;
  second.tell({ kind: "opened" });
  expect([first.closed, second.commands.includes("lend")]).toEqual([true, true]);
  second.tell({ kind: "lent", run: lent("b") });
  expect(await asked).toEqual(lent("b"));
});

test.each<[string, (worker: PlayedWorker) => void]>([
  ["refuses", (worker) => worker.tell({ kind: "refused", of: "lend", message: "memory: no more" })],
  ["is lost", (worker) => worker.onerror({ message: "it ended", preventDefault() {} })],
])("where the worker %s, there is none to be had", async (_, fail) => {
  const { worker, first } = start();
  const asked = worker.lend();
  fail(first);
  expect(await asked).toBeUndefined();
});

test("a worker that is tried and lost takes nothing from who waits for the other", async () => {
  const { worker, first } = start();
  const asked = worker.lend();
  worker.tryInAnother({ kind: "open", files: [], threads: "auto" });
  workers[1]!.onerror({ message: "it did not start", preventDefault() {} });
  first.tell({ kind: "lent", run: lent("a") });
  expect(await asked).toEqual(lent("a"));
});
