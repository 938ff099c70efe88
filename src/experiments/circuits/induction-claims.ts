// The claims of induction-heads.
import type { Claim } from "../experiment";
import { fixed, observe, where } from "../select";
import type { InductionConfig, InductionMetrics, InductionTrial } from "./induction-run";
import { all, every } from "./rules";

type Wanted = Partial<InductionConfig>;
const varying = { shortest: 6, longest: 16, position: "qk-learned" } as const;
export const two: Wanted = { ...varying, layers: 2, smear: "no" };
export const one: Wanted = { ...varying, layers: 1, smear: "no" };
export const smearedOne: Wanted = { ...varying, layers: 1, smear: "yes" };
export const smearedTwo: Wanted = { ...varying, layers: 2, smear: "yes" };
export const fixedPeriod: Wanted = { ...varying, layers: 1, smear: "no", shortest: 12, longest: 12 };
export const relative: Wanted = { ...two, position: "relative" };

const OLSSON = "Olsson et al. 2022";

export const inductionClaims: readonly Claim<InductionConfig, InductionMetrics>[] = [
  {
    id: "two-layers-copy",
    statement: "Two layers learn to copy, by heads of the second layer that match prefixes.",
    source: `${OLSSON}, arguments 1 and 4; Elhage et al. 2021, Two-Layer Attention-Only Transformers`,
    expected:
      "after 400 steps, every seed: loss on second copies at most 0.05, prefix matching at least 0.8 in both heads of layer 1 and at most 0.2 in layer 0",
    gate: "full",
    check: (trials) =>
      every(trials, two, [
        ["loss", ({ second }) => [second], ([second]) => second! <= 0.05],
        ["layer 1", (m) => prefixOf(m, 1), (scores) => Math.min(...scores) >= 0.8],
        ["layer 0", (m) => prefixOf(m, 0), (scores) => Math.max(...scores) <= 0.2],
      ]),
  },
  {
    id: "one-layer-does-not",
    statement: "One layer has no induction heads.",
    source: `${OLSSON}, argument 1`,
    expected:
      "after 400 steps, every seed: prefix matching at most 0.25, loss on second copies at least 2, at most 0.1 of held-out pairs right",
    gate: "full",
    check: (trials) =>
      every(trials, one, [
        ["prefix", ({ bestPrefix }) => [bestPrefix], ([score]) => score! <= 0.25],
        ["loss", ({ second }) => [second], ([second]) => second! >= 2],
        ["held-out", ({ heldOutPairs }) => [heldOutPairs], ([share]) => share! <= 0.1],
      ]),
  },
  {
    id: "held-out-pairs",
    statement:
      "Pairs of symbols that never were in training are copied like any others, but not by one plain layer.",
    source: `${OLSSON}, on random tokens`,
    expected:
      "share of held-out pairs right, every seed: two layers and smeared one layer at least 0.95, one layer at most 0.1",
    gate: "full",
    check: (trials) =>
      all([
        every(trials, two, [["two layers", held, ([share]) => share! >= 0.95]]),
        every(trials, smearedOne, [["one smeared", held, ([share]) => share! >= 0.95]]),
        every(trials, one, [["one", held, ([share]) => share! <= 0.1]]),
      ]),
  },
  {
    id: "abrupt",
    statement: "Copying comes suddenly, where it comes.",
    source: `${OLSSON}, argument 1`,
    expected:
      "largest drop of the loss on second copies in 25 steps, every seed: at least 0.6 with two layers or smeared keys, at most 0.3 with one layer",
    gate: "full",
    check: (trials) =>
      all([
        every(trials, two, [["two layers", drop, ([fall]) => fall! >= 0.6]]),
        every(trials, smearedOne, [["one smeared", drop, ([fall]) => fall! >= 0.6]]),
        every(trials, one, [["one", drop, ([fall]) => fall! <= 0.3]]),
      ]),
  },
  {
    id: "window",
    statement: "Two layers go through the change within a window of training.",
    source: `${OLSSON}, argument 1`,
    expected:
      "loss on second copies from 2.8 to 0.3 within 150 steps, and through 1.5 at step 225 +- 60, in two seeds of three",
    gate: "full",
    check: (trials) =>
      every(
        trials,
        two,
        [
          ["centre", ({ lossStep }) => steps(lossStep), ([step]) => Math.abs(step! - 225) <= 60],
          ["width", ({ width }) => steps(width), ([width]) => width! <= 150],
        ],
        2 / 3,
      ),
  },
  {
    id: "together",
    statement: "Loss, prefix matching and learning in context change at the same time.",
    source: `${OLSSON}, argument 1`,
    expected:
      "two layers, every seed: the steps of loss 1.5, prefix score 0.5 and in-context score -2 within 25 of one another; correlation of prefix and in-context score at least 0.95",
    gate: "full",
    check: (trials) =>
      every(trials, two, [
        [
          "steps apart",
          (m) => [apart(m.lossStep, m.prefixStep), apart(m.lossStep, m.inContextStep)],
          (steps) => Math.max(...steps) <= 25,
        ],
        ["correlation", ({ correlation }) => [correlation], ([value]) => value! >= 0.95],
      ]),
  },
  {
    id: "smearing-brings-it-forward",
    statement:
      "With keys smeared one layer goes through the change as well, and earlier than two plain layers do.",
    source: `${OLSSON}, argument 2`,
    expected:
      "every seed: loss 1.5 at least 40 steps earlier than with two layers; keys of the smeared layer keep at most 0.35 of their own token",
    gate: "full",
    check(trials) {
      const [early, late] = [smearedOne, two].map((wanted) => where(trials, wanted));
      if (!early?.length || early.length !== late?.length) return undefined;
      const gains = early.map(
        ({ metrics }, i) => (late[i]!.metrics.lossStep ?? NaN) - (metrics.lossStep ?? NaN),
      );
      return all([
        observe(
          `earlier by ${fixed(gains, 0)}`,
          gains.every((gain) => gain >= 40),
        ),
        every(trials, smearedOne, [["own share", ownShares, (shares) => Math.max(...shares) <= 0.35]]),
      ]);
    },
  },
  {
    id: "smearing-helps",
    statement: "Smeared keys let one layer copy what a plain one cannot.",
    source: `${OLSSON}, argument 2`,
    expected: "loss on second copies at the last step at least 1 nat lower with smeared keys, every seed",
    gate: "smoke",
    check(trials) {
      const [smeared, plain] = [smearedOne, one].map((wanted) => where(trials, wanted));
      if (!smeared?.length || smeared.length !== plain?.length) return undefined;
      const text = smeared.map(
        ({ metrics }, i) => `${metrics.second.toFixed(2)} against ${plain[i]!.metrics.second.toFixed(2)}`,
      );
      return observe(
        text.join(", "),
        smeared.every(({ metrics }, i) => plain[i]!.metrics.second - metrics.second >= 1),
      );
    },
  },
  {
    id: "broken-repeats-suffer",
    statement:
      "As induction appears, tokens that go on with a repeat get easier, and one that breaks it gets harder.",
    source: `${OLSSON}, argument 1, on single tokens`,
    expected:
      "two layers, every seed, from step 150 to 400: the loss of a symbol that breaks the third repeat rises by at least 3 nats, of the one before it falls by at least 2",
    gate: "full",
    check: (trials) =>
      every(trials, two, [
        ["breaks", (m) => brokenAt(m, "broken"), ([before, after]) => after! - before! >= 3],
        ["goes on", (m) => brokenAt(m, "before"), ([before, after]) => before! - after! >= 2],
      ]),
  },
  {
    id: "fixed-period-cheats",
    statement:
      "At a fixed period one layer does as well, by counting steps back: such data say nothing about induction.",
    source: "own",
    expected: "one layer on period 12, every seed: loss on second copies below 0.05 by step 200",
    gate: "full",
    check: (trials) =>
      every(trials, fixedPeriod, [["loss", ({ second }) => [second], ([second]) => second! < 0.05]]),
  },
  {
    id: "better-than-chance",
    statement:
      "One layer is not at chance: what it saw and not lately it finds likely, so its accuracy alone proves nothing.",
    source: "own",
    expected:
      "one layer, every seed: at least 0.2 of known pairs right, where chance is 1/32, with prefix matching at most 0.25",
    gate: "full",
    check: (trials) =>
      every(trials, one, [
        ["right", ({ knownPairs }) => [knownPairs], ([share]) => share! >= 0.2],
        ["prefix", ({ bestPrefix }) => [bestPrefix], ([score]) => score! <= 0.25],
      ]),
  },
  {
    id: "relative-biases-cheat",
    statement: "Relative biases slide into looking for the symbol seen longest ago, and learn to copy later.",
    source: "own",
    expected:
      "two layers, every seed: loss on second copies after 250 steps at least 1 nat higher with relative biases",
    gate: "none",
    check(trials) {
      const [biased, plain] = [relative, two].map((wanted) =>
        where(trials, wanted).map((t) => secondAt(t, 250)),
      );
      if (!biased?.length || biased.length !== plain?.length) return undefined;
      return observe(
        `${fixed(biased, 2)} against ${fixed(plain, 2)}`,
        biased.every((loss, i) => loss - plain[i]! >= 1),
      );
    },
  },
];

const held = ({ heldOutPairs }: InductionMetrics) => [heldOutPairs];
const drop = (metrics: InductionMetrics) => [metrics.drop];
const ownShares = ({ ownShare }: InductionMetrics) => ownShare.flat();
const steps = (step: number | null) => [step ?? NaN];

function apart(a: number | null, b: number | null): number {
  return a === null || b === null ? NaN : Math.abs(a - b);
}

function prefixOf({ looks }: InductionMetrics, layer: number): readonly number[] {
  return looks.at(-1)?.prefix[layer] ?? [];
}

function brokenAt({ looks }: InductionMetrics, which: "broken" | "before"): number[] {
  return [150, 400].map((step) => looks.find((look) => look.step === step)?.broken[which] ?? NaN);
}

function secondAt({ metrics }: InductionTrial, step: number): number {
  return metrics.looks.find((look) => look.step === step)?.second ?? NaN;
}
