// What `gau-length` claims: closed forms of units and normalisers, what is lost across lengths, and, ungated, the fine-tune story.
import type { Claim, Gate } from "../experiment";
import type { GauLengthConfig, GauLengthMetrics } from "../gau-length";
import { mean, observe, where } from "../select";
import type { GauLaws } from "./gau-laws";
import { shown, valuesAt } from "./lengths";

type GauClaim = Claim<GauLengthConfig, GauLengthMetrics>;
type Words = Pick<GauClaim, "id" | "statement" | "source" | "expected">;

const NORMALIZERS = "Su 2022, kexue.fm/archives/9019";
const UNIT = "Hua et al. 2022, arXiv:2202.10447; Su 2022, kexue.fm/archives/8934";

/** A claim about the laws that must hold for every seed; `text` shows one. */
function law(words: Words, holds: (laws: GauLaws) => boolean, text: (laws: GauLaws) => string): GauClaim {
  return {
    ...words,
    gate: "smoke",
    check(trials) {
      const seeds = where(trials, { part: "laws" }).map(({ metrics }) => metrics as unknown as GauLaws); // as gau-laws.ts makes them
      if (seeds.length === 0) return undefined;
      return observe(seeds.map(text).join("; "), seeds.every(holds));
    },
  };
}

const small = (value: number) => value.toExponential(1);

const laws: readonly GauClaim[] = [
  law(
    {
      id: "swish-moments",
      statement:
        "Swish of a standard normal variable has the moments that the initial values are reasoned from.",
      source: "Su 2022, kexue.fm/archives/8990 and 9019",
      expected: "mu 0.206621, nu^2 0.355776, (nu/mu)^4 69.447, to the last digit",
    },
    ({ mu, nu2, ratio }) =>
      Math.abs(mu - 0.206621) <= 5e-7 && Math.abs(nu2 - 0.355776) <= 5e-7 && Math.abs(ratio - 69.447) <= 5e-4,
    ({ mu, nu2, ratio }) => `${mu.toFixed(7)}, ${nu2.toFixed(7)}, ${ratio.toFixed(4)}`,
  ),
  law(
    {
      id: "fresh-unit",
      statement:
        "A fresh unit attends nearly to itself: the diagonal is as predicted, others are small, and the output is neither lost nor large.",
      source: `${NORMALIZERS}; ${UNIT}`,
      expected:
        "512 tokens, LeCun's initial weights: own weight within 5 % of s nu^4 / n, its variance included; another's 1 to 2 times s mu^4 / n; root mean square of the output in [0.01, 0.1]",
    },
    ({ own, other, size }) =>
      Math.abs(own - 1) < 0.05 && other > 1 && other < 2 && size >= 0.01 && size <= 0.1,
    ({ own, other, size }) => `${own.toFixed(3)}, ${other.toFixed(2)}, ${size.toFixed(4)}`,
  ),
  law(
    {
      id: "seventh-power",
      statement:
        "All weights times lambda make the output lambda^7 times as large where the nonlinearity is homogeneous.",
      source: NORMALIZERS,
      expected: "lambda 2 and 3, within 1e-5 of the largest number",
    },
    ({ sevenths }) => sevenths <= 1e-5,
    ({ sevenths }) => `within ${small(sevenths)}`,
  ),
  law(
    {
      id: "no-scale-helps",
      statement:
        "Squared relus over their sum do not change with a factor on the scores, so no scale can hold their entropy still; softmax does.",
      source: NORMALIZERS,
      expected: "scores times 3: weights change by at most 1e-6, those of softmax by more than 0.1",
    },
    ({ normalizedChange, softmaxChange }) => normalizedChange <= 1e-6 && softmaxChange > 0.1,
    ({ normalizedChange, softmaxChange }) =>
      `${small(normalizedChange)}, softmax ${softmaxChange.toFixed(3)}`,
  ),
  law(
    {
      id: "length-law",
      statement:
        "Tokens that say nothing take n1 / n2 from squared relus over n, nothing from those over a fixed number, and masked ones nothing from any.",
      source: NORMALIZERS,
      expected: "8 tokens among 16, 64 and 512: within 1e-6 of the law; among masked ones within 1e-6",
    },
    ({ lengthLaw, fixedLaw, maskedChange }) => Math.max(lengthLaw, fixedLaw, maskedChange) <= 1e-6,
    ({ lengthLaw, fixedLaw, maskedChange }) => [lengthLaw, fixedLaw, maskedChange].map(small).join(", "),
  ),
  law(
    {
      id: "two-for-one",
      statement: "Two units have about as many weights as attention and MLP together.",
      source: UNIT,
      expected: "7 274 496 at width 768, against 12 768^2 = 7 077 888",
    },
    ({ parameters }) => parameters === 7_274_496,
    ({ parameters }) => String(parameters),
  ),
];

