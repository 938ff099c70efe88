// What `gau-length` shows: the flagged token by length and normaliser, and the encoder before and after it goes on at shorter lengths.
import type { Trial } from "../experiment";
import type { Bar, Figure } from "../figure";
import type { GauLengthConfig, GauLengthMetrics } from "../gau-length";
import { meanInterval } from "../interval";
import { where } from "../select";
import { curves, overLengths } from "./figures";
import { arms, shorter } from "./fine-tune";
import { ladder, valuesAt } from "./lengths";
import { readings } from "./retrieval";

type GauTrial = Trial<GauLengthConfig, GauLengthMetrics>;

export function gauFigures(trials: readonly GauTrial[]): Figure[] {
  const first = where(trials, { part: "retrieval" })[0]?.config;
  const tuned = trials.filter(({ config }) => config.part === "fine-tune");
  return [
    ...(first ? searchFigure(trials, first) : []),
    ...tunedFigure(tuned),
    ...curves(tuned, "Training of the encoders", ({ variant }) => variant),
  ];
}

function searchFigure(trials: readonly GauTrial[], { trained, longest }: GauLengthConfig): Figure[] {
  return overLengths<GauLengthConfig>(trials, {
    title: "Squared relus over n forget at other lengths",
    caption: `One of n tokens is flagged, and its symbol asked for, trained at ${trained} tokens. relu2 divides by n, relu2-fixed by ${trained}, relu2-normalized by the sum. Chance is 1/8.`,
    name: "accuracy",
    label: "accuracy",
    domain: [0, 1],
    lengths: ladder(trained / 4, longest),
    trained,
    series: Object.keys(readings).map((variant) => ({
      name: variant,
      wanted: { part: "retrieval", variant },
    })),
  });
}

function tunedFigure(trials: readonly GauTrial[]): Figure[] {
  const first = trials[0]?.config;
  if (!first) return [];
  const { trained } = first;
  const rows = [
    { group: `at ${trained}, as trained`, name: "accuracy", n: trained },
    ...shorter(first)
      .toReversed()
      .flatMap((n) => [
        { group: `at ${n}, as it stands`, name: "before", n },
        { group: `at ${n}, fine-tuned`, name: "after", n },
      ]),
  ];
  const bars = rows.flatMap(({ group, name, n }) =>
    Object.keys(arms).flatMap((variant): Bar[] => {
      const values = valuesAt<GauLengthConfig>(trials, { variant }, name, n);
      if (!values) return [];
      const { mean, low, high } = meanInterval(values);
      return [
        { group, name: variant, value: mean, ...(low !== undefined && high !== undefined && { low, high }) },
      ];
    }),
  );
  return [
    {
      title: "Trained long, fine-tuned short",
      caption: `Share of masked characters found by encoders of gated attention units, trained at ${trained} characters; means over seeds and their 95 % intervals.`,
      plot: { kind: "bar", value: { label: "accuracy" }, bars },
    },
  ];
}
