// All snapshots of all runs in the plane of the two directions in which they differ most.
import { matrix } from "../../analysis/matrix";
import { principalComponents } from "../../analysis/pca";
import { where } from "../select";
import type { PhaseChangeTrial } from "./run";

export interface PlanePoint {
  readonly step: number;
  readonly first: number;
  readonly second: number;
}

export interface Trajectory {
  readonly kind: RunKind;
  readonly seed: number;
  readonly points: readonly PlanePoint[];
}

export interface Plane {
  readonly trajectories: readonly Trajectory[];
  /** Of the variance, along each of the two. */
  readonly shares: readonly number[];
}

export const runKinds = {
  "two layers": { layers: 2, smear: "no" },
  "one layer": { layers: 1, smear: "no" },
  "one layer, smeared": { layers: 1, smear: "yes" },
} as const;
export type RunKind = keyof typeof runKinds;

/**
 * The plane of all trials together; `undefined` without runs of one plain layer, by which it is turned: they end on the positive side of
 * the first component and on the negative side of the second.
 */
export function planeOf(trials: readonly PhaseChangeTrial[]): Plane | undefined {
  // First seeds first: each kind has its colour by them.
  const runs = (Object.keys(runKinds) as RunKind[])
    .flatMap((kind) => where(trials, runKinds[kind]).map(({ seed, metrics }) => ({ kind, seed, metrics })))
    .sort((a, b) => a.seed - b.seed);
  if (!runs.some(({ kind }) => kind === "one layer")) return undefined;
  const points = runs.flatMap(({ metrics }) => metrics.snapshots.map(({ likelihoods }) => likelihoods));
  const { coordinates, shares } = principalComponents(
    matrix(points.length, points[0]!.length, points.flat()), // there is a run
    2,
  );
  let at = 0;
  const raw = runs.map(({ kind, seed, metrics }) => ({
    ...{ kind, seed },
    points: metrics.snapshots.map(({ step }) => {
      const [first, second] = coordinates.values.subarray(2 * at, 2 * at + 2);
      at += 1;
      return { step, first: first!, second: second! }; // two columns
    }),
  }));
  const moved = (of: "first" | "second", from: number) =>
    raw
      .filter(({ kind }) => kind === "one layer")
      .reduce((sum, run) => sum + run.points.at(-1)![of] - from * run.points[0]![of], 0);
  const [x, y] = [moved("first", 1) < 0 ? -1 : 1, moved("second", 0) > 0 ? -1 : 1];
  return {
    shares,
    trajectories: raw.map((run) => ({
      ...run,
      points: run.points.map(({ step, first, second }) => ({ step, first: x * first, second: y * second })),
    })),
  };
}

/** The lowest point of a trajectory along the second component, and how far it comes back from there. */
export function turn({ points }: Trajectory): {
  readonly step: number;
  readonly lowest: number;
  readonly back: number;
} {
  const lowest = Math.min(...points.map(({ second }) => second));
  const at = points.findIndex(({ second }) => second === lowest);
  return {
    step: points[at]!.step, // found
    lowest,
    back: Math.max(...points.slice(at).map(({ second }) => second)) - lowest,
  };
}

/** How far a trajectory comes along the first component. */
export function sweep({ points }: Trajectory): number {
  return points.at(-1)!.first - points[0]!.first; // one at least before training and one after
}
