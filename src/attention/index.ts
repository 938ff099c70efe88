// The registry of attention variants: what `--attention` accepts.
import { denseSynthesizer } from "./dense-synthesizer";
import { dotProduct } from "./dot-product";
import { factorizedDense, factorizedDenseTransposed } from "./factorized-dense";
import { factorizedRandom } from "./factorized-random";
import { mixture } from "./mixture";
import { fixedRandom, randomSynthesizer } from "./random-synthesizer";
import type { Variant } from "./scorer";

export const attentions = {
  "dot-product": dotProduct,
  "dense-synthesizer": denseSynthesizer,
  "random-synthesizer": randomSynthesizer,
  "fixed-random": fixedRandom,
  "factorized-dense": factorizedDense,
  "factorized-dense-transposed": factorizedDenseTransposed,
  "factorized-random": factorizedRandom,
  mixture,
} as const satisfies Record<string, Variant>;

export type AttentionName = keyof typeof attentions;
