// Claims about sums over paths, and about what weights say.
import { observe } from "../select";
import { type AnatomyClaim, atMost, claim, numbers } from "./judge";
import type { AnatomyMetrics } from "./trial";

/** What float32 leaves of an identity, relative to the largest logit. */
const IDENTITY = 5e-5;
const TRACE = 1e-4;
const RATIO = 1e-4;
const PATHS = "Elhage et al. 2021, Path Expansion Trick";
const COPYING = "Elhage et al. 2021, Copying / Primitive In-context Learning";
const COMPOSITION = "Elhage et al. 2021, Composition Diagram";
const INDUCTION = "Elhage et al. 2021, Mechanistic Analysis of Induction Heads";

export const weightClaims: readonly AnatomyClaim[] = [
  atMost({
    id: "paths-sum",
    statement: "The logits are the sum over all paths through heads, patterns as they were.",
    source: PATHS,
    expected: `largest difference at most ${IDENTITY} of the largest logit`,
    of: ({ expansion }) => expansion.paths,
    limit: IDENTITY,
  }),
  atMost({
    id: "heads-sum",
    statement: "A target's logit is the direct path and what each head adds to it.",
    source: PATHS,
    expected: `largest difference at most ${IDENTITY} of the largest logit`,
    of: ({ expansion }) => expansion.heads,
    limit: IDENTITY,
  }),
  atMost({
    id: "traces",
    statement: "The eigenvalues of every circuit over tokens, found from its factors, sum to its trace.",
    source: "Elhage et al. 2021, Summarizing OV/QK Matrices",
    expected: `difference at most ${TRACE} of the sum of magnitudes`,
    of: ({ heads }) =>
      Math.max(...heads.flatMap(({ ov, matching }) => [ov.traceError, matching?.traceError ?? 0])),
    limit: TRACE,
  }),
  claim({
    id: "skip-trigrams-factor",
    statement:
      "What a head makes of a source is attention times output: it raises or lowers the same tokens at every destination.",
    source: "Elhage et al. 2021, Skip-Trigram Bugs",
    expected: `no wrong sign, ratios between destinations the same within ${RATIO}`,
    gate: "smoke",
    of: "one layer",
    judge: ({ factoring }) =>
      observe(
        factoring
          ? `${factoring.wrongSigns} wrong, ${factoring.ratioError.toExponential(1)}`
          : "not measured",
        factoring !== null && factoring.wrongSigns === 0 && factoring.ratioError <= RATIO,
      ),
  }),
  claim({
    id: "one-layer-copies",
    statement: "The heads of one layer copy: attending to a token raises it most.",
    source: COPYING,
    expected:
      "each head: eigen ratio at least .9 (before training at most .5 either way), mean diagonal of W_E OV W_U ten times the mean off it, own token largest for .4 of tokens",
    gate: "full",
    of: "one layer",
    judge: ({ heads, headsBefore }) =>
      observe(
        `ratio ${numbers(
          heads.map(({ ov }) => ov.ratio),
          3,
        )} (before ${numbers(headsBefore.map(({ ov }) => ov.ratio))}), diagonal ${numbers(
          heads.map(({ ov }) => ov.meanDiagonal),
          1,
        )} against ${numbers(heads.map(({ ov }) => ov.meanOffDiagonal))}, own ${numbers(heads.map(({ ov }) => ov.ownLargest))}`,
        heads.every(
          ({ ov }) =>
            ov.ratio >= 0.9 && ov.meanDiagonal >= 10 * Math.abs(ov.meanOffDiagonal) && ov.ownLargest >= 0.4,
        ) && headsBefore.every(({ ov }) => Math.abs(ov.ratio) <= 0.5),
      ),
  }),
  claim({
    id: "titles-ask-for-names",
    statement:
      "One layer that learned titles and names asks for names when it is at a title, rather than for common words.",
    source: "Elhage et al. 2021, Interpretation as Skip-Trigrams; the titles are heed's own",
    expected:
      "each head: mean score of names at least .4 above common words; names above common words by the direct path",
    gate: "full",
    of: "one layer on names",
    judge: ({ trigrams }) => {
      if (!trigrams) return observe("not measured", false);
      const { heads, direct } = trigrams;
      const above = heads.map(({ asks }) => asks.names - asks.common);
      return observe(
        `${numbers(above)}; directly names ${direct.names.toFixed(2)}, common ${direct.common.toFixed(2)}, made-up ${direct.novel.toFixed(2)}`,
        above.every((value) => value >= 0.4) && direct.names > direct.common,
      );
    },
  }),
  claim({
    id: "last-layer-copies",
    statement: "In two layers the last copies.",
    source: INDUCTION,
    expected:
      "each head of the last layer: eigen ratio at least .9; copying score .3 above every head of the first",
    gate: "full",
    of: "two layers",
    judge: (metrics) => {
      const { first, last } = byLayer(metrics);
      const gap =
        Math.min(...last.map(({ copying }) => copying)) - Math.max(...first.map(({ copying }) => copying));
      return observe(
        `ratio ${numbers(
          last.map(({ ov }) => ov.ratio),
          3,
        )}, copying ${numbers(last.map(({ copying }) => copying))} against ${numbers(first.map(({ copying }) => copying))}`,
        last.every(({ ov }) => ov.ratio >= 0.9) && gap >= 0.3,
      );
    },
  }),
  claim({
    id: "last-layer-matches",
    statement:
      "In two layers the last looks for what stands after its own token: both eigen ratios are near one.",
    source: INDUCTION,
    expected:
      "each head of the last layer: eigen ratio of the match at least .95 (before training at most .4 either way), trace above 100",
    gate: "full",
    of: "two layers",
    judge: (metrics) => {
      const after = matches(metrics.heads);
      const before = matches(metrics.headsBefore);
      return observe(
        `ratio ${numbers(
          after.map(({ ratio }) => ratio),
          4,
        )} (before ${numbers(before.map(({ ratio }) => ratio))}), trace ${numbers(
          after.map(({ trace }) => trace),
          0,
        )}`,
        after.every(({ ratio, trace }) => ratio >= 0.95 && trace > 100) &&
          before.every(({ ratio }) => Math.abs(ratio) <= 0.4),
      );
    },
  }),
  claim({
    id: "keys-compose",
    statement: "Keys of the last layer read what the first layer wrote; queries and values do not.",
    source: COMPOSITION,
    expected:
      "above the baseline: best K at least .05, every Q and V at most .02; before training all within .05",
    gate: "full",
    of: "two layers",
    judge: composes,
  }),
  claim({
    id: "keys-compose-on-names",
    statement: "So they do in two layers that learned titles and names.",
    source: COMPOSITION,
    expected: "as for random repeats",
    gate: "none",
    of: "two layers on names",
    judge: composes,
  }),
  claim({
    id: "previous-token-head",
    statement: "Two layers that learned titles and names have a head that attends to the token before.",
    source: INDUCTION,
    expected: "best previous-token score of the first layer at least .45",
    gate: "full",
    of: "two layers on names",
    judge: (metrics) => {
      const scores = byLayer(metrics).first.map(({ previous }) => previous);
      return observe(numbers(scores), Math.max(...scores) >= 0.45);
    },
  }),
  claim({
    id: "no-sharp-previous-token-head",
    statement: "Random repeats need none: there the first layer attends to several tokens before.",
    source: "own; Elhage et al. 2021 see heads that attend to the last two or three tokens, too",
    expected: "best previous-token score of the first layer below .45",
    gate: "none",
    of: "two layers",
    judge: (metrics) => {
      const scores = byLayer(metrics).first.map(({ previous }) => previous);
      return observe(numbers(scores), Math.max(...scores) < 0.45);
    },
  }),
];

function composes({ composition }: AnatomyMetrics) {
  const most = (kinds: string) =>
    Math.max(...composition.filter(({ kind }) => kinds.includes(kind)).map(({ above }) => above));
  const before = Math.max(...composition.map(({ aboveBefore }) => Math.abs(aboveBefore)));
  return observe(
    `K ${numbers([most("K")], 3)}, Q ${numbers([most("Q")], 3)}, V ${numbers([most("V")], 3)} (before ${numbers([before], 3)} at most)`,
    most("K") >= 0.05 && most("QV") <= 0.02 && before <= 0.05,
  );
}

function matches(heads: AnatomyMetrics["heads"]) {
  return heads.flatMap(({ matching }) => (matching ? [matching] : []));
}

/** Heads of the first layer, and of the last. */
export function byLayer({ heads }: AnatomyMetrics) {
  const last = Math.max(...heads.map(({ layer }) => layer));
  return {
    first: heads.filter(({ layer }) => layer === 0),
    last: heads.filter(({ layer }) => layer === last),
  };
}
