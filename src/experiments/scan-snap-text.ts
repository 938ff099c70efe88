// Does attention scan and snap on a text (Tian et al. 2023, arXiv:2305.16380, section 8; 2024, arXiv:2310.00535, section on real data)?
//
// The papers' recipe (one post-norm layer, or three, next words, SGD at one large rate, or Adam) on a text of words: the generated one, or
// `--text FILE`. Watched are the entropy and the maps of the lowest layer's attention on held-out windows.
//
// On WikiText-2 attention grew sparse and stayed, the sparser the larger the rate; under Adam at small rates it grew denser again. No run of
// ours is on that text, so these claims decide nothing: they say what is seen on the text at hand.
import type { Experiment } from "./experiment";
import { textClaims, textGrid } from "./scan-snap/text-claims";
import { textFigures } from "./scan-snap/text-figures";
import { expectText, type TextConfig, type TextMetrics, textChoices, textTrial } from "./scan-snap/text-run";

export const scanSnapText: Experiment<TextConfig, TextMetrics> = {
  name: "scan-snap-text",
  question: "Does attention scan and snap on a text, too?",
  paper:
    "Tian et al. 2023, Scan and Snap, arXiv:2305.16380, section 8; Tian et al. 2024, JoMA, arXiv:2310.00535",
  grid: textGrid,
  choices: textChoices,
  check: expectText,
  trial: textTrial,
  claims: textClaims,
  figures: textFigures,
};
