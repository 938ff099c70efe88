// How do the two learning rates decide over the attention that is left (Tian et al. 2023, arXiv:2305.16380, section 6)?
//
// A faster decoder (etaY) ends the scan earlier, so at a fixed rate of attention (etaZ) it leaves it denser; both rates scaled up together
// leave it sparser. Figure 6 of the paper as a grid of 64 cells and ten seeds, its recall curves, and the time of the phases.
//
// We would change our mind if more than four cells were off the authors' data, if a faster decoder left sparser attention (from ratio 2
// on), or if the phases did not shorten with 1/etaY.
import type { Experiment } from "./experiment";
import { ratesClaims } from "./scan-snap/rates-claims";
import { ratesFigures } from "./scan-snap/rates-figures";
import { type RatesMetrics, ratesGrid, ratesTrial } from "./scan-snap/rates-run";
import { expectOneLayer, type OneLayerConfig, oneLayerChoices } from "./scan-snap/settings";

export const scanSnapRates: Experiment<OneLayerConfig, RatesMetrics> = {
  name: "scan-snap-rates",
  question: "How do the learning rates of decoder and attention decide over the attention that is left?",
  paper: "Tian et al. 2023, Scan and Snap, arXiv:2305.16380, section 6 and figures 6, 11, 12",
  grid: ratesGrid,
  choices: oneLayerChoices,
  check: expectOneLayer,
  trial: ratesTrial,
  claims: ratesClaims,
  figures: ratesFigures,
};
