// Compares results with the float64 reference, within twice the error that naive f32 makes on the same numbers.
import { float64, Graph, type Round } from "./graph";
import { type Grid, gradientOf, grid, valuesOf } from "./ops";

export interface Values {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A result and the gradients of all inputs by name. */
export interface Outcome {
  readonly y: ArrayLike<number>;
  readonly gradients: Readonly<Record<string, ArrayLike<number>>>;
}

export type Twin = (g: Graph, inputs: Readonly<Record<string, Grid>>) => Grid;

/** What the twin gives: its output, and the gradients of sum(y dy). */
export function differentiate(
  twin: Twin,
  inputs: Readonly<Record<string, Values>>,
  dy: ArrayLike<number>,
  round: Round = float64,
): Outcome & { shape: readonly number[] } {
  const g = new Graph(round);
  const grids = Object.fromEntries(
    Object.entries(inputs).map(([name, { values, shape }]) => [name, grid(g, values, shape)]),
  );
  const y = twin(g, grids);
  g.backward(y.data, dy);
  const gradients = Object.fromEntries(Object.entries(grids).map(([name, x]) => [name, gradientOf(x)]));
  return { y: valuesOf(y), gradients, shape: y.shape };
}

/** Float32 spacing just above 1. */
const EPSILON = 2 ** -23;
/** Random roundings, enough that a lucky one does not set the tolerance. */
const RUNS = 8;

/**
 * Throws unless every value, and every gradient that is there, is within twice the error of naive f32: that of a run in which every step may be rounded up or down,
 * so that it is off by up to a whole unit in the last place instead of half a one (the worst of a few such runs); and, as our exp
 * and erf are good to 2 units where the twin's are good to one, at least two units in the last place of the largest value.
 */
export function expectAsGoodAsNaive(
  actual: Outcome,
  twin: Twin,
  inputs: Record<string, Values>,
  dy: ArrayLike<number>,
): void {
  const exact = differentiate(twin, inputs, dy);
  const naive = Array.from({ length: RUNS }, (_, seed) => differentiate(twin, inputs, dy, eitherWay(seed)));
  compare(
    "y",
    actual.y,
    exact.y,
    naive.map(({ y }) => y),
  );
  for (const name of Object.keys(actual.gradients)) {
    const runs = naive.map(({ gradients }) => gradients[name]!);
    compare(`gradient of ${name}`, actual.gradients[name]!, exact.gradients[name]!, runs);
  }
}

function compare(
  name: string,
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
  naive: readonly ArrayLike<number>[],
): void {
  const largest = Math.max(0, ...Array.from(exact, Math.abs).filter(Number.isFinite));
  const tolerance = Math.max(2 * EPSILON * largest, ...naive.map((run) => distance(run, exact)));
  const error = distance(actual, exact);
  if (error <= tolerance) return;
  throw new Error(
    `${name}: error ${error.toPrecision(3)} is above ${tolerance.toPrecision(3)}, twice that of naive f32`,
  );
}

/** Rounds to one of the two float32 neighbours of a number, whichever comes up. */
function eitherWay(seed: number): Round {
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  let state = seed + 1;
  return (x) => {
    float[0] = x;
    const nearest = float[0]!;
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    if (state < 0 || nearest === x || !Number.isFinite(nearest) || nearest === 0) return nearest;
    // Bits grow with the magnitude: away from zero is one more, towards it one less.
    bits[0]! += Math.abs(nearest) < Math.abs(x) ? 1 : -1;
    return float[0]!;
  };
}

/** Largest difference; infinite where one is NaN, or where the numbers of values differ. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const differences = Array.from(a, (value, i) => (value === b[i] ? 0 : Math.abs(value - b[i]!)));
  return differences.reduce(
    (most, value) => (value <= most ? most : Number.isNaN(value) ? Infinity : value),
    0,
  );
}
