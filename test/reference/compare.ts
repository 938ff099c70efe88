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

/** What the twin gives: its output and, where there is a dy, the gradients of sum(y dy). */
export function differentiate(
  twin: Twin,
  inputs: Readonly<Record<string, Values>>,
  dy: ArrayLike<number> | undefined,
  round: Round = float64,
): Outcome & { shape: readonly number[] } {
  const g = new Graph(round);
  const grids = Object.fromEntries(
    Object.entries(inputs).map(([name, { values, shape }]) => [name, grid(g, values, shape)]),
  );
  const y = twin(g, grids);
  if (dy) g.backward(y.data, dy);
  const gradients = Object.fromEntries(Object.entries(grids).map(([name, x]) => [name, gradientOf(x)]));
  return { y: valuesOf(y), gradients, shape: y.shape };
}

/** Float32 spacing just above 1. */
const EPSILON = 2 ** -23;
/** Random roundings, enough that lucky ones do not set the tolerance. */
const RUNS = 8;

/** What results are compared with. */
export interface Reference {
  readonly exact: Outcome;
  /** Runs of naive f32, each made when it is first asked for: usually the first few settle it. */
  readonly naive: readonly (() => Outcome)[];
}

/**
 * Runs the twin in float64 and, in float32, with random roundings, more often where very many tensors are compared. Without a dy there
 * will be no gradients to compare.
 */
export function reference(
  twin: Twin,
  inputs: Readonly<Record<string, Values>>,
  dy?: ArrayLike<number>,
  runs = RUNS,
): Reference {
  const naive = Array.from({ length: runs }, (_, seed) =>
    once(() => differentiate(twin, inputs, dy, eitherWay(seed))),
  );
  return { exact: differentiate(twin, inputs, dy), naive };
}

/**
 * Throws unless the values, and each gradient that is there, are within twice the error of naive f32: that of a run in which every
 * step may be rounded up or down, so that it is off by up to a whole unit in the last place instead of half a one (the worst of a
 * few such runs); and, as our exp and erf are good to 2 units where the twin's are good to one, at least two units in the last
 * place throughout. Measured per tensor, in the Euclidean norm.
 */
export function expectAsGoodAsNaive(actual: Outcome, { exact, naive }: Reference): void {
  compare(
    "y",
    actual.y,
    exact.y,
    naive.map((run) => () => run().y),
  );
  for (const name of Object.keys(actual.gradients)) {
    const runs = naive.map((run) => () => run().gradients[name]!);
    compare(`gradient of ${name}`, actual.gradients[name]!, exact.gradients[name]!, runs);
  }
}

/** The same without gradients. */
export function expectValues(y: ArrayLike<number>, wanted: Reference): void {
  expectAsGoodAsNaive({ y, gradients: {} }, wanted);
}

function compare(
  name: string,
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
  naive: readonly (() => ArrayLike<number>)[],
): void {
  const error = euclidean(differences(actual, exact));
  let tolerance = 2 * EPSILON * euclidean(Array.from(exact).filter(Number.isFinite));
  for (const run of naive) {
    if (error <= tolerance) return;
    tolerance = Math.max(tolerance, euclidean(differences(run(), exact)));
  }
  if (error <= tolerance) return;
  throw new Error(
    `${name}: error ${error.toPrecision(3)} is above ${tolerance.toPrecision(3)}, twice that of naive f32`,
  );
}

/** Makes the value when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
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
  return differences(a, b).reduce((most, value) => Math.max(most, value), 0);
}

/** Absolute differences, infinite where one is NaN; a missing value is an infinite difference. */
function differences(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    if (a[i] === b[i]) return 0;
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
}

/** The norm that the tensors of a training run are compared by: one unlucky element does not decide. */
function euclidean(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
