// The experiments by name.
import { bigram } from "./bigram";
import { circuitAnatomy } from "./circuit-anatomy";
import { decoderOnly } from "./decoder-only";
import { entropyScale } from "./entropy-scale";
import { fewShotSums } from "./few-shot-sums";
import { fuzzyInduction } from "./fuzzy-induction";
import { gauLength } from "./gau-length";
import { headsOnText } from "./heads-on-text";
import { inductionHeads } from "./induction-heads";
import { joma } from "./joma";
import { madeUpName } from "./made-up-name";
import { naiveBayesAttention } from "./naive-bayes-attention";
import { nbceCost } from "./nbce-cost";
import { nbcePooling } from "./nbce-pooling";
import { nbceRecall } from "./nbce-recall";
import { phaseChangePca } from "./phase-change-pca";
import { positionProbe } from "./position-probe";
import { positionRobustness } from "./position-robustness";
import { scanSnap } from "./scan-snap";
import { scanSnapRates } from "./scan-snap-rates";
import { scanSnapText } from "./scan-snap-text";
import { scanSnapTheory } from "./scan-snap-theory";
import { synthesizerHeads } from "./synthesizer-heads";
import { synthesizerRecall } from "./synthesizer-recall";
import { synthesizerSpeed } from "./synthesizer-speed";
import { synthesizerText } from "./synthesizer-text";
import { synthesizerTransfer } from "./synthesizer-transfer";
import { synthesizerTranslation } from "./synthesizer-translation";

export const experiments = {
  bigram,
  "circuit-anatomy": circuitAnatomy,
  "decoder-only": decoderOnly,
  "entropy-scale": entropyScale,
  "few-shot-sums": fewShotSums,
  "fuzzy-induction": fuzzyInduction,
  "gau-length": gauLength,
  "heads-on-text": headsOnText,
  "induction-heads": inductionHeads,
  joma,
  "made-up-name": madeUpName,
  "phase-change-pca": phaseChangePca,
  "position-probe": positionProbe,
  "position-robustness": positionRobustness,
  "naive-bayes-attention": naiveBayesAttention,
  "nbce-cost": nbceCost,
  "nbce-pooling": nbcePooling,
  "nbce-recall": nbceRecall,
  "scan-snap": scanSnap,
  "scan-snap-rates": scanSnapRates,
  "scan-snap-text": scanSnapText,
  "scan-snap-theory": scanSnapTheory,
  "synthesizer-heads": synthesizerHeads,
  "synthesizer-recall": synthesizerRecall,
  "synthesizer-speed": synthesizerSpeed,
  "synthesizer-text": synthesizerText,
  "synthesizer-transfer": synthesizerTransfer,
  "synthesizer-translation": synthesizerTranslation,
} as const;

export type ExperimentName = keyof typeof experiments;
