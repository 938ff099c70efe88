// One suite in one realm: everything allocated, checked and warmed up once, then timed turn by turn.
import type { Build } from "../src/runtime/features";
import { heap, info, init, kernels } from "../src/runtime/instance";
import { clockStep, type Patience, patienceFor, timeSamples, warmUp } from "./harness";
import { AGREEMENT, type Prepared, type Row, type Size, type Stretch } from "./row";
import { type SuiteName, suites } from "./suites";

export interface Job {
  readonly suite: SuiteName;
  readonly build: Build;
  readonly threads: number;
  readonly size: Size;
  readonly patience: Patience;
}

/** What is known of a row before it is timed. */
export interface RowFacts extends Pick<Row, "kind" | "shape" | "work" | "bound"> {
  /** Largest difference from float64, as a part of the largest value. */
  readonly error: number;
  /** Linear memory that a call needs beyond what it is given: workspace, and whatever it allocates at once. */
  readonly extraBytes: number;
}

/** One turn of a row. */
export interface RowTimes {
  /** Per call. */
  readonly seconds: readonly number[];
  /** What bounds the row, measured right after it: flops per second in registers or bytes read per second, on one thread. */
  readonly ceilings: readonly number[];
}

export interface Turn {
  readonly host: string;
  /** By which the clock here moves on, seconds. */
  readonly clockSeconds: number;
  readonly facts: readonly RowFacts[];
  /** Rows that could not be had here, and why. */
  readonly refused: readonly string[];
  readonly times: readonly RowTimes[];
}

/** Told the part that is done, from 0 to 1, and which row is under way. What it returns is waited for. */
export type OnProgress = (part: number, row?: string) => unknown;

interface Ready {
  readonly facts: RowFacts;
  readonly prepared: Prepared;
  /** One call takes so long that it is sampled once a turn. */
  readonly long: boolean;
}

/** Rounds of the register peak in one call: some ten microseconds. */
const PEAK_ROUNDS = 4096;
const FLOAT_BYTES = 4;
const LONG_SECONDS = 0.25;

/**
 * A function that runs one turn: every row of the suite once, one after the other.
 * @param onProgress of preparing
 * @throws Error when a row's answer is wrong
 */
export async function openSession(
  { suite, build, threads, size, patience }: Job,
  onProgress: OnProgress,
): Promise<(onProgress: OnProgress) => Promise<Turn>> {
  await init({ build, threads });
  const ready: Ready[] = [];
  const refused: string[] = [];
  const rows = suites[suite].rows(size);
  for (const [index, row] of rows.entries()) {
    await onProgress(index / rows.length, `${row.kind}, ${row.shape}`);
    const prepared = attempt(row, refused);
    if (prepared) ready.push(prove(suite, row, prepared));
  }
  warmUp(registerPeak);
  const clockSeconds = clockStep();
  const longEnough = patienceFor(patience, clockSeconds);
  return async (onProgress) => {
    const times: RowTimes[] = [];
    for (const row of ready) {
      await onProgress(times.length / ready.length, `${row.facts.kind}, ${row.facts.shape}`);
      times.push(timeRow(row, longEnough));
    }
    await onProgress(1);
    return {
      host: info().host,
      clockSeconds,
      facts: ready.map(({ facts }) => facts),
      refused,
      times,
    };
  };
}

/** Prepares a row. A combination that the library refuses is not an error of the suite. */
function attempt(row: Row, refused: string[]): Prepared | undefined {
  try {
    return row.prepare();
  } catch (error) {
    refused.push(`${row.kind}, ${row.shape}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function prove(suite: string, { kind, shape, work, bound }: Row, prepared: Prepared): Ready {
  const error = prepared.check();
  if (!(error <= AGREEMENT)) {
    throw new Error(
      `bench ${suite}: ${kind}, ${shape} must be within ${AGREEMENT} of float64, got ${error.toPrecision(3)}`,
    );
  }
  warmUp(prepared.warm);
  heap().markPeak();
  const before = heap().liveBytes;
  const began = performance.now();
  prepared.run();
  const long = performance.now() - began > 1000 * LONG_SECONDS;
  const extraBytes = heap().peakBytes - before + (prepared.workBytes ?? 0);
  return { facts: { kind, shape, work, bound, error, extraBytes }, prepared, long };
}

function timeRow({ prepared, facts, long }: Ready, patience: Patience): RowTimes {
  if (!long) prepared.run(); // brings its memory back into the caches, after the other rows
  const seconds = timeSamples(prepared.run, long ? { ...patience, samples: 1 } : patience);
  return { seconds, ceilings: ceilings(prepared, facts, patience) };
}

function ceilings({ reads }: Prepared, { bound, work }: RowFacts, patience: Patience): number[] {
  const K = kernels();
  if (bound === "memory") {
    const bytes = reads?.reduce((sum, { length }) => sum + FLOAT_BYTES * length, 0) ?? 0;
    return bytes === 0
      ? []
      : timeSamples(() => readAll(reads ?? []), patience).map((seconds) => bytes / seconds);
  }
  if (work.flops === undefined) return [];
  const flops = PEAK_ROUNDS * K.smadd_peak_flops();
  return timeSamples(registerPeak, patience).map((seconds) => flops / seconds);
}

function registerPeak(): void {
  kernels().smadd_peak(PEAK_ROUNDS, 1, 2 ** -20);
}

function readAll(stretches: readonly Stretch[]): void {
  const K = kernels();
  for (const { ptr, length } of stretches) K.ssum_peak(ptr, length);
}
