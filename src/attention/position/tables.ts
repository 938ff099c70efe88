// Learned numbers per head and distance: relative bias, the buckets of T5, and URPE's factors after the normaliser.
import { log } from "../../math/log";
import { parameter } from "../../nn/module";
import { scale } from "../../ops/arithmetic";
import { lookup } from "../../ops/broadcast";
import { full, normal } from "../../ops/random";
import { rowsFrom } from "../../ops/view";
import { ids, type Tensor } from "../../tensor/tensor";
import type { Position, PositionConfig, PositionScheme } from "./position";

/** One number per distance from -span to span; farther ones share the last. */
function clipped({ reach, options }: PositionConfig): { count: number; entry(distance: number): number } {
  const span = options.span || Math.max(reach - 1, 0);
  return {
    count: 2 * span + 1,
    entry: (distance) => Math.max(-span, Math.min(span, distance)) + span,
  };
}

class RelativeBias implements Position {
  readonly weight: Tensor; // [heads, count], or [layers heads, count]
  readonly #entry: (distance: number) => number;
  readonly #config: PositionConfig;

  constructor(config: PositionConfig, { count, entry }: ReturnType<typeof clipped>) {
    const { heads, layers, options, deviation, rng } = config;
    const rows = options.biasPer === "layer" ? layers * heads : heads;
    this.weight = parameter(normal([rows, count], { deviation, rng }));
    this.#entry = entry;
    this.#config = config;
  }

  bias(distances: Float64Array, layer: number): Tensor {
    const { heads, options } = this.#config;
    const table = options.biasPer === "layer" ? rowsFrom(this.weight, layer * heads, heads) : this.weight;
    const biases = lookup(table, ids(Int32Array.from(distances, this.#entry)));
    return options.biasFactor === 1 ? biases : scale(biases, options.biasFactor);
  }
}

/** All ones at first, where it changes nothing. */
class RelativeFactor implements Position {
  readonly weight: Tensor; // [heads, count]
  readonly #entry: (distance: number) => number;

  constructor(config: PositionConfig) {
    const { count, entry } = clipped(config);
    this.weight = parameter(full([config.heads, count], 1));
    this.#entry = entry;
  }

  factor(distances: Float64Array): Tensor {
    return lookup(this.weight, ids(Int32Array.from(distances, this.#entry)));
  }
}

/**
 * T5's buckets: half of them one per distance, the others ever wider, the last from `farthest` on. Where later tokens are seen, one
 * half of the buckets is theirs.
 */
export function t5Bucket(distance: number, buckets: number, farthest: number, causal: boolean): number {
  const side = causal ? buckets : Math.floor(buckets / 2);
  const first = !causal && distance < 0 ? side : 0;
  const steps = Math.floor(causal ? Math.max(distance, 0) : Math.abs(distance));
  const exact = Math.floor(side / 2);
  if (steps < exact) return first + steps;
  const wider = exact + Math.floor((log(steps / exact) / log(farthest / exact)) * (side - exact));
  return first + Math.min(wider, side - 1);
}

export const relative: PositionScheme = {
  what: "a learned bias per head and distance (Shaw et al. 2018, arXiv:1803.02155; Raffel et al. 2019, arXiv:1910.10683)",
  tells: "whole",
  absolute: false,
  works: "scores",
  create: (config) => new RelativeBias(config, clipped(config)),
};

export const t5: PositionScheme = {
  what: "a learned bias per head and bucket of distances (Raffel et al. 2019, arXiv:1910.10683)",
  tells: "any",
  absolute: false,
  works: "scores",
  create(config) {
    const { options, causal } = config;
    const { buckets, farthest } = options;
    const exact = Math.floor((causal ? buckets : buckets / 2) / 2);
    if (farthest <= exact)
      throw new Error(`t5: farthest must be above ${exact}, half of the buckets of a side, got ${farthest}`);
    const entry = (distance: number) => t5Bucket(distance, buckets, farthest, causal);
    return new RelativeBias(config, { count: buckets, entry });
  },
};

export const urpe: PositionScheme = {
  what: "a learned factor per head and distance on the weights (Luo et al. 2022, URPE, arXiv:2205.13401)",
  tells: "whole",
  absolute: false,
  works: "scores",
  create: (config) => new RelativeFactor(config),
};
