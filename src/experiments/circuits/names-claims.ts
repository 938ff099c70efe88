// The claims of made-up-name.
import type { Claim, Observation } from "../experiment";
import { observe, where } from "../select";
import type { NamesConfig, NamesMetrics, NamesTrial } from "./names-run";
import { all, every } from "./rules";

export const twoLayers = { layers: 2 } as const;
export const oneLayer = { layers: 1 } as const;

const PAPERS = "Elhage et al. 2021, Two-Layer Attention-Only Transformers; Olsson et al. 2022";
const ONE_LAYER = "Elhage et al. 2021, One-Layer Attention-Only Transformers";

export const namesClaims: readonly Claim<NamesConfig, NamesMetrics>[] = [
  {
    id: "two-layers-know-both",
    statement: "Two layers name Doctor Smith and Doctor Gigamuru, with another name in the sequence as well.",
    source: PAPERS,
    expected:
      "known, known beside another, made-up, made-up beside a known one: at least 0.95 of each right, every seed",
    gate: "full",
    check: (trials) =>
      every(trials, twoLayers, [["right", fourKinds, (shares) => Math.min(...shares) >= 0.95]]),
  },
  {
    id: "one-layer-knows-smith",
    statement: "One layer names Doctor Smith where no other name is told, and nobody else.",
    source: `${ONE_LAYER}; Olsson et al. 2022`,
    expected:
      "known at least 0.6 right; beside another name at most 0.4; made-up names at most 0.1, alone and beside a known one; every seed",
    gate: "full",
    check: (trials) =>
      every(trials, oneLayer, [
        ["known", ({ known }) => [known], ([share]) => share! >= 0.6],
        ["beside another", ({ two }) => [two], ([share]) => share! <= 0.4],
        ["made-up", ({ novel, novel2 }) => [novel, novel2], (shares) => Math.max(...shares) <= 0.1],
      ]),
  },
  {
    id: "gigamuru-tells-them-apart",
    statement: "A made-up name tells one layer from two.",
    source: PAPERS,
    expected: "share of made-up names right at least 0.8 higher with two layers, every seed",
    gate: "full",
    check: (trials) => gap(trials, ({ novel }) => novel, 0.8),
  },
  {
    id: "two-layers-bind",
    statement: "Two layers soon know whose made-up name is whose, which one layer does not.",
    source: PAPERS,
    expected: "share of choices between made-up names right at least 0.2 higher with two layers, every seed",
    gate: "smoke",
    check: (trials) => gap(trials, ({ bindingNovel }) => bindingNovel, 0.2),
  },
  {
    id: "binding",
    statement:
      "Whose name is whose, where two of one kind are told once each, one layer guesses and two layers know.",
    source: PAPERS,
    expected:
      "share of choices right, of known and of made-up names, every seed: one layer 0.42 to 0.58, two layers at least 0.95",
    gate: "full",
    check: (trials) =>
      all([
        every(trials, oneLayer, [
          ["one layer", bound, (shares) => shares.every((share) => share >= 0.42 && share <= 0.58)],
        ]),
        every(trials, twoLayers, [["two layers", bound, (shares) => Math.min(...shares) >= 0.95]]),
      ]),
  },
  {
    id: "one-back-then-copy",
    statement:
      "It is done by a head that looks one back and, in the next layer, heads that look for what it wrote and copy.",
    source: PAPERS,
    expected:
      "two layers, every seed: best previous-token score of layer 0 at least 0.45; eigenvalue ratio of OV at least 0.9 in layer 1; K-composition at least 0.05 above random",
    gate: "full",
    check: (trials) =>
      every(trials, twoLayers, [
        [
          "one back",
          (m) => [Math.max(...layer(m, 0).map(({ previous }) => previous))],
          ([best]) => best! >= 0.45,
        ],
        ["copying", (m) => layer(m, 1).map(({ copying }) => copying), (ratios) => Math.min(...ratios) >= 0.9],
        ["composition", ({ keyComposition }) => [keyComposition ?? NaN], ([score]) => score! >= 0.05],
      ]),
  },
  {
    id: "neither-layer-alone",
    statement: "Take away the heads of either layer, and made-up names are lost.",
    source: "Olsson et al. 2022, argument 3, in miniature",
    expected: "two layers, every seed: at most 0.1 of made-up names right without the heads of a layer",
    gate: "full",
    check: (trials) =>
      every(trials, twoLayers, [
        [
          "right without",
          ({ novelWithoutLayer }) => novelWithoutLayer,
          (shares) => Math.max(...shares) <= 0.1,
        ],
      ]),
  },
  {
    id: "read-off-one-layer",
    statement:
      "What one layer does can be read off its weights: titles ask for names, and by themselves make names likely and made-up ones not.",
    source: ONE_LAYER,
    expected:
      "one layer, every seed: the score of titles for names at least 0.4 above that for common words in every head, and direct logits from titles that fall from names over common words to made-up names",
    gate: "full",
    check: (trials) =>
      every(trials, oneLayer, [
        [
          "asks for names",
          ({ heads }) => heads.map((head) => head.asksForNames),
          (all) => Math.min(...all) >= 0.4,
        ],
        [
          "direct logits",
          ({ direct }) => [direct.names, direct.common, direct.novel],
          ([names, common, novel]) => names! > common! && common! > novel!,
        ],
      ]),
  },
];

const fourKinds = ({ known, two, novel, novel2 }: NamesMetrics) => [known, two, novel, novel2];
const bound = ({ bindingNames, bindingNovel }: NamesMetrics) => [bindingNames, bindingNovel];

export function layer({ heads }: NamesMetrics, index: number) {
  return heads.filter((head) => head.layer === index);
}

/** The head of the first layer with the best previous-token score. */
export function lookingBack(metrics: NamesMetrics) {
  return layer(metrics, 0).toSorted((a, b) => b.previous - a.previous)[0];
}

/** How far two layers are above one, seed by seed. */
function gap(
  trials: readonly NamesTrial[],
  value: (metrics: NamesMetrics) => number,
  least: number,
): Observation | undefined {
  const [two, one] = [twoLayers, oneLayer].map((wanted) =>
    where(trials, wanted).map(({ metrics }) => value(metrics)),
  );
  if (!two?.length || two.length !== one?.length) return undefined;
  return observe(
    two.map((share, i) => `${share} against ${one[i]}`).join(", "),
    two.every((share, i) => share - one[i]! >= least),
  );
}
