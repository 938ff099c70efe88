// `heed bench`: times the kernels, each build in a process of its own, after checking their answers.
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { pathToFileURL } from "node:url";
import { platform } from "#platform";
import { type Realm, runSuite, type Setup } from "../../bench/run";
import type { Job, Turn } from "../../bench/session";
import { type SuiteName, suites } from "../../bench/suites";
import { suiteTable } from "../../bench/table";
import { type PoolOptions, processPool } from "../platform/process-pool";
import type { Build } from "../runtime/features";
import { oneOf } from "./options";
import { Output } from "./output";
import { startProgress } from "./progress";
import { UsageError } from "./usage";
import { VERSION } from "./version";

export interface BenchArguments {
  readonly build: Build | "both";
  readonly threads: readonly number[];
  readonly quick: boolean;
  /** A file for the results, "-" for stdout. */
  readonly json?: string;
}

/** Parts of a suite that progress counts. */
const PARTS = 1000;

/**
 * Runs the named suites, "all" for all of them, none to list them.
 * @throws UsageError for an unknown name
 */
export async function benchCommand(names: readonly string[], given: BenchArguments): Promise<number> {
  const output = new Output(given.json);
  const chosen = choose(names);
  if (chosen.length === 0) {
    for (const [name, { what }] of Object.entries(suites)) output.say(`${name.padEnd(10)} ${what}`);
    output.say("\nheed bench SUITE..., or all; --quick for a look");
    output.finish({
      command: "bench",
      suites: Object.fromEntries(Object.entries(suites).map(([name, { what }]) => [name, what])),
    });
    return 0;
  }
  const machine = describeMachine();
  output.say(`heed ${VERSION}, ${platform.host}, ${machine.processor} x ${machine.cores}, ${machine.date}`);
  const builds: readonly Build[] = given.build === "both" ? ["portable", "fast"] : [given.build];
  const setups = builds.flatMap((build) => given.threads.map((threads): Setup => ({ build, threads })));
  const results = [];
  for (const suite of chosen) {
    const progress = startProgress(`bench ${suite}`, PARTS);
    try {
      const result = await runSuite(suite, {
        setups,
        size: given.quick ? "quick" : "full",
        openRealm: async () => openProcess(),
        onProgress: (part) => progress.update(Math.floor(PARTS * part)),
      });
      progress.stop();
      output.say(`\n${suite}: ${suites[suite].what}\n${suiteTable(result)}`);
      results.push(result);
    } finally {
      progress.stop();
    }
  }
  output.finish({ command: "bench", version: VERSION, ...machine, quick: given.quick, suites: results });
  return 0;
}

function choose(names: readonly string[]): SuiteName[] {
  const all = Object.keys(suites) as SuiteName[]; // a closed literal
  if (names.includes("all")) return all;
  const check = oneOf(suites);
  return names.map((name) => {
    try {
      return check(name);
    } catch (error) {
      throw new UsageError(`bench: a suite ${error instanceof Error ? error.message : error}`);
    }
  });
}

/** What a figure cannot be read without. */
export function describeMachine() {
  return {
    host: platform.host,
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: platform.cores,
    memoryBytes: totalmem(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** A realm that is a process, started by its first turn. */
export function openProcess(): Realm {
  const pool = processPool<Job, Turn>(worker());
  return { turn: pool.run, close: pool.close };
}

/** The entry: a source, which needs a loader, or a bundle of its own in dist/cli. */
function worker(): PoolOptions {
  if (!import.meta.url.endsWith(".ts")) return { entry: new URL("./bench-worker.js", import.meta.url) };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const entry = new URL("../../bench/worker.ts", import.meta.url);
  return { entry, execArgv: ["--conditions=heed-source", "--import", loader] };
}
