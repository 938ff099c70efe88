// Can attention that never compares tokens translate, where word order moves by rules (Tay et al. 2021, arXiv:2005.00743, table 2)?
//
// A translation in miniature (data/translation.ts) needs a word's neighbours, and a reversal needs a fixed place: a learned table of
// positions should do both as well as queries and keys do, and one that is drawn and never learned neither. A reversal of varying length
// should not be within reach of a table, which cannot know the length.
//
// We would change our mind if a learnable synthesizer stayed behind dot products on the first two, if a fixed table kept up, or if a
// table mastered varying lengths as well as dot products.
import type { Claim, Experiment, Observation } from "./experiment";
import { accuracyFigures, alphaFigure, curveFigure, mapFigures } from "./synthesizer/figures";
import {
  checkSynthesizer,
  means,
  type SynthesizerConfig,
  type SynthesizerMetrics,
  type SynthesizerTrial,
  synthesizerTrial,
} from "./synthesizer/trial";

const paper =
  "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743";
const TABLE_2 = "Tay et al. 2021, table 2 (translation), in miniature";
const SINGLES = ["R", "FR", "D", "FD"] as const;
const MIXTURES = ["R+V", "R+D", "D+V"] as const;

const base = {
  context: 16,
  width: 32,
  heads: 4,
  layers: 1,
  batch: 64,
  learningRate: 3e-3,
  tableRate: 15,
  spread: 0,
};
const translating = { ...base, task: "translation", steps: 500 };
const reversing = { ...base, task: "reversal", steps: 400 };
const small = { ...base, context: 8, batch: 32, steps: 120 };

const fullConfigs: readonly SynthesizerConfig[] = [
  ...["V", ...SINGLES, "Fixed", "FD tile-tile", ...MIXTURES].map((variant) => ({ ...translating, variant })),
  { ...translating, variant: "R", tableRate: 1 },
  ...["V", "R", "D", "Fixed"].map((variant) => ({ ...reversing, variant })),
  ...["V", "R", "D"].map((variant) => ({ ...reversing, task: "reversal-varying", layers: 2, variant })),
];

type Check = (trials: readonly SynthesizerTrial[]) => Observation | undefined;

