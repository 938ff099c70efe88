// Runs a suite on several builds in turns, so that the machine's drift hits all alike, and turns times into rates.
import type { Build } from "../src/runtime/features";
import { type Quartiles, quartiles } from "./harness";
import type { Size } from "./row";
import type { Job, RowFacts, RowTimes, Turn } from "./session";
import type { SuiteName } from "./suites";

/** A build on a number of threads. Each gets a realm of its own: a process, or a page. */
export interface Setup {
  readonly build: Build;
  readonly threads: number;
}

/** A realm that holds one session: the same job again is the next turn. */
export interface Realm {
  turn(job: Job, onProgress: (part: number) => void): Promise<Turn>;
  close(): void;
}

export interface RunOptions {
  readonly setups: readonly Setup[];
  readonly size: Size;
  readonly openRealm: (setup: Setup) => Promise<Realm>;
  /** Told how much of the suite is done, from 0 to 1. */
  readonly onProgress: (part: number) => void;
}

export interface Result extends Setup {
  readonly kind: string;
  readonly shape: string;
  readonly samples: number;
  /** Seconds per call. */
  readonly seconds: Quartiles;
  readonly gflopsPerSecond?: number;
  readonly gigabytesPerSecond?: number;
  readonly tokensPerSecond?: number;
  /** What bounds it and the part of that which is reached. */
  readonly ceiling?: {
    readonly what: "register peak" | "reading";
    readonly rate: number;
    readonly share: number;
  };
  /** Largest difference from float64, as a part of the largest value. */
  readonly error: number;
}

export interface SuiteResult {
  readonly suite: SuiteName;
  readonly host: string;
  readonly rows: readonly Result[];
  readonly refused: readonly string[];
}

interface Plan {
  readonly turns: number;
  readonly sampleSeconds: number;
  readonly samples: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  full: { turns: 8, sampleSeconds: 0.03, samples: 2 },
  quick: { turns: 3, sampleSeconds: 0.02, samples: 2 },
  tiny: { turns: 2, sampleSeconds: 0.001, samples: 2 },
};
const GIGA = 1e9;

/**
 * Prepares every setup, then runs turns: all rows of the first setup, all rows of the second, and again.
 * @throws Error when an answer is wrong or a realm is lost
 */
export async function runSuite(suite: SuiteName, options: RunOptions): Promise<SuiteResult> {
  const { setups, size, openRealm, onProgress } = options;
  const { turns, ...patience } = plans[size];
  const realms: Realm[] = [];
  const done: Turn[][] = setups.map(() => []);
  try {
    for (const setup of setups) realms.push(await openRealm(setup));
    for (let turn = 0; turn < turns; turn++) {
      for (const [index, setup] of setups.entries()) {
        const before = turn * setups.length + index;
        const job: Job = { suite, size, patience, ...setup };
        const outcome = await realms[index]!.turn(job, (part) =>
          onProgress((before + part) / (turns * setups.length)),
        );
        done[index]!.push(outcome);
      }
    }
  } finally {
    for (const realm of realms) realm.close();
  }
  return conclude(suite, setups, done);
}

function conclude(
  suite: SuiteName,
  setups: readonly Setup[],
  done: readonly (readonly Turn[])[],
): SuiteResult {
  const first = done.map((turns) => turns[0]!); // every setup had its turns
  const perSetup = setups.map((setup, index) =>
    first[index]!.facts.map((facts, row) => {
      const times = done[index]!.map((turn) => turn.times[row]!); // the same rows in every turn
      return rate(setup, facts, times);
    }),
  );
  const count = Math.max(0, ...perSetup.map((rows) => rows.length));
  // Builds of one row stand together.
  const rows = Array.from({ length: count }, (_, row) => perSetup.flatMap((results) => results[row] ?? []));
  return {
    suite,
    host: first[0]?.host ?? "",
    rows: rows.flat(),
    refused: [...new Set(first.flatMap(({ refused }) => refused))],
  };
}

/** What the turns of a row amount to. */
export function rate(setup: Setup, facts: RowFacts, times: readonly RowTimes[]): Result {
  const { kind, shape, work, bound, error } = facts;
  const samples = times.flatMap(({ seconds }) => seconds);
  const seconds = quartiles(samples);
  const perSecond = (amount: number) => amount / seconds.median;
  const ceiling = ceilingOf(bound === "memory" ? work.bytes : work.flops, times, setup.threads);
  return {
    kind,
    shape,
    ...setup,
    samples: samples.length,
    seconds,
    ...(work.flops !== undefined && { gflopsPerSecond: perSecond(work.flops) / GIGA }),
    ...(work.bytes !== undefined && { gigabytesPerSecond: perSecond(work.bytes) / GIGA }),
    ...(work.tokens !== undefined && { tokensPerSecond: perSecond(work.tokens) }),
    ...(ceiling && { ceiling: { what: bound === "memory" ? "reading" : "register peak", ...ceiling } }),
    error,
  };
}

/** The ceiling of all threads together, and the median over turns of the share of it: both are measured within a moment. */
function ceilingOf(
  amount: number | undefined,
  times: readonly RowTimes[],
  threads: number,
): { rate: number; share: number } | undefined {
  const all = times.flatMap(({ ceilings }) => ceilings);
  if (amount === undefined || all.length === 0) return undefined;
  const shares = times.map(
    ({ seconds, ceilings }) => amount / quartiles(seconds).median / (threads * quartiles(ceilings).median),
  );
  return { rate: (threads * quartiles(all).median) / GIGA, share: quartiles(shares).median };
}
