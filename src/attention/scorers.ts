// The variants that give scores, of which mixtures are made.
import { denseSynthesizer } from "./dense-synthesizer";
import { dotProduct } from "./dot-product";
import { factorizedDense, factorizedDenseTransposed } from "./factorized-dense";
import { factorizedRandom } from "./factorized-random";
import { fixedRandom, randomSynthesizer } from "./random-synthesizer";
import type { ScoreVariant } from "./scorer";

export const scorers = {
  "dot-product": dotProduct,
  "dense-synthesizer": denseSynthesizer,
  "random-synthesizer": randomSynthesizer,
  "fixed-random": fixedRandom,
  "factorized-dense": factorizedDense,
  "factorized-dense-transposed": factorizedDenseTransposed,
  "factorized-random": factorizedRandom,
} as const satisfies Record<string, ScoreVariant>;
