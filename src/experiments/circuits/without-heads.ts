// A run in which some heads are silent: they add nothing to the residual stream, and everything after them is computed without.
import type { HeadPlace } from "../../analysis/circuits";
import type { RunOptions } from "../../nn/run";
import { type Tensor, tensor } from "../../tensor/tensor";

/** Zeroes what these heads have mixed, in every sequence and at every token ("full ablation", Olsson et al. 2022). */
export function withoutHeads(places: readonly HeadPlace[]): RunOptions {
  const layers = [...new Set(places.map(({ layer }) => layer))];
  const taps = layers.map((layer) => {
    const silent = new Set(places.filter((place) => place.layer === layer).map(({ head }) => head));
    return [`blocks.${layer}.attention.mixed`, (mixed: Tensor) => silenced(mixed, silent)] as const;
  });
  return { taps: Object.fromEntries(taps) };
}

/** mixed: [B, T, H, D] */
function silenced(mixed: Tensor, silent: ReadonlySet<number>): Tensor {
  const [H, D] = mixed.shape.slice(2) as [number, number]; // made by the layer
  return tensor(
    mixed.values().map((value, at) => (silent.has(Math.floor(at / D) % H) ? 0 : value)),
    mixed.shape,
  );
}
