// What `position-robustness` shows: the smallest task by length, scheme by scheme, the benchmark's tasks, and language models by length.
import type { Trial } from "../experiment";
import type { Bar, Figure } from "../figure";
import { meanInterval } from "../interval";
import type { RobustConfig, RobustMetrics } from "../position-robustness";
import { where } from "../select";
import { curves, overLengths } from "./figures";
import { ladder, pointsOver } from "./lengths";
import { robustLengths } from "./robust";
import { sequenceTasks } from "./sequence-tasks";
import { trainedStacks } from "./stack";

type RobustTrial = Trial<RobustConfig, RobustMetrics>;

export function robustFigures(trials: readonly RobustTrial[]): Figure[] {
  const text = where<RobustConfig, RobustMetrics>(trials, { part: "text" });
  return [
    ...smallestFigures(where<RobustConfig, RobustMetrics>(trials, { part: "before-last" })),
    ...taskFigure(trials),
    ...textFigures(text),
    ...curves(text, "Training on text", ({ position }) => position),
  ];
}

const nameOf = ({ position, index, logN }: RobustConfig) => `${position}, ${index}${logN ? ", log n" : ""}`;

/** One figure for schemes by themselves, one for what is done to rope at test. */
function smallestFigures(trials: readonly RobustTrial[]): Figure[] {
  const first = trials[0]?.config;
  if (!first) return [];
  const { trained } = first;
  const groups = [
    { title: "Rotary positions", names: ["rope"] },
    { title: "Sinusoids", names: ["sinusoidal"] },
    { title: "Learned positions and slopes", names: ["learned", "alibi"] },
    { title: "Rotary positions, mended at test", names: ["window", "rerope"] },
  ];
  return groups.flatMap(({ title, names }) => {
    const mine = trials.filter(({ config }) => names.includes(config.position));
    const configs = [...new Map(mine.map(({ config }) => [nameOf(config), config])).values()];
    return overLengths<RobustConfig>(mine, {
      title: `${title}: the symbol before the end`,
      caption: `Trained on 3 to ${trained} tokens under positions as they are (plain), a random subset of ${first.reach}, or stretched ones of the same mean. Chance is 1/8.`,
      name: "accuracy",
      label: "accuracy",
      domain: [0, 1],
      trained,
      lengths: robustLengths(first),
      series: configs.map((config) => {
        const { position, index, logN } = config;
        return { name: nameOf(config), wanted: { position, index, logN } };
      }),
    });
  });
}

function taskFigure(trials: readonly RobustTrial[]): Figure[] {
  const mine = trials.filter(({ config }) => config.part !== "before-last" && config.part !== "text");
  const first = mine[0]?.config;
  if (!first) return [];
  const parts = [...new Set(mine.map(({ config }) => config.part))];
  const bars = parts.flatMap((part) => {
    const { chance } = sequenceTasks[part as keyof typeof sequenceTasks]; // ran under this name
    const here = mine.filter(({ config }) => config.part === part);
    const names = [...new Set(here.map(({ config }) => nameOf(config)))];
    return names.map((name): Bar => {
      const values = here
        .filter(({ config }) => nameOf(config) === name)
        .map(({ metrics }) => Number(metrics.longer));
      const { mean, low, high } = meanInterval(values);
      const ends = low !== undefined && high !== undefined && { low, high };
      return { group: `${part} (chance ${chance})`, name, value: mean, ...ends };
    });
  });
  return [
    {
      title: "Four tasks beyond the training length",
      caption: `Mean accuracy over lengths above ${first.trained} up to ${first.longest}, two layers; means over seeds and their 95 % intervals.`,
      plot: { kind: "bar", value: { label: "accuracy" }, bars },
    },
  ];
}

function textFigures(trials: readonly RobustTrial[]): Figure[] {
  const first = trials[0]?.config;
  if (!first) return [];
  const { trained, longest } = first;
  const lengths = ladder(trained, longest);
  const tests = Object.entries(trainedStacks).flatMap(([position, names]) =>
    names.map((test) => ({ position, test })),
  );
  return (["accuracy", "loss"] as const).map((metric) => ({
    title: metric === "accuracy" ? "Next characters of longer texts" : "The same in nats",
    caption: `Language models of ${first.text === "" ? "the generated text" : "the text"} trained at ${trained} characters, tested in windows without overlap. ReRoPE holds distances from ${trained / 2} on, at test only.`,
    plot: {
      kind: "line",
      x: { label: "characters of a window", log: true },
      y: { label: metric === "accuracy" ? "accuracy" : "loss (nats per character)" },
      series: tests.map(({ position, test }) => ({
        name: test,
        points: pointsOver<RobustConfig>(trials, { position }, `${test} ${metric}`, lengths),
      })),
      references: [{ axis: "x", value: trained, label: "trained" }],
    },
  }));
}
