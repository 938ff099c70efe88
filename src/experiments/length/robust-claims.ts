// What `position-robustness` claims: the known rows of the smallest task, then, ungated, the benchmark's tasks and the article's tables.
import type { Claim, Gate } from "../experiment";
import type { RobustConfig, RobustMetrics } from "../position-robustness";
import { mean, observe, where } from "../select";
import { shown, valuesAt } from "./lengths";

type RobustClaim = Claim<RobustConfig, RobustMetrics>;
type Words = Pick<RobustClaim, "id" | "statement" | "source" | "expected">;
type Wanted = Partial<RobustConfig>;

interface Asked {
  readonly label: string;
  readonly wanted: Wanted;
  /** A metric by name, or one at a length. */
  readonly metric: string;
  readonly n?: number;
}

const RANDOM = "Su 2023, kexue.fm/archives/9444; Ruoss et al. 2023, arXiv:2305.16843";

/** A claim about the means of these over seeds, in this order. */
function about(
  words: Words & { readonly gate: Gate },
  asked: readonly Asked[],
  holds: (means: readonly number[]) => boolean,
): RobustClaim {
  return {
    ...words,
    check(trials) {
      const found = asked.map(({ wanted, metric, n }) => {
        if (n !== undefined) return valuesAt<RobustConfig>(trials, wanted, metric, n);
        const values = where<RobustConfig, RobustMetrics>(trials, wanted)
          .map(({ metrics }) => metrics[metric])
          .filter((value) => typeof value === "number");
        return values.length > 0 ? values : undefined;
      });
      if (!found.every((values) => values !== undefined)) return undefined;
      const text = asked.map(({ label, n }, i) => `${label}${n ? ` at ${n}` : ""}: ${shown(found[i]!)}`);
      return observe(text.join("; "), holds(found.map(mean)));
    },
  };
}

function row(position: string, index: string, logN: boolean, n: number): Asked {
  const label = `${position} ${index}${logN ? " log n" : ""}`;
  return { label, wanted: { part: "before-last", position, index, logN }, metric: "accuracy", n };
}

const smallest: readonly RobustClaim[] = [
  about(
    {
      id: "random-rope",
      statement: "Rotary positions drawn at random, with log n, read four times the training length.",
      source: RANDOM,
      expected: "mean accuracy at 63 at least 0.85, and 0.4 above plain rotary positions",
      gate: "full",
    },
    [row("rope", "random-subset", true, 63), row("rope", "plain", false, 63)],
    ([random, plain]) => random! >= 0.85 && random! >= plain! + 0.4,
  ),
  about(
    {
      id: "random-sinusoids",
      statement:
        "Sinusoids read twice the training length where they are drawn at random, and not as they are.",
      source: RANDOM,
      expected: "mean accuracy at 31 at least 0.3 above plain sinusoids",
      gate: "smoke",
    },
    [row("sinusoidal", "random-subset", false, 31), row("sinusoidal", "plain", false, 31)],
    ([random, plain]) => random! >= plain! + 0.3,
  ),
  about(
    {
      id: "equal-mean-twice",
      statement: "Stretched positions of the same mean reach twice the training length.",
      source: "Su 2023, kexue.fm/archives/9444",
      expected: "rotary with log n: mean accuracy at 31 at least 0.9",
      gate: "full",
    },
    [row("rope", "equal-mean", true, 31)],
    ([accuracy]) => accuracy! >= 0.9,
  ),
  about(
    {
      id: "window-baseline",
      statement:
        "To show as many tokens as in training is enough where the answer is near: the super baseline.",
      source: "Su 2023, kexue.fm/archives/9431",
      expected: "rotary under a centred window at test: mean accuracy at 31 at least 0.9",
      gate: "smoke",
    },
    [row("window", "plain", false, 31)],
    ([accuracy]) => accuracy! >= 0.9,
  ),
  about(
    {
      id: "log-n-alone",
      statement: "Log n alone does not rescue positions that were never trained.",
      source: "Su 2023, kexue.fm/archives/9731 (24.17 to 24.60)",
      expected: "rotary: mean accuracy at 63 with log n at most 0.1 above that without",
      gate: "none",
    },
    [row("rope", "plain", true, 63), row("rope", "plain", false, 63)],
    ([scaled, plain]) => scaled! <= plain! + 0.1,
  ),
  about(
    {
      id: "rerope-holds",
      statement: "Distances held at half the training length, at test only, read eight times as far.",
      source: "Su 2023, kexue.fm/archives/9731; kexue.fm/archives/9708",
      expected: "mean accuracy of rerope at 127 at least 0.9",
      gate: "none",
    },
    [row("rerope", "plain", false, 127)],
    ([accuracy]) => accuracy! >= 0.9,
  ),
];

