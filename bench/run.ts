// Runs a suite on several builds in turns, so that the machine's drift hits all alike, and turns times into rates.
import type { Build } from "../src/runtime/features";
import { type Patience, patienceFor, type Quartiles, quartiles } from "./harness";
import type { Size } from "./row";
import type { Job, RowFacts, RowTimes, Turn } from "./session";
import type { SuiteName } from "./suites";

/** A build on a number of threads. Each gets a realm of its own: a process, or a page. */
export interface Setup {
  readonly build: Build;
  readonly threads: number;
}

/** What has its turns: a setup, or the control for one of several threads: as many processes of one thread each, at the same time. */
export interface Player extends Setup {
  readonly processes: number;
}

/** A realm that holds one session: the same job again is the next turn. */
export interface Realm {
  /** @param onProgress told the part of the turn that is done, and which row is under way where a realm can tell */
  turn(job: Job, onProgress: (part: number, row?: string) => void): Promise<Turn>;
  close(): void;
}

/** What is being measured. */
export interface Underway {
  readonly player: Player;
  /** From 1. */
  readonly turn: number;
  readonly turns: number;
  readonly row?: string | undefined;
}

export interface RunOptions {
  readonly setups: readonly Setup[];
  readonly size: Size;
  readonly openRealm: (setup: Setup) => Promise<Realm>;
  /** Told how much of the suite is done, from 0 to 1. */
  readonly onProgress: (part: number, underway: Underway) => void;
  /** Called whenever a setup has had a turn: the result so far, of what was measured at all. */
  readonly onTurn?: (result: SuiteResult) => void;
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
  /** Where the same run had one thread: how many times as much is done by these threads, and by as many processes that share nothing. */
  readonly speedUp?: { readonly threads: number; readonly processes: number };
  /** Linear memory that a call needs beyond what it is given. */
  readonly extraBytes: number;
  /** Largest difference from float64, as a part of the largest value. */
  readonly error: number;
}

export interface SuiteResult {
  readonly suite: SuiteName;
  readonly host: string;
  /** Turns that every setup has had; fewer than planned in a result so far. */
  readonly turns: { readonly done: number; readonly planned: number };
  readonly rows: readonly Result[];
  readonly refused: readonly string[];
  /** Where the clock is too coarse for the samples that were planned: the seconds by which it moves on, and those of the samples taken. */
  readonly coarseClock?: { readonly stepSeconds: number; readonly sampleSeconds: number };
}

interface Plan extends Patience {
  readonly turns: number;
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
  const { size, openRealm, onProgress } = options;
  const { turns, ...patience } = plans[size];
  const players = options.setups.flatMap(withControl);
  const realms: Realm[][] = [];
  const done: Turn[][] = players.map(() => []);
  try {
    for (const player of players) {
      const mine: Realm[] = [];
      realms.push(mine);
      for (let process = 0; process < player.processes; process++) mine.push(await openRealm(player));
    }
    for (let turn = 0; turn < turns; turn++) {
      for (const [index, player] of players.entries()) {
        const { build, threads } = player;
        const before = turn * players.length + index;
        const job: Job = { suite, size, patience, build, threads };
        const onPart = (part: number, row?: string) =>
          onProgress((before + part) / (turns * players.length), { player, turn: turn + 1, turns, row });
        done[index]!.push(
          together(await Promise.all(realms[index]!.map((realm) => realm.turn(job, onPart)))),
        );
        options.onTurn?.(conclude(suite, players, done, plans[size]));
      }
    }
  } finally {
    for (const realm of realms.flat()) realm.close();
  }
  return conclude(suite, players, done, plans[size]);
}

function coarseClock(
  planned: Patience,
  done: readonly (readonly Turn[])[],
): Pick<SuiteResult, "coarseClock"> {
  const stepSeconds = Math.max(...done.flat().map((turn) => turn.clockSeconds));
  const { sampleSeconds } = patienceFor(planned, stepSeconds);
  return sampleSeconds > planned.sampleSeconds ? { coarseClock: { stepSeconds, sampleSeconds } } : {};
}

/** Threads can be no faster than processes that share nothing: what the machine gives to those is measured in the same turns. */
function withControl(setup: Setup, _: number, setups: readonly Setup[]): Player[] {
  const player = { ...setup, processes: 1 };
  const alone = setups.some(({ build, threads }) => build === setup.build && threads === 1);
  return setup.threads > 1 && alone
    ? [player, { build: setup.build, threads: 1, processes: setup.threads }]
    : [player];
}

/** The same turn of several processes: all their samples. */
function together(turns: readonly Turn[]): Turn {
  const first = turns[0]!; // a player has a process
  const times = first.times.map((_, row) => ({
    seconds: turns.flatMap(({ times }) => times[row]?.seconds ?? []),
    ceilings: turns.flatMap(({ times }) => times[row]?.ceilings ?? []),
  }));
  return { ...first, times };
}

/** Of the players that had a turn; no player has had more than one more than another. */
function conclude(
  suite: SuiteName,
  all: readonly Player[],
  turns: readonly (readonly Turn[])[],
  plan: Plan,
): SuiteResult {
  const players = all.filter((_, index) => turns[index]!.length > 0);
  const done = turns.slice(0, players.length); // turns go in order
  const first = done.map((turns) => turns[0]!);
  const timesOf = (player: number, row: number) => done[player]!.map((turn) => turn.times[row]!); // the same rows in every turn
  const perPlayer = players.map(({ processes, ...setup }, player) => {
    if (processes > 1) return [];
    const find = (count: number) =>
      players.findIndex(
        ({ build, threads, processes }) => build === setup.build && threads === 1 && processes === count,
      );
    const [one, control] = [find(1), find(setup.threads)];
    return first[player]!.facts.map((facts, row): Result => {
      const result = rate(setup, facts, timesOf(player, row));
      if (setup.threads === 1 || control < 0) return result;
      const alone = timesOf(one, row);
      const threads = speedUp(alone, timesOf(player, row));
      return {
        ...result,
        speedUp: { threads, processes: setup.threads * speedUp(alone, timesOf(control, row)) },
      };
    });
  });
  const count = Math.max(0, ...perPlayer.map((rows) => rows.length));
  // Builds of one row stand together.
  const rows = Array.from({ length: count }, (_, row) => perPlayer.flatMap((results) => results[row] ?? []));
  return {
    suite,
    host: first[0]?.host ?? "",
    turns: { done: Math.min(...turns.map(({ length }) => length)), planned: plan.turns },
    rows: rows.flat(),
    refused: [...new Set(first.flatMap(({ refused }) => refused))],
    ...coarseClock(plan, done),
  };
}

/** The median of how many times faster `times` are, over the turns that both have had; `alone` comes first. */
function speedUp(alone: readonly RowTimes[], times: readonly RowTimes[]): number {
  const ratios = times.map(
    ({ seconds }, turn) => quartiles(alone[turn]!.seconds).median / quartiles(seconds).median,
  );
  return quartiles(ratios).median;
}

/** What the turns of a row amount to. */
export function rate(setup: Setup, facts: RowFacts, times: readonly RowTimes[]): Result {
  const { kind, shape, work, bound, error, extraBytes } = facts;
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
    extraBytes,
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
