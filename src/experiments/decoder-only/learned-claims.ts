// What `decoder-only` reports of models that learn. The article gives no numbers, so nothing here decides: differences of loss between arms
// that began alike and saw the same, mean over seeds with its 95 % interval.
import { transductionRules } from "../../data/transduction";
import { type Interval, meanInterval } from "../interval";
import { observe, where } from "../select";
import type { ArmName } from "./arms";
import type { DecoderMetrics, DirectionConfig, DirectionTrial } from "./config";
import { ARTICLE, type DirectionClaim } from "./trials";

/** Loss of `arm` less that of `other`, seed by seed; `undefined` without two seeds of each. */
function difference(
  trials: readonly DirectionTrial[],
  [arm, other]: readonly [string, string],
  wanted: Partial<DirectionConfig>,
): Interval | undefined {
  const losses = (name: string) =>
    where(trials, { ...wanted, arm: name }).map(({ seed, metrics }) => ({
      seed,
      loss: (metrics as DecoderMetrics).loss, // of parts that learn
    }));
  const others = new Map(losses(other).map(({ seed, loss }) => [seed, loss]));
  const differences = losses(arm).flatMap(({ seed, loss }) =>
    others.has(seed) ? [loss - others.get(seed)!] : [],
  );
  return differences.length < 2 ? undefined : meanInterval(differences);
}

function shown({ mean, low, high }: Interval): string {
  const signed = (value: number) => `${value > 0 ? "+" : ""}${value.toFixed(3)}`;
  return `${signed(mean)} [${signed(low!)}, ${signed(high!)}]`; // of two seeds at least
}

interface Comparison {
  readonly id: string;
  readonly statement: string;
  readonly source: string;
  readonly expected: string;
  readonly pair: readonly [ArmName, ArmName];
  /** Judged on the three rules' differences. */
  readonly holds: (differences: readonly Interval[]) => boolean;
}

function comparison({ pair, holds, ...told }: Comparison): DirectionClaim {
  return {
    ...told,
    gate: "none",
    check(trials) {
      const found = transductionRules.map((rule) => ({
        rule,
        by: difference(trials, pair, { part: "decoders", rule }),
      }));
      const intervals = found.flatMap(({ by }) => by ?? []);
      if (intervals.length < transductionRules.length) return undefined;
      const text = found.map(({ rule, by }) => `${rule} ${shown(by!)}`).join("; "); // none is missing
      return observe(`${pair.join(" less ")}: ${text}`, holds(intervals));
    },
  };
}

/** The interval does not lie below 0: it is not shown to be better. */
const noBetter = ({ high }: Interval) => high! >= 0;

export const learnedClaims: readonly DirectionClaim[] = [
  comparison({
    id: "unilm-no-better",
    statement: "To let the input part see itself whole is no gain for a decoder.",
    source: `${ARTICLE} (about 1e9 parameters, no numbers), in miniature`,
    expected: "loss of UniLM less that of GPT: no interval below 0 on any of the three rules",
    pair: ["UniLM", "GPT"],
    holds: (differences) => differences.every(noBetter),
  }),
  comparison({
    id: "equal-encoder-decoder-no-better",
    statement: "At equal parameters and cost an encoder beside the decoder is no gain.",
    source: `${ARTICLE}, in miniature`,
    expected: "loss of T5 less that of GPT: no interval below 0 on any of the three rules",
    pair: ["T5", "GPT"],
    holds: (differences) => differences.every(noBetter),
  }),
  comparison({
    id: "doubled-encoder-decoder-better",
    statement: "What an encoder and a decoder gain, they gain from twice the parameters.",
    source: `${ARTICLE}, in miniature`,
    expected: "loss of T5 x2 less that of T5: the mean below 0 on each of the three rules",
    pair: ["T5 x2", "T5"],
    holds: (differences) => differences.every(({ mean }) => mean < 0),
  }),
  comparison({
    id: "triangles-in-heads",
    statement: "An input part that is read by triangles is no worse than one that sees itself whole.",
    source: `${ARTICLE} and 9547, on heads of either triangle, in miniature`,
    expected: "loss of half-half less that of UniLM: no interval above 0 on any of the three rules",
    pair: ["half-half", "UniLM"],
    holds: (differences) => differences.every(({ low }) => low! <= 0),
  }),
  {
    id: "masked-triangles",
    statement:
      "An encoder whose heads are half lower and half upper triangles learns masked text a little better.",
    source: `${ARTICLE} (1e8 parameters, a figure without numbers), in miniature`,
    expected: "loss of half-heads, less that of bidirectional: the mean below 0",
    gate: "none",
    check(trials) {
      const by = (arm: string) => difference(trials, [arm, "bidirectional"], { part: "masked" });
      const [half, alternating] = [by("half-heads"), by("alternating-layers")];
      if (!half || !alternating) return undefined;
      return observe(`half-heads ${shown(half)}; alternating-layers ${shown(alternating)}`, half.mean < 0);
    },
  },
];
