// The worker that has the run. A run that is begun or opened is tried in another: if it comes to nothing, what was there before is still there.
import { type Engine, engine } from "../port";
import { storageClaim } from "./claim";
import type { Command, News } from "./protocol";

export interface RunWorker {
  send(command: Command): void;
  /** A run that is begun or opened; the one that is here waits, and goes on if the other comes to nothing. */
  tryInAnother(command: Command): void;
  /** Takes up what this browser keeps, alone if no other tab has it. */
  restore(of: Omit<Extract<Command, { kind: "restore" }>, "kind" | "alone">): void;
  /** There is no run in this tab: another may keep its own. */
  release(): void;
}

interface RunWorkerEvents {
  hear(news: News): void;
  /** Another run than before is here, and was heard of. */
  replaced(): void;
  hasRun(): boolean;
}

export function runWorker({ hear, replaced, hasRun }: RunWorkerEvents): RunWorker {
  const claim = storageClaim();
  let worker = start(hear);

  function start(onNews: (news: News) => void): Engine<Command> {
    const made = new Worker(new URL("./engine.ts", import.meta.url), {
      type: "module",
      name: document.baseURI,
    });
    return engine<Command, News>(made, onNews, (message) =>
      onNews({ kind: "refused", message, of: hasRun() ? "run" : "begin" }),
    );
  }

  /** The run is this tab's now: the worker of the one before no longer keeps anything. */
  async function keep({ run }: { readonly run: boolean }): Promise<void> {
    const to = worker;
    to.send({ kind: "keep", alone: await claim.take() });
    if (run) to.send({ kind: "run" });
  }

  return {
    send: (command) => worker.send(command),
    tryInAnother(command) {
      worker.send({ kind: "suspend" });
      const next = start((news) => {
        if (worker === next) return hear(news);
        if (news.kind === "opened") {
          worker.close();
          worker = next;
          void keep({ run: command.kind === "begin" });
          hear(news);
          return replaced();
        }
        if (news.kind === "refused") {
          next.close();
          worker.send({ kind: "resume" });
        }
        hear(news);
      });
      next.send(command);
    },
    async restore(of) {
      const to = worker;
      to.send({ kind: "restore", ...of, alone: await claim.take() });
    },
    release: claim.release,
  };
}