export const synthesizerTranslation: Experiment<SynthesizerConfig, SynthesizerMetrics> = {
  name: "synthesizer-translation",
  question: "Can attention that never compares tokens translate?",
  paper,
  grid: {
    smoke: {
      configs: [
        ...["R", "Fixed"].map((variant) => ({ ...small, task: "reversal", variant })),
        { ...small, task: "translation", variant: "R+V" },
      ],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: { configs: fullConfigs, seeds: [0, 1, 2], budgetSeconds: 300 },
  },
  check: checkSynthesizer,
  trial: synthesizerTrial,
  claims: [
    claim("learnable-singles", "Every learnable synthesizer translates, without a single dot product.", {
      expected: "mean accuracy of R, FR, D and FD at least 0.98",
      check: translated([...SINGLES], (of) => SINGLES.every((name) => of(name) >= 0.98)),
    }),
    claim("dot-product", "Dot products translate too, and learn it later.", {
      expected: "mean accuracy of V at least 0.93",
      check: translated(["V"], (of) => of("V") >= 0.93),
    }),
    claim("mixtures", "A mixture is as good as the best of its members.", {
      expected: "mean accuracy of each mixture at least that of the best single less 0.005",
      check: translated(["V", ...SINGLES, ...MIXTURES], (of) => {
        const best = Math.max(...["V", ...SINGLES].map(of));
        return MIXTURES.every((name) => of(name) >= best - 0.005);
      }),
    }),
    claim("fixed-falls-behind", "A table that is drawn and never learned mixes tokens to no use.", {
      expected: "mean accuracy of Fixed from 0.78 to 0.86 (0.796 without mixing), and 0.1 below V",
      check: translated(["Fixed", "V"], (of) => {
        const fixed = of("Fixed");
        return fixed >= 0.78 && fixed <= 0.86 && fixed <= of("V") - 0.1;
      }),
    }),
    claim("tiling-decides", "Factors repeat differently, or only a few different logits are left.", {
      source: "own, on the tiling that the paper leaves open",
      expected: "mean accuracy of FD (tile-repeat) at least 0.1 above FD tile-tile",
      check: translated(["FD", "FD tile-tile"], (of) => of("FD") - of("FD tile-tile") >= 0.1),
    }),
    claim("tables-learn-faster", "Tables need a learning rate of their own.", {
      source: "own",
      expected: "mean accuracy of R at the rate of weights at least 0.08 below R at 15 times that",
      check(trials) {
        const fast = means(trials, "translation", ["R"], { tableRate: 15 });
        const slow = means(trials, "translation", ["R"], { tableRate: 1 });
        if (!fast || !slow) return undefined;
        const observed = `${fast.text} at x 15, ${slow.text} at x 1`;
        return { observed, holds: slow.of("R") <= fast.of("R") - 0.08 };
      },
    }),
    claim("fixed-permutation", "A learned table is any fixed permutation, exactly; a fixed one is none.", {
      source: "Tay et al. 2021, section 3 (Random Synthesizer), in miniature",
      expected: "reversal: mean accuracy of V, R and D at least 0.99, of Fixed at most 0.3",
      check(trials) {
        const found = means(trials, "reversal", ["V", "R", "D", "Fixed"]);
        if (!found) return undefined;
        const learned = ["V", "R", "D"].every((name) => found.of(name) >= 0.99);
        return { observed: found.text, holds: learned && found.of("Fixed") <= 0.3 };
      },
    }),
    claim("length-is-content", "What depends on the length is out of a table's reach.", {
      source: "own",
      expected: "reversal of varying length, two layers: mean accuracy of V at least 0.2 above R",
      check(trials) {
        const found = means(trials, "reversal-varying", ["V", "R", "D"]);
        return found && { observed: found.text, holds: found.of("V") >= found.of("R") + 0.2 };
      },
    }),
    claim(
      "order",
      "In the order of the paper: no learnable synthesizer behind dot products, Fixed far behind.",
      {
        expected:
          "mean over translation and reversal: R and D at least V less 0.01, Fixed at most V less 0.1",
        check(trials) {
          const tasks = (["translation", "reversal"] as const).map((task) =>
            means(trials, task, ["V", "R", "D", "Fixed"], { tableRate: 15 }),
          );
          const [one, two] = tasks;
          if (!one || !two) return undefined;
          const of = (name: string) => (one.of(name) + two.of(name)) / 2;
          const holds =
            ["R", "D"].every((name) => of(name) >= of("V") - 0.01) && of("Fixed") <= of("V") - 0.1;
          const observed = ["V", "R", "D", "Fixed"]
            .map((name) => `${name} ${of(name).toFixed(4)}`)
            .join(", ");
          return { observed, holds };
        },
      },
    ),
    {
      ...claim("learned-beats-fixed", "To learn the table is what makes the difference.", {
        expected: "reversal: mean accuracy of R at least 0.5 above Fixed",
        check(trials) {
          const found = means(trials, "reversal", ["R", "Fixed"]);
          return found && { observed: found.text, holds: found.of("R") >= found.of("Fixed") + 0.5 };
        },
      }),
      gate: "smoke",
    },
  ],
  figures: (trials) => {
    const tasks = [...new Set(trials.map(({ config }) => config.task))];
    const first = tasks[0] ?? "translation";
    const usual = trials.filter(({ config }) => config.tableRate === base.tableRate);
    return [
      ...accuracyFigures(
        trials,
        "Translation asks for neighbours, reversal for a place, varying reversal for the length.",
      ),
      ...alphaFigure(usual),
      ...mapFigures(
        usual.filter(({ config }) => config.task === first),
        ["V", "D", "R", "Fixed", "FR", "FD", "FD tile-tile", "R+V"],
      ),
      ...mapFigures(
        usual.filter(({ config }) => config.task === "reversal-varying"),
        ["V", "R"],
      ),
      curveFigure(trials, first),
    ];
  },
};

function claim(
  id: string,
  statement: string,
  { source = TABLE_2, expected, check }: { source?: string; expected: string; check: Check },
): Claim<SynthesizerConfig, SynthesizerMetrics> {
  return { id, statement, source, expected, gate: "full", check };
}

/** A rule on the mean accuracies at the usual rates. */
function translated(names: readonly string[], rule: (of: (name: string) => number) => boolean): Check {
  return (trials) => {
    const found = means(trials, "translation", names, { tableRate: base.tableRate });
    return found && { observed: found.text, holds: rule(found.of) };
  };
}
