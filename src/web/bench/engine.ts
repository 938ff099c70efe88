// The worker of the bench tab: runs a suite on several builds and numbers of threads in turns, each in a worker of its own.
import { type Realm, runSuite, type Setup, type SuiteResult, type Underway } from "../../../bench/run";
import type { Job, Turn } from "../../../bench/session";
import { type SuiteName, suites } from "../../../bench/suites";
import { suiteCells, suiteMarkdown, suiteNotes } from "../../../bench/table";
import { detectFeatures, selectThreads } from "../../runtime/features";
import { VERSION } from "../../terminal/version";
import { jobWorker } from "../jobs";
import { serve } from "../port";
import type { Command, Measured, News } from "./protocol";
import type { TurnProgress } from "./realm";

/** How often progress is told at most: drawing it takes time from what is measured. */
const NEWS_MS = 100;
/** What shares nothing here. */
const APART = "workers";

const tell = serve<Command, News>(
  (command) => (command.kind === "list" ? list() : run(command)),
  (message) => ({ kind: "refused", message }),
);

function list(): void {
  const names = Object.keys(suites) as SuiteName[]; // a closed literal
  tell({
    kind: "list",
    suites: names.map((name) => ({ name, what: suites[name].what })),
    setups: setups(),
  });
}

function setups(): Setup[] {
  const features = detectFeatures();
  const { threads } = selectThreads("auto", features);
  const builds = features.relaxedSimd ? (["portable", "fast"] as const) : (["portable"] as const);
  const counts = threads > 1 ? [1, threads] : [1];
  return builds.flatMap((build) => counts.map((threads) => ({ build, threads })));
}

async function run({ suite, setups, size }: Extract<Command, { kind: "run" }>): Promise<void> {
  const about = {
    command: "bench",
    version: VERSION,
    host: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    date: new Date().toISOString().slice(0, 10),
    size,
  };
  const measured = (result: SuiteResult): Measured => ({
    result,
    cells: suiteCells(result, APART),
    notes: suiteNotes(result),
    markdown: `heed ${VERSION}, ${suite}, ${size}, ${about.host}, ${about.cores} cores, ${about.date}\n\n${suiteMarkdown(result, APART)}\n`,
    json: `${JSON.stringify({ ...about, suites: [result] })}\n`,
  });
  const result = await runSuite(suite, {
    setups,
    size,
    openRealm: async () => openWorker(),
    onProgress: tellProgress,
    onTurn: (result) => tell({ kind: "measured", measured: measured(result), finished: false }),
  });
  tell({ kind: "measured", measured: measured(result), finished: true });
}

let latest: Extract<News, { kind: "progress" }> | undefined;

/** Soon: of what happens in between only the last is told, so that the row under way is named however long it takes. */
function tellProgress(part: number, underway: Underway): void {
  if (!latest) {
    setTimeout(() => {
      if (latest) tell(latest);
      latest = undefined;
    }, NEWS_MS);
  }
  latest = { kind: "progress", part, underway };
}

/** A realm that is a worker. */
function openWorker(): Realm {
  const made = new Worker(new URL("./realm.ts", import.meta.url), { type: "module", name: self.name });
  const { run, close } = jobWorker<Job, TurnProgress, Turn>(made);
  return { turn: (job, onProgress) => run(job, ({ part, row }) => onProgress(part, row)), close };
}
