// How much heads read, in what they look for, of what earlier heads wrote.
import type { Circuits } from "../../analysis/circuits";
import { compositionBaseline, compositionScores } from "../../analysis/composition";
import type { Rng } from "../../tensor/rng";
import { rounded } from "../rounded";

/** What random matrices of a model's sizes have; 0 without heads. */
export function baselineOf({ layers }: Circuits, rng: Rng): number {
  const first = layers[0]?.[0];
  return first ? compositionBaseline({ width: first.qk.rows, headWidth: first.qk.rank }, rng) : 0;
}

/** The largest K-composition score of two heads above the baseline; null with a single layer. */
export function keyComposition(circuits: Circuits, baseline: number): number | null {
  const scores = compositionScores(circuits, "K").map(({ score }) => score);
  return scores.length === 0 ? null : rounded(Math.max(...scores) - baseline);
}
