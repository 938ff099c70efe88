// The experiments by name.
import { bigram } from "./bigram";
import { joma } from "./joma";
import { scanSnap } from "./scan-snap";
import { scanSnapRates } from "./scan-snap-rates";
import { scanSnapTheory } from "./scan-snap-theory";
import { synthesizerTranslation } from "./synthesizer-translation";

export const experiments = {
  bigram,
  joma,
  "scan-snap": scanSnap,
  "scan-snap-rates": scanSnapRates,
  "scan-snap-theory": scanSnapTheory,
  "synthesizer-translation": synthesizerTranslation,
} as const;

export type ExperimentName = keyof typeof experiments;
