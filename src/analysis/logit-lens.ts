// The logit lens (nostalgebraist 2020): what the model would say if it stopped after some of its blocks.
import type { Model } from "../models";
import { scope, tensor } from "../tensor/tensor";
import { probe, type Sequences } from "./probe";

export interface LensPoint {
  /** Where the stream was read: `blocks.0.input`, `blocks.0.middle`, ..., `stream` at the end. */
  readonly path: string;
  /** [B, T, V]; at the end these are the model's own. */
  readonly logits: Float32Array;
}

/**
 * The stream before every block, between its halves where it has two, and at the end, each through the model's final norm, computed for that stream, and
 * through its unembedding.
 */
export function logitLens(model: Model, tokens: Sequences): LensPoint[] {
  const points = model.tapPaths.filter((path) => /^blocks\.\d+\.(input|middle)$|^stream$/.test(path));
  const found = probe(model, tokens, points);
  return points.map((path) => {
    const { data, shape } = found[path]!; // asked for above
    return { path, logits: scope(() => model.unembed(tensor(data, shape)).values()) };
  });
}
