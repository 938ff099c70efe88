// Why are language models decoders only (Su 2023, kexue.fm/archives/9529)?
//
// The article's two grounds. That a causal matrix of weights has full rank, where softmax of scores of a low rank may not: here are the
// determinants, which bear it out as algebra, and the singular values, which do not as numbers. And that a decoder whose input part sees
// itself whole (UniLM), or an encoder beside it (T5), gains nothing at equal parameters: here all of them learn three rules from the
// same first weights and batches, with the input part read by triangles as well, as the article proposes.
//
// We would change our mind on the harness if UniLM with a causal input part were not GPT, loss by loss. On the direction nothing is judged:
// the article has no numbers. Our models are far smaller than its 1e9 parameters (width 32, inputs of 8 symbols instead of its texts).

import type { Rng } from "../tensor/rng";
import { matrixClaims } from "./decoder-only/claims";
import type { DirectionConfig, DirectionMetrics } from "./decoder-only/config";
import { depthMetrics } from "./decoder-only/depth";
import { directionFigures } from "./decoder-only/figures";
import { checkDirection, directionChoices, directionGrid } from "./decoder-only/grid";
import { decoderTrial, identityTrial, maskedTrial } from "./decoder-only/learn";
import { learnedClaims } from "./decoder-only/learned-claims";
import { exactMetrics, weightsMetrics } from "./decoder-only/weights";
import type { Experiment } from "./experiment";

export const decoderOnly: Experiment<DirectionConfig, DirectionMetrics> = {
  name: "decoder-only",
  question: "Why are language models decoders only?",
  paper: "Su 2023, Why are current LLMs all decoder-only architectures?, kexue.fm/archives/9529 and 9547",
  grid: directionGrid,
  choices: directionChoices,
  check: checkDirection,
  trial,
  claims: [...matrixClaims, ...learnedClaims],
  figures: directionFigures,
};

function* trial(config: DirectionConfig, rng: Rng): Generator<number, DirectionMetrics, void> {
  checkDirection(config);
  switch (config.part) {
    case "weights":
      return weightsMetrics(config, rng);
    case "depth":
      return depthMetrics(config, rng);
    case "identity":
      return yield* identityTrial(config, rng);
    case "decoders":
      return yield* decoderTrial(config, rng);
    case "masked":
      return yield* maskedTrial(config, rng);
    default:
      return exactMetrics();
  }
}
