// What the experiments on length refuse, with a reason, before any trial starts.
import { expect, test } from "vitest";
import { entropyScale } from "../../../src/experiments/entropy-scale";
import type { Config, Experiment } from "../../../src/experiments/experiment";
import { gauLength } from "../../../src/experiments/gau-length";
import { positionProbe } from "../../../src/experiments/position-probe";
import { positionRobustness } from "../../../src/experiments/position-robustness";
import { planTrials } from "../../../src/experiments/run";

const plan = (experiment: Experiment, overrides: Config, more: { seeds?: number[]; text?: string } = {}) => {
  const { seeds, text } = more;
  const inputs = text === undefined ? {} : { text };
  return planTrials(experiment, {
    ...{ size: "full", build: "portable", source: "", overrides, inputs },
    ...(seeds && { seeds }),
  });
};

const all = { entropyScale, gauLength, positionProbe, positionRobustness };

test.each(Object.values(all))("$name: the plan of the grid stands, none without seeds", (experiment) => {
  expect(plan(experiment, {}).length).toBeGreaterThan(20);
  expect(() => plan(experiment, {}, { seeds: [] })).toThrow(
    `${experiment.name}: at least one seed is needed, got none`,
  );
});

test.each<[string, Experiment, Config, string]>([
  [
    "tests shorter than training",
    entropyScale,
    { longest: 32 },
    "length: tests must be at least as long as training, got longest 32 and trained 512",
  ],
  [
    "tests shorter than training",
    gauLength,
    { longest: 16 },
    "length: tests must be at least as long as training, got longest 16 and trained 64",
  ],
  [
    "tests shorter than training",
    positionRobustness,
    { longest: 8 },
    "length: tests must be at least as long as training, got longest 8 and trained 15",
  ],
  [
    "lengths beyond a table",
    positionRobustness,
    { part: "before-last", reach: 100, index: "random-subset" },
    "index: reach must be at least the context 127, got 100",
  ],
  [
    "heads of an odd width",
    positionRobustness,
    { part: "before-last", width: 30, heads: 2, index: "plain" },
    "rope: heads must have an even width, got 15; change width or heads",
  ],
  [
    "heads of an odd width",
    positionProbe,
    { part: "constant", position: "rope", width: 36, heads: 4 },
    "rope: heads must have an even width, got 9; change width or heads",
  ],
  [
    "fractions where a table is looked up",
    positionRobustness,
    { part: "before-last", position: "learned", index: "equal-mean", reach: 512 },
    "gpt: index equal-mean gives fractions, position learned looks up whole numbers",
  ],
  [
    "a task that there is not",
    positionRobustness,
    { part: "parity" },
    'position-robustness: part must be one of before-last, even-pairs, missing-duplicate, reverse, bucket-sort, got "parity"',
  ],
  [
    "a variant that there is not",
    entropyScale,
    { variant: "F" },
    'length: variant must be one of O, E, softmax-plus, relu2, relu2-fixed, relu2-normalized, got "F"',
  ],
  [
    "one equal token",
    positionProbe,
    { n: 1 },
    "position-probe: n must be a whole number of at least 2, got 1",
  ],
])("%s: $1.name", (_, experiment, overrides, said) => {
  expect(() => plan(experiment, overrides)).toThrow(said);
});

test.each<[Experiment, Config, number]>([
  [entropyScale, { part: "masked" }, 1025],
  [positionRobustness, { part: "text", position: "HWFA", index: "plain" }, 1025],
  [gauLength, { part: "fine-tune", variant: "softmax" }, 65],
])("$name: a text too short for its split", (experiment, overrides, needed) => {
  const { trained, longest } = experiment.grid.full.configs.at(-1)!;
  const sizes = { ...overrides, trained: Number(trained), longest: Number(longest), characters: 1e6 };
  const letters = (count: number) => "abcdefghij".repeat(Math.ceil(count / 10)).slice(0, count);
  expect(() => plan(experiment, sizes, { text: letters(10 * needed - 10) })).toThrow(
    `length: the held-out tenth of the text must have at least ${needed} characters, got ${needed - 1}; use a longer text or shorter sequences`,
  );
  expect(() => plan(experiment, sizes, { text: letters(10 * needed) })).not.toThrow();
});
