// What `heed bench` and `npm run bench:browser` share: the words that they take, and the way from suites to tables. They differ in where a suite
// runs.
import type { Command } from "commander";
import type { Build } from "../src/runtime/features";
import { checked, json } from "../src/terminal/command";
import { list, oneOf, whole } from "../src/terminal/options";
import { Output } from "../src/terminal/output";
import { startProgress } from "../src/terminal/progress";
import { at, UsageError } from "../src/terminal/usage";
import { VERSION } from "../src/terminal/version";
import { describeMachine } from "./machine";
import { type Realm, runSuite, type Setup, type SuiteResult } from "./run";
import { type SuiteName, suites } from "./suites";
import { suiteTable } from "./table";

export interface BenchArguments {
  readonly build: Build | "both";
  readonly threads: readonly number[];
  readonly quick: boolean;
  /** A file for the results, "-" for stdout. */
  readonly json?: string;
}

/** Where suites run. */
export interface Place {
  readonly host: string;
  openRealm(): Promise<Realm>;
  close(): Promise<void>;
}

export interface BenchCommand {
  /** In the JSON that it writes. */
  readonly name: string;
  /** How the user calls it. */
  readonly call: string;
  /** Called once something is to be timed. */
  readonly open: () => Promise<Place>;
}

/** Parts of a suite that progress counts. */
const PARTS = 1000;

/** @param realm what each build has for itself: "process" or "page" */
export function takeBenchWords(command: Command, realm: string): Command {
  return command
    .argument("[suites...]", "what to time, or all; without a name they are listed")
    .description(
      "check and time the kernels: GFLOP/s, GB/s, tokens/s and the share of what the processor can do",
    )
    .addOption(
      checked(
        "--build <name>",
        `kernels to time, each in a ${realm} of its own: portable, fast, both`,
        oneOf({ portable: 0, fast: 0, both: 0 }),
      ).default("both"),
    )
    .addOption(checked("--threads <list>", "threads to time, like 1,2", list(whole(1))).default([1]))
    .option("--quick", "fewer sizes and samples", false)
    .addOption(json());
}

/**
 * Runs the named suites, "all" for all of them, none to list them. Returns the exit code.
 * @throws UsageError for an unknown name
 */
export async function benchCommand(
  names: readonly string[],
  given: BenchArguments,
  { name, call, open }: BenchCommand,
): Promise<number> {
  const output = new Output(given.json);
  const chosen = choose(names);
  if (chosen.length === 0) {
    for (const [suite, { what }] of Object.entries(suites)) output.say(`${suite.padEnd(10)} ${what}`);
    output.say(`\n${call} SUITE..., or all; --quick for a look`);
    const whats = Object.entries(suites).map(([suite, { what }]) => [suite, what]);
    output.finish({ command: name, suites: Object.fromEntries(whats) });
    return 0;
  }
  const place = await open();
  try {
    const machine = { ...describeMachine(), host: place.host };
    output.say(`heed ${VERSION}, ${machine.host}, ${machine.processor} x ${machine.cores}, ${machine.date}`);
    const results: SuiteResult[] = [];
    for (const suite of chosen) {
      const result = await timeSuite(suite, given, place);
      output.say(`\n${suite}: ${suites[suite].what}\n${suiteTable(result)}`);
      results.push(result);
    }
    output.finish({ command: name, version: VERSION, ...machine, quick: given.quick, suites: results });
    return 0;
  } finally {
    await place.close();
  }
}

async function timeSuite(suite: SuiteName, given: BenchArguments, place: Place): Promise<SuiteResult> {
  const builds: readonly Build[] = given.build === "both" ? ["portable", "fast"] : [given.build];
  const progress = startProgress(`bench ${suite}`, PARTS);
  try {
    return await runSuite(suite, {
      setups: builds.flatMap((build) => given.threads.map((threads): Setup => ({ build, threads }))),
      size: given.quick ? "quick" : "full",
      openRealm: () => place.openRealm(),
      onProgress: (part) => progress.update(Math.floor(PARTS * part)),
    });
  } finally {
    progress.stop();
  }
}

function choose(names: readonly string[]): SuiteName[] {
  const all = Object.keys(suites) as SuiteName[]; // a closed literal
  if (names.includes("all")) return all;
  return names.map((name) => at("suite", () => oneOf(suites)(name), UsageError));
}
