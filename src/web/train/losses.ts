// The losses of a run as the page keeps them: a number for each step, however many there are, and what of them a chart can show.
import type { Point } from "../../experiments/figure";

/** Some steps in a row. */
export interface Stretch {
  readonly low: Point;
  readonly high: Point;
  /** In its middle. */
  readonly mean: Point;
}

type Measured = readonly { readonly step: number; readonly loss: number }[];

const FIRST_ROOM = 1024;

/** For `Losses`: a message of numbers alone is read in no time, one of as many objects is not. */
export function lossesByStep(measured: Measured): Float64Array<ArrayBuffer> {
  const values = new Float64Array((measured.at(-1)?.step ?? -1) + 1).fill(Number.NaN);
  for (const { step, loss } of measured) values[step] = loss;
  return values;
}

/** It grows in place, as copying all of it at each news would take longer and longer; `version` tells of every change. */
export class Losses {
  /** By step; NaN where none was measured, as behind the last. */
  #values: Float64Array;
  /** Behind the last step. */
  #end: number;
  #version = 0;

  /** @param values by step, NaN where none was measured; they are its own from now on */
  constructor(values: Float64Array = new Float64Array()) {
    this.#values = values;
    this.#end = values.length;
  }

  get version(): number {
    return this.#version;
  }

  /** In the order of steps. Those that stood at the first of them or behind it were of another course. */
  take(measured: Measured): void {
    const [first] = measured;
    if (!first) return;
    this.#values.fill(Number.NaN, first.step, Math.max(first.step, this.#end));
    for (const { step, loss } of measured) {
      this.#makeRoom(step);
      this.#values[step] = loss;
      this.#end = step + 1;
    }
    this.#version++;
  }

  /** At this step, or the last that was measured before it. */
  at(step: number): number | undefined {
    return this.#values.subarray(0, step + 1).findLast((loss) => !Number.isNaN(loss));
  }

  /** At most `most` of them, all of one length, which stays the same until they are twice as long. */
  stretches(most: number): Stretch[] {
    let length = 1;
    while (length * most < this.#end) length *= 2;
    const made: Stretch[] = [];
    for (let from = 0; from < this.#end; from += length) {
      const stretch = this.#stretch(from, Math.min(from + length, this.#end));
      if (stretch) made.push(stretch);
    }
    return made;
  }

  #stretch(from: number, to: number): Stretch | undefined {
    let [low, high, sum, count] = [from, from, 0, 0];
    for (let step = from; step < to; step++) {
      const loss = this.#values[step]!;
      if (Number.isNaN(loss)) continue;
      if (count === 0 || loss < this.#values[low]!) low = step;
      if (count === 0 || loss > this.#values[high]!) high = step;
      sum += loss;
      count += 1;
    }
    if (count === 0) return undefined;
    const point = (step: number) => ({ x: step, y: this.#values[step]! });
    return {
      low: point(low),
      high: point(high),
      mean: { x: Math.floor((from + to - 1) / 2), y: sum / count },
    };
  }

  #makeRoom(step: number): void {
    if (step < this.#values.length) return;
    const wider = new Float64Array(Math.max(FIRST_ROOM, 2 * step)).fill(Number.NaN);
    wider.set(this.#values);
    this.#values = wider;
  }
}
