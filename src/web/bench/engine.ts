// The worker of the bench tab: runs a suite on several builds and numbers of threads in turns, each in a worker of its own.
import { type Realm, runSuite, type Setup } from "../../../bench/run";
import type { Job, Turn } from "../../../bench/session";
import { type SuiteName, suites } from "../../../bench/suites";
import { suiteCells, suiteMarkdown, suiteNotes } from "../../../bench/table";
import { detectFeatures, selectThreads } from "../../runtime/features";
import { VERSION } from "../../terminal/version";
import { engine, serve } from "../port";
import type { Command, News } from "./protocol";
import type { RealmNews } from "./realm";

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
  let told = performance.now();
  const result = await runSuite(suite, {
    setups,
    size,
    openRealm: async () => openWorker(),
    onProgress: (part) => {
      if (performance.now() - told < 100) return;
      told = performance.now();
      tell({ kind: "progress", part });
    },
  });
  const facts = {
    command: "bench",
    version: VERSION,
    host: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    date: new Date().toISOString().slice(0, 10),
    size,
  };
  tell({
    kind: "finished",
    result,
    cells: suiteCells(result),
    notes: suiteNotes(result),
    markdown: `heed ${VERSION}, ${suite}, ${facts.host}, ${facts.cores} cores, ${facts.date}\n\n${suiteMarkdown(result)}\n`,
    json: `${JSON.stringify({ ...facts, suites: [result] })}\n`,
  });
}

/** A realm that is a worker. */
function openWorker(): Realm {
  let hear: (news: RealmNews) => void = () => {};
  const made = new Worker(new URL("./realm.ts", import.meta.url), { type: "module", name: self.name });
  const worker = engine<Job, RealmNews>(
    made,
    (news) => hear(news),
    (message) => hear({ kind: "failed", message }),
  );
  return {
    turn: (job, onProgress) =>
      new Promise<Turn>((resolve, reject) => {
        hear = (news) => {
          if (news.kind === "progress") onProgress(news.part);
          else if (news.kind === "done") resolve(news.turn);
          else reject(new Error(news.message));
        };
        worker.send(job);
      }),
    close: worker.close,
  };
}
