// What `entropy-scale` claims: of single rows first (rows-claims.ts), then of what training makes of the scale.
import type { EntropyConfig, EntropyMetrics } from "../entropy-scale";
import type { Claim, Trial } from "../experiment";
import { mean, observe } from "../select";
import { shown, valuesAt } from "./lengths";
import { rowClaims } from "./rows-claims";

type EntropyClaim = Claim<EntropyConfig, EntropyMetrics>;

const ARTICLE = "Su 2021, kexue.fm/archives/8823";

interface Asked {
  readonly part: "retrieval" | "masked";
  readonly variant: string;
  readonly name: "accuracy" | "loss" | "mass";
  readonly n: number;
}

/** A claim about the means of these, in this order. */
function aboutMeans(
  words: Pick<EntropyClaim, "id" | "statement" | "source" | "expected" | "gate">,
  asked: readonly Asked[],
  holds: (means: readonly number[]) => boolean,
): EntropyClaim {
  return {
    ...words,
    check(trials: readonly Trial<EntropyConfig, EntropyMetrics>[]) {
      const values = asked.map(({ part, variant, name, n }) =>
        valuesAt<EntropyConfig>(trials, { part, variant }, name, n),
      );
      if (!values.every((seeds) => seeds !== undefined)) return undefined;
      const text = asked.map(({ variant, n }, i) => `${variant} at ${n}: ${shown(values[i]!)}`).join("; ");
      return observe(text, holds(values.map(mean)));
    },
  };
}

const searched = (variant: string, name: Asked["name"], n: number): Asked => ({
  ...{ part: "retrieval", variant, name, n },
});

const trained: readonly EntropyClaim[] = [
  aboutMeans(
    {
      id: "same-where-trained",
      statement: "At the training length log n changes nothing.",
      source: `${ARTICLE}, table (43.27 and 43.11 at 64), in miniature`,
      expected: "mean accuracies of E and O at 64 tokens at most 0.02 apart",
      gate: "smoke",
    },
    [searched("O", "accuracy", 64), searched("E", "accuracy", 64)],
    ([O, E]) => Math.abs(O! - E!) <= 0.02,
  ),
  aboutMeans(
    {
      id: "keeps-accuracy",
      statement:
        "On sequences 16 times as long log n still finds the flagged token where plain softmax misses it.",
      source: `${ARTICLE}, table (23.02 against 34.04 at four times the length), in miniature`,
      expected: "mean accuracy of E at 1024 tokens at least 0.10 above O",
      gate: "full",
    },
    [searched("O", "accuracy", 1024), searched("E", "accuracy", 1024)],
    ([O, E]) => E! >= O! + 0.1,
  ),
  aboutMeans(
    {
      id: "keeps-loss",
      statement: "Its loss stays where it was.",
      source: ARTICLE,
      expected: "mean loss of E at 2048 tokens at most twice that at 64 (nats)",
      gate: "full",
    },
    [searched("E", "loss", 64), searched("E", "loss", 2048)],
    ([near, far]) => far! <= 2 * near!,
  ),
  aboutMeans(
    {
      id: "keeps-attention",
      statement: "The flagged token keeps its share of attention under log n, and loses it without.",
      source: ARTICLE,
      expected: "mean share at 2048 tokens over that at 64: at least 0.9 for E, at most 0.85 for O",
      gate: "full",
    },
    (["E", "O"] as const).flatMap((variant) => [64, 2048].map((n) => searched(variant, "mass", n))),
    ([nearE, farE, nearO, farO]) => farE! / nearE! >= 0.9 && farO! / nearO! <= 0.85,
  ),
  aboutMeans(
    {
      id: "softmax-plus-keeps",
      statement: "So does softmax-plus, whose base is 512 whatever it was trained at.",
      source: "Su 2022, kexue.fm/archives/9019",
      expected: "mean accuracy at 2048 tokens at most 0.02 below that at 64",
      gate: "full",
    },
    [64, 2048].map((n) => searched("softmax-plus", "accuracy", n)),
    ([near, far]) => far! >= near! - 0.02,
  ),
  aboutMeans(
    {
      id: "masked-text",
      statement: "An encoder of masked characters loses less beyond its training length with log n.",
      source: `${ARTICLE}, table (36.53, 23.02, 15.12, 11.54 without; 41.17, 34.04, 20.15, 13.58 with), in miniature`,
      expected: "mean accuracy of E above O at 128, 256, 512 and 1024 characters",
      gate: "none",
    },
    [128, 256, 512, 1024].flatMap((n) =>
      (["O", "E"] as const).map((variant): Asked => ({ part: "masked", variant, name: "accuracy", n })),
    ),
    (means) => means.every((E, i) => i % 2 === 0 || E > means[i - 1]!),
  ),
];

export const entropyClaims: readonly EntropyClaim[] = [...rowClaims, ...trained];
