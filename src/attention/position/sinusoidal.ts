// Sines and cosines of the position, a wavelength per pair of channels (Vaswani et al. 2017, arXiv:1706.03762, section 3.5).
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { cos, sin } from "../../math/trig";
import { type Tensor, tensor } from "../../tensor/tensor";
import type { At, PositionScheme } from "./position";

const BASE = 10000;

/** [T, width]: sin(p / base^(2i/width)) in channel 2i, the cosine in 2i + 1. */
export function sinusoids(at: At, width: number, base = BASE): Tensor {
  const frequencies = Float64Array.from({ length: width }, (_, c) =>
    exp((-(c - (c % 2)) * log(base)) / width),
  );
  const values = Float32Array.from({ length: at.length * width }, (_, i) => {
    const angle = at[Math.floor(i / width)]! * frequencies[i % width]!;
    return (i % width) % 2 === 0 ? sin(angle) : cos(angle);
  });
  return tensor(values, [at.length, width], "sinusoids");
}

export const sinusoidal: PositionScheme = {
  what: "sines and cosines of the position, added to the embeddings (Vaswani et al. 2017, arXiv:1706.03762)",
  residual: true,
  tells: "any",
  absolute: true,
  works: "alone",
  create: ({ width }) => ({ embed: (at) => sinusoids(at, width) }),
};

export const qkOnly: PositionScheme = {
  what: "sinusoids added to what queries and keys are made of, in every layer, not to values (Press et al. 2020, Shortformer, arXiv:2012.15832)",
  tells: "any",
  absolute: true,
  works: "alone",
  create: ({ width }) => ({ embedScores: (at) => sinusoids(at, width) }),
};
