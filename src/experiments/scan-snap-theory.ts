// Does the theory of Scan and Snap hold where its assumptions do (Tian et al. 2023, arXiv:2305.16380, theorems 2 to 5)?
//
// The gradients are exact, the decoder has a closed form h(t), and with the decoder where that form puts it, attention obeys the theorems:
// distinct tokens rise and common ones fall, gains grow with the frequency of a token, and after t0 everything moves as ln ln t.
//
// We would change our mind if a theorem failed along a path that meets its assumptions. Two statements are tested as they must have been
// meant: B_n is 0 at t = 0 (equation 14 lacks -1/4 ln C0), and rates are summed over classes without the 1/K of sampling (equation 10).
import type { Experiment } from "./experiment";
import { theoryClaims } from "./scan-snap/theory-claims";
import { theoryFigures } from "./scan-snap/theory-figures";
import { theoryGrid } from "./scan-snap/theory-grid";
import { expectTheory, type TheoryConfig, type TheoryMetrics, theoryTrial } from "./scan-snap/theory-run";

export const scanSnapTheory: Experiment<TheoryConfig, TheoryMetrics> = {
  name: "scan-snap-theory",
  question: "Does the theory of Scan and Snap hold where its assumptions do?",
  paper: "Tian et al. 2023, Scan and Snap, arXiv:2305.16380, theorems 2 to 5 and figures 3, 8, 9",
  grid: theoryGrid,
  check: expectTheory,
  trial: theoryTrial,
  claims: theoryClaims,
  figures: theoryFigures,
};
