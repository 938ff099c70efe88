// Scan and snap: does a layer of attention first scan its distinct tokens, and then freeze (Tian et al. 2023, arXiv:2305.16380)?
//
// One layer of attention over classes of sequences that share common tokens and differ in distinct ones (scan-snap/classes.ts). While the
// decoder Y learns, attention Z leaves common tokens and moves to the distinct ones, the frequent ones most: it scans. When the decoder
// has learned, its gradient is gone and attention snaps: it is left as it is, neither uniform nor at one token.
//
// We would change our mind if attention stayed on common tokens, if it ended at one token however the rates are chosen, if a faster
// decoder did not leave it denser, or if our losses were not those of the authors' log.
import type { Experiment } from "./experiment";
import { minibatchClaims } from "./scan-snap/claims-minibatch";
import { populationClaims } from "./scan-snap/claims-population";
import { scanSnapFigures } from "./scan-snap/figures";
import { scanSnapGrid } from "./scan-snap/grid";
import { type ScanSnapMetrics, scanSnapTrial } from "./scan-snap/run";
import { expectOneLayer, type OneLayerConfig, oneLayerChoices } from "./scan-snap/settings";

export const scanSnap: Experiment<OneLayerConfig, ScanSnapMetrics> = {
  name: "scan-snap",
  question: "Does attention first scan for distinct tokens, and then freeze?",
  paper:
    "Tian et al. 2023, Scan and Snap: Understanding Training Dynamics and Token Composition in 1-layer Transformer, arXiv:2305.16380",
  grid: scanSnapGrid,
  choices: oneLayerChoices,
  check: expectOneLayer,
  trial: scanSnapTrial,
  claims: [...populationClaims, ...minibatchClaims],
  figures: scanSnapFigures,
};
