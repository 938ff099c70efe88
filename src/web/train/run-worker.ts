// The worker that has the run. A run that is begun or opened is tried in another: if it comes to nothing, what was there before is still there.
import { type Engine, engine } from "../port";
import { storageClaim } from "./claim";
import type { Command, LentRun, News } from "./protocol";

export interface RunWorker {
  send(command: Command): void;
  /** A run that is begun or opened; the one that is here waits, and goes on if the other comes to nothing. Only what was asked last counts. */
  tryInAnother(command: Command): void;
  /** Does without the run that is being made. */
  giveUp(): void;
  /** Whether one is being made. */
  readonly trying: boolean;
  /** Takes up what this browser keeps, alone if no other tab has it. */
  restore(of: Omit<Extract<Command, { kind: "restore" }>, "kind" | "alone">): void;
  /** There is no run in this tab: another may keep its own. */
  release(): void;
  /** The run as it stands by now, for another tab of the page; nothing where there is none, or none that can be had. */
  lend(): Promise<LentRun | undefined>;
}

interface RunWorkerEvents {
  hear(news: News): void;
  /** Another run than before is here, and was heard of. */
  replaced(): void;
  hasRun(): boolean;
}

export function runWorker({ hear, replaced, hasRun }: RunWorkerEvents): RunWorker {
  const claim = storageClaim();
  /** Those who asked for the run; whichever worker has it by then answers them. */
  const borrowers: ((run: LentRun | undefined) => void)[] = [];
  let worker = start(hear);
  let trying: Engine<Command> | undefined;

  function start(onNews: (news: News) => void): Engine<Command> {
    const made = new Worker(new URL("./engine.ts", import.meta.url), {
      type: "module",
      name: document.baseURI,
    });
    const self: Engine<Command> = engine<Command, News>(
      made,
      (news) => {
        if (news.kind === "lent") return answerBorrowers(news.run);
        if (news.kind === "refused" && news.of === "lend") return answerBorrowers(undefined);
        onNews(news);
      },
      (message) => {
        if (worker === self) answerBorrowers(undefined);
        onNews({ kind: "refused", message, of: hasRun() ? "run" : "begin" });
      },
    );
    return self;
  }

  function answerBorrowers(run: LentRun | undefined): void {
    for (const answer of borrowers.splice(0)) answer(run);
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
      trying?.close();
      const next = start((news) => {
        if (worker === next) return hear(news);
        if (news.kind === "opened") {
          trying = undefined;
          worker.close();
          worker = next;
          if (borrowers.length > 0) worker.send({ kind: "lend" });
          void keep({ run: command.kind === "begin" });
          hear(news);
          return replaced();
        }
        if (news.kind === "refused") {
          trying = undefined;
          next.close();
          worker.send({ kind: "resume" });
        }
        hear(news);
      });
      trying = next;
      next.send(command);
    },
    giveUp() {
      trying?.close();
      trying = undefined;
      worker.send({ kind: "resume" });
    },
    get trying() {
      return trying !== undefined;
    },
    async restore(of) {
      const to = worker;
      to.send({ kind: "restore", ...of, alone: await claim.take() });
    },
    release: claim.release,
    lend() {
      if (!hasRun()) return Promise.resolve(undefined);
      worker.send({ kind: "lend" });
      return new Promise((resolve) => borrowers.push(resolve));
    },
  };
}
