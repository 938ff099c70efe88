// heed/analysis: what models do and how, measured on weights, patterns and losses. An entry of its own, so that the core stays small.
export { type Ablation, ablateHeads, headPlaces, holdPatterns, silenceHeads, zeroed } from "./ablation";
export {
  type Patch,
  type Patching,
  type PatchPlan,
  patchActivations,
  recovered,
} from "./activation-patching";
export { type Attribution, logitAttributions } from "./attribution";
export {
  allHeads,
  type Circuits,
  directPath,
  fullOv,
  fullQk,
  type HeadCircuit,
  type HeadPlace,
  headName,
  positionQk,
} from "./circuits";
export {
  type Composition,
  type CompositionKind,
  compositionBaseline,
  compositionScore,
  compositionScores,
} from "./composition";
export {
  type CopyingSample,
  copyingScore,
  type DiagonalStatistics,
  diagonalStatistics,
  eigenRatio,
} from "./copying";
export { asShares, entropy, meanEntropy, rowEntropies } from "./entropy";
export { FactoredMatrix } from "./factored";
export { type HeadLabel, type HeadScores, headLabels } from "./head-labels";
export { duplicateToken, firstToken, type Pattern, prefixMatching, previousToken } from "./head-scores";
export { type HeadView, headViews, valueWeighted } from "./head-views";
export { type Indices, inContextScore, lossByIndex, lossSlope, tokenLikelihoods } from "./in-context";
export {
  type GradientPath,
  type IntegratedGradients,
  integratedGradients,
} from "./integrated-gradients";
export { type LensPoint, logitLens } from "./logit-lens";
export { lossesOf } from "./losses";
export { sameMatching } from "./matching";
export { type Matrix, matrix, plus, product, rowOf, transposed } from "./matrix";
export { type LogitQuestion, logitMetric, lossMetric, type Metric } from "./metrics";
export { circuitsOf, headCircuits } from "./model-circuits";
export { type HeadInput, type PathPatch, patchPaths } from "./path-patching";
export { type FrozenPatterns, logitsByOrder, type PathTerm, pathTerms } from "./paths";
export { type PrincipalComponents, principalComponents } from "./pca";
export {
  type Curve,
  crossing,
  largestDrop,
  type PhaseChange,
  type PhaseChangeOptions,
  phaseChange,
  REPEATS,
} from "./phase-change";
export {
  type AttentionPattern,
  attentionPatterns,
  joinTaps,
  type Probed,
  probe,
  type Sequences,
} from "./probe";
export { attentionRollout } from "./rollout";
export {
  type Factoring,
  type Scored,
  type SkipTrigrams,
  skipTrigramFactoring,
  skipTrigrams,
} from "./skip-trigrams";
export { type Complex, eigenvalues, type Singular, singular } from "./spectrum";
export { residualStream, type Stream, type StreamPart } from "./stream";
