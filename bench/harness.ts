// Times calls with Benchmark.js, and says what samples amount to.
import Benchmark from "benchmark";
import lodash from "lodash";

/** Calls and seconds before the first sample, whichever takes longer: V8 compiles what is called often, off the thread. */
const WARM_CALLS = 100;
const WARM_SECONDS = 0.1;
/** A warm-up ends here whatever it has done. */
const WARM_LIMIT_SECONDS = 1;
/** Of the clock, in every sample: one of them is then two hundredths of it. */
const SAMPLE_STEPS = 50;
/** The shortest of so many is taken for the step of the clock: it may have moved on by several while another program had the core. */
const SEEN_STEPS = 5;

export interface Patience {
  /** Shortest time that one sample measures: short calls are repeated in it. */
  readonly sampleSeconds: number;
  readonly samples: number;
}

// Benchmark.js finds lodash, and a clock finer than a millisecond, by itself in Node only; bundled it is given both. The result of
// runInContext is another Benchmark, which its types do not say.
const Timer = Benchmark.runInContext({
  _: lodash,
  process: { hrtime: secondsAndNanoseconds },
}) as unknown as typeof Benchmark;

/** Seconds per call, one number for every sample. */
export function timeSamples(call: () => void, { sampleSeconds, samples }: Patience): number[] {
  // A negative limit of time leaves the number of samples as the only one.
  const bench = new Timer(call, { async: false, minTime: sampleSeconds, minSamples: samples, maxTime: -1 });
  bench.run();
  // It keeps what the call threw to itself.
  if (bench.error) throw bench.error;
  return [...bench.stats.sample];
}

/** The seconds by which the clock moves on at once: browsers make it coarse, up to a millisecond and more where a page is not isolated. */
export function clockStep(now: () => number = () => performance.now()): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let seen = 0, last = now(); seen < SEEN_STEPS; ) {
    const time = now();
    if (time === last) continue;
    shortest = Math.min(shortest, time - last);
    last = time;
    seen += 1;
  }
  return shortest / 1000;
}

/** Samples that last as long as they were meant to, or longer where the clock is too coarse for that. */
export function patienceFor(patience: Patience, clockSeconds: number): Patience {
  return { ...patience, sampleSeconds: Math.max(patience.sampleSeconds, SAMPLE_STEPS * clockSeconds) };
}

export function warmUp(call: () => void): void {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  for (let calls = 0; calls < WARM_CALLS || seconds() < WARM_SECONDS; calls++) {
    if (seconds() > WARM_LIMIT_SECONDS) return;
    call();
  }
}

export interface Quartiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Quartiles, between neighbours by linear interpolation. NaN of no samples. */
export function quartiles(samples: readonly number[]): Quartiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (part: number) => {
    const place = part * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

/**
 * process.hrtime from the clock that every host has. In whole nanoseconds: where the clock has not moved the difference is nothing, not a
 * rounding error, of which Benchmark.js would conclude that it must call for hours.
 */
export function secondsAndNanoseconds(since: readonly [number, number] = [0, 0]): [number, number] {
  const nanoseconds = Math.round(performance.now() * 1e6) - (since[0] * 1e9 + since[1]);
  const whole = Math.floor(nanoseconds / 1e9);
  return [whole, nanoseconds - whole * 1e9];
}
