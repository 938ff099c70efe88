// The losses of a run as the page keeps them: a number for each step, however many there are, and what of them a chart can show.
import type { Point } from "../../experiments/figure";

/** Some steps in a row. */
export interface Stretch {
  readonly low: Point;
  readonly high: Point;
  /** In its middle. */
  readonly mean: Point;
}

const FIRST_ROOM = 1024;

/** It grows in place, as copying all of it at each news would take longer and longer; `version` tells of every change. */
export class Losses {
  /** By step; NaN where none was measured, as behind the last. */
  #values = new Float64Array(FIRST_ROOM).fill(Number.NaN);
  /** Behind the last step. */
  #end = 0;
  #version = 0;

  get version(): number {
    return this.#version;
  }

  /** In the order of steps. Those that stood at the first of them or behind it were of another course. */
  take(measured: readonly { readonly step: number; readonly loss: number }[]): void {
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
    const wider = new Float64Array(2 * step).fill(Number.NaN);
    wider.set(this.#values);
    this.#values = wider;
  }
}