/** A claim about mean accuracies of the flagged token at 64 and 1024 tokens. */
function drop(words: Words, gate: Gate, variant: string, holds: (lost: number) => boolean): GauClaim {
  return {
    ...words,
    gate,
    check(trials) {
      const at = (n: number) =>
        valuesAt<GauLengthConfig>(trials, { part: "retrieval", variant }, "accuracy", n);
      const [near, far] = [at(64), at(1024)];
      if (!near || !far) return undefined;
      return observe(`${shown(near)} at 64, ${shown(far)} at 1024`, holds(mean(near) - mean(far)));
    },
  };
}

const across: readonly GauClaim[] = [
  drop(
    {
      id: "over-n-drops",
      statement: "What was learned with squared relus over n is lost at 16 times the length.",
      source: NORMALIZERS,
      expected: "mean accuracy falls by at least 0.25",
    },
    "smoke",
    "relu2",
    (lost) => lost >= 0.25,
  ),
  drop(
    {
      id: "softmax-plus-stays",
      statement: "What was learned with softmax-plus is not.",
      source: `${NORMALIZERS} and 9052`,
      expected: "mean accuracy falls by at most 0.02",
    },
    "smoke",
    "softmax-plus",
    (lost) => lost <= 0.02,
  ),
  drop(
    {
      id: "fixed-divisor-stays",
      statement: "A fixed divisor loses less than the number of tokens does: attention is local.",
      source: NORMALIZERS,
      expected: "mean accuracy falls by less than 0.25",
    },
    "none",
    "relu2-fixed",
    (lost) => lost < 0.25,
  ),
];

/** A claim about mean accuracies of masked characters, those of the first arm above those of the second at both shorter lengths. */
function better(words: Words, [arm, other]: readonly [string, string], when: "before" | "after"): GauClaim {
  return {
    ...words,
    gate: "none",
    check(trials) {
      const at = (variant: string, n: number) =>
        valuesAt<GauLengthConfig>(trials, { part: "fine-tune", variant }, when, n);
      const pairs = [8, 16].map((n) => ({ n, one: at(arm, n), two: at(other, n) }));
      const texts = pairs.map(
        ({ n, one, two }) => one && two && `at ${n}: ${shown(one)} against ${shown(two)}`,
      );
      if (texts.includes(undefined)) return undefined;
      return observe(
        texts.join("; "),
        pairs.every(({ one, two }) => one && two && mean(one) > mean(two)),
      );
    },
  };
}

const tuned: readonly GauClaim[] = [
  better(
    {
      id: "fixed-transfers",
      statement:
        "As it stands, a model divided by the fixed number is better at shorter lengths than by their own.",
      source: `${NORMALIZERS} (512, then 64 and 128), in miniature: 64, then 8 and 16`,
      expected: "mean accuracy of masked characters higher at both lengths",
    },
    ["relu2, fixed divisor", "relu2, actual n"],
    "before",
  ),
  better(
    {
      id: "fixed-beats-actual",
      statement: "Fine-tuned at shorter lengths, the divisor of training beats the actual number of tokens.",
      source: `${NORMALIZERS} (512, then 64 and 128), in miniature: 64, then 8 and 16`,
      expected: "mean accuracy of masked characters higher at both lengths",
    },
    ["relu2, fixed divisor", "relu2, actual n"],
    "after",
  ),
  better(
    {
      id: "mixed-lengths-mend",
      statement: "Training at all lengths mends it, before any fine-tuning.",
      source: `${NORMALIZERS}, in miniature`,
      expected: "mean accuracy of masked characters higher at both lengths",
    },
    ["relu2, mixed lengths", "relu2, actual n"],
    "before",
  ),
  better(
    {
      id: "softmax-mends",
      statement: "So does softmax in place of squared relus.",
      source: `${NORMALIZERS} and 9052, in miniature`,
      expected: "mean accuracy of masked characters higher at both lengths after fine-tuning",
    },
    ["softmax", "relu2, actual n"],
    "after",
  ),
];

export const gauClaims: readonly GauClaim[] = [...across, ...laws, ...tuned];
