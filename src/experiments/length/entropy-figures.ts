// What `entropy-scale` shows: entropies and needles in closed form, then the trained tasks by length.
import { log } from "../../math/log";
import { pow } from "../../math/pow";
import type { EntropyConfig, EntropyMetrics } from "../entropy-scale";
import type { Trial } from "../experiment";
import type { Figure } from "../figure";
import { mean, where } from "../select";
import { curves, overLengths } from "./figures";
import { ladder } from "./lengths";
import { readings } from "./retrieval";
import { DEVIATIONS, type GaussianRow, HEIGHTS, NEEDLE_TRAINED, type NeedleRow } from "./rows";

type EntropyTrial = Trial<EntropyConfig, EntropyMetrics>;

export function entropyFigures(trials: readonly EntropyTrial[]): Figure[] {
  return [
    ...gaussianFigure(trials),
    ...needleFigure(trials),
    ...searchFigures(trials),
    ...maskedFigures(trials),
    ...curves(
      trials.filter(({ config }) => config.part === "retrieval"),
      "Training: the flagged token",
      ({ variant }) => variant,
    ),
  ];
}

function gaussianFigure(trials: readonly EntropyTrial[]): Figure[] {
  const seeds = where(trials, { part: "rows" }).map(
    ({ metrics }) => metrics.gaussian as unknown as readonly GaussianRow[], // as rows.ts makes them
  );
  const first = seeds[0];
  if (!first) return [];
  const series = DEVIATIONS.flatMap((deviation) =>
    (["plain", "scaled"] as const).map((name) => ({
      name: `deviation ${deviation}, ${name === "plain" ? "plain" : "log n"}`,
      points: first.flatMap((row, i) =>
        row.deviation === deviation ? [{ x: row.n, y: mean(seeds.map((rows) => rows[i]![name])) }] : [],
      ),
    })),
  );
  const lengths = ladder(16, Math.max(...first.map(({ n }) => n)));
  const most = { name: "ln n", look: "faint", points: lengths.map((n) => ({ x: n, y: log(n) })) } as const;
  return [
    {
      title: "Log n holds the entropy of sharp rows",
      caption:
        "Mean entropy of rows of n Gaussian logits, log n in base 512. Sharp rows, whose deviation is the root of ln 512, keep theirs from there on; of dull ones it still grows nearly as ln n.",
      plot: {
        kind: "line",
        x: { label: "n", log: true },
        y: { label: "entropy (nats)" },
        series: [...series, most],
      },
    },
  ];
}

function needleFigure(trials: readonly EntropyTrial[]): Figure[] {
  const rows = where(trials, { part: "rows" })[0]?.metrics.needles as unknown as NeedleRow[] | undefined; // as rows.ts makes them
  if (!rows) return [];
  const fine = ladder(4, 4096);
  const series = HEIGHTS.flatMap((height) => {
    const name = `g = ${height} ln m`;
    const measured = rows.filter((row) => row.height === height);
    const exact = fine.map((n) => ({ x: n, y: pow(n, height) / (pow(n, height) + n - 1) }));
    return [
      { name: `${name}, closed form`, points: exact },
      {
        name,
        look: "points" as const,
        like: `${name}, closed form`,
        points: measured.map(({ n, scaled }) => ({ x: n, y: scaled })),
      },
    ];
  });
  const plain = rows.filter(({ height }) => height === 1.2).map(({ n, plain }) => ({ x: n, y: plain }));
  return [
    {
      title: "The critical gap",
      caption: `Weight of a needle of logit g above n - 1 zeros, log n in base m = ${NEEDLE_TRAINED}: from g = ln m on it is kept at any length. Without log n every needle is lost in the end.`,
      plot: {
        kind: "line",
        x: { label: "n", log: true },
        y: { label: "weight of the needle", domain: [0, 1] },
        series: [...series, { name: "g = 1.2 ln m, without log n", look: "faint", points: plain }],
      },
    },
  ];
}

function searchFigures(trials: readonly EntropyTrial[]): Figure[] {
  const searched = where(trials, { part: "retrieval" });
  const first = searched[0]?.config;
  if (!first) return [];
  const longest = Math.max(...searched.map(({ config }) => config.longest));
  const shared = {
    lengths: ladder(first.trained / 4, longest),
    trained: first.trained,
    series: Object.keys(readings).map((variant) => ({
      name: variant,
      wanted: { part: "retrieval", variant },
    })),
  };
  const task = "One of n tokens is flagged, and its symbol asked for";
  return [
    ...overLengths<EntropyConfig>(trials, {
      ...shared,
      title: "Finding one token among more and more",
      caption: `${task}; trained at ${first.trained} tokens. Chance is 1/8.`,
      name: "accuracy",
      label: "accuracy",
      domain: [0, 1],
    }),
    ...overLengths<EntropyConfig>(trials, {
      ...shared,
      title: "What attention keeps of it",
      caption: "Share of the row's weight on the flagged token.",
      name: "mass",
      label: "share of attention",
      domain: [0, 1],
    }),
    ...overLengths<EntropyConfig>(trials, {
      ...shared,
      title: "What it costs",
      caption: `${task}.`,
      name: "loss",
      label: "loss (nats)",
    }),
  ];
}

/** Su 2021, kexue.fm/archives/8823: RoFormer-small, masked tokens in percent, trained at 64. */
const PUBLISHED = {
  O: [43.27, 36.53, 23.02, 15.12, 11.54],
  E: [43.11, 41.17, 34.04, 20.15, 13.58],
} as const;

function maskedFigures(trials: readonly EntropyTrial[]): Figure[] {
  const first = where(trials, { part: "masked" })[0]?.config;
  if (!first) return [];
  const { trained, longest } = first;
  const variants = ["O", "E"] as const;
  return overLengths<EntropyConfig>(trials, {
    title: "Masked characters, beside the article's table",
    caption: `Share of masked characters that an encoder of ${first.text === "" ? "the generated text" : "the text"} finds, and what the article's RoFormer-small found of masked tokens, both trained at 64.`,
    name: "accuracy",
    label: "accuracy",
    unit: "characters",
    lengths: ladder(trained, longest),
    trained,
    series: variants.map((variant) => ({ name: `${variant}, here`, wanted: { part: "masked", variant } })),
    more: variants.map((variant) => ({
      name: `${variant}, article`,
      look: "points" as const,
      like: `${variant}, here`,
      points: PUBLISHED[variant].map((percent, i) => ({ x: 64 * 2 ** i, y: percent / 100 })),
    })),
  });
}