const formal = (["even-pairs", "missing-duplicate", "reverse", "bucket-sort"] as const).map((part) =>
  about(
    {
      id: part,
      statement: `Random positions help at ${part}.`,
      source: "Ruoss et al. 2023, arXiv:2305.16843, table 1, smaller",
      expected:
        "mean accuracy over lengths 20 to 40, trained up to 16: random above plain for sinusoids and for rotary positions",
      gate: "none",
    },
    (["sinusoidal", "rope"] as const).flatMap((position) =>
      (["random-subset", "plain"] as const).map((index) => ({
        ...{ label: `${position} ${index}`, wanted: { part, position, index }, metric: "longer" },
      })),
    ),
    ([a, b, c, d]) => a! > b! && c! > d!,
  ),
);

function text(stack: string, test: string, n: number): Asked {
  return { label: test, wanted: { part: "text", position: stack }, metric: `${test} accuracy`, n };
}

const stacks: readonly RobustClaim[] = [
  about(
    {
      id: "hwfa",
      statement:
        "Windows below and full attention without positions on top keep their accuracy at eight times the length.",
      source:
        "Su 2023, kexue.fm/archives/9603 (48.70 at 512 tokens, 48.15 at 4096 that do not repeat), in miniature",
      expected:
        "mean accuracy of next characters of HWFA at 1024 at least that at 128 less 0.02, and above the baseline's",
      gate: "none",
    },
    [text("HWFA", "HWFA", 1024), text("HWFA", "HWFA", 128), text("baseline", "baseline", 1024)],
    ([far, near, plain]) => far! >= near! - 0.02 && far! > plain!,
  ),
  about(
    {
      id: "log-n-alone-text",
      statement: "Log n does not keep a baseline of rotary positions from falling.",
      source: "Su 2023, kexue.fm/archives/9731 (49.41 to 24.17 without, 49.40 to 24.60 with), in miniature",
      expected: "mean accuracy of both at 1024 at most three quarters of that at 128",
      gate: "none",
    },
    (["baseline", "log n"] as const).flatMap((name) => [128, 1024].map((n) => text(name, name, n))),
    ([near, far, nearScaled, farScaled]) => far! <= 0.75 * near! && farScaled! <= 0.75 * nearScaled!,
  ),
  about(
    {
      id: "rerope-text",
      statement: "ReRoPE at test keeps it, and clipped log n helps.",
      source:
        "Su 2023, kexue.fm/archives/9731 (48.48, with clipped log n 48.85, at 4096 tokens that do not repeat), in miniature",
      expected:
        "mean accuracy at 1024: clipped log n above ReRoPE above three quarters of the baseline at 128",
      gate: "none",
    },
    [
      text("baseline", "ReRoPE, clipped log n", 1024),
      text("baseline", "ReRoPE", 1024),
      text("baseline", "baseline", 128),
    ],
    ([scaled, plain, near]) => scaled! > plain! && plain! > 0.75 * near!,
  ),
];

export const robustClaims: readonly RobustClaim[] = [...smallest, ...formal, ...stacks];
