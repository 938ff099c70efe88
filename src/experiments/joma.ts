// Why does attention grow sparse and then dense again (JoMA, Tian et al. 2024, arXiv:2310.00535)?
//
// JoMA integrates attention out: while attention and the MLP above it learn together, z is a function of the MLP's weights. What is left is a
// dynamics of the weights alone. With linear units the strongest token runs away and attention ends at it, as in Scan and Snap; with
// nonlinear units the strong tokens come to rest, the weak ones follow, and attention spreads again.
//
// We would change our mind if the invariants moved under gradient flow, or if the toy did not dip and rebound. The dip in real training is
// looked for by `scan-snap-text`.
import type { Experiment } from "./experiment";
import { jomaClaims, jomaGrid } from "./joma/claims";
import { jomaFigures } from "./joma/figures";
import { expectJoma, type JomaConfig, type JomaMetrics, jomaChoices, jomaTrial } from "./joma/run";

export const joma: Experiment<JomaConfig, JomaMetrics> = {
  name: "joma",
  question: "Why does attention grow sparse and then dense again?",
  paper:
    "Tian et al. 2024, JoMA: Demystifying Multilayer Transformers via JOint Dynamics of MLP and Attention, arXiv:2310.00535",
  grid: jomaGrid,
  choices: jomaChoices,
  check: expectJoma,
  trial: jomaTrial,
  claims: jomaClaims,
  figures: jomaFigures,
};
