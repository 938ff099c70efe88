// The same bits everywhere: digests recorded once, met again in Node and in Chromium. Those of f32 change where a kernel's bits do.
import { expect, test } from "vitest";
import type { Experiment } from "../../../src/experiments/experiment";
import { scanSnap } from "../../../src/experiments/scan-snap";
import type { ScanSnapMetrics } from "../../../src/experiments/scan-snap/run";
import { type OneLayerConfig, synSmall } from "../../../src/experiments/scan-snap/settings";
import { FIGURE_9, THEOREM_3 } from "../../../src/experiments/scan-snap/theory-grid";
import { scanSnapTheory } from "../../../src/experiments/scan-snap-theory";
import { executeTrial } from "../../../src/experiments/trial";
import { digest } from "../../../src/math/digest";

const base: OneLayerConfig = { ...synSmall, mode: "minibatch", batch: 32, length: 64, steps: 40 };
const medium = { preset: "synMedium", numLast: 3, nextPerLast: 2, etaZ: 2 };

const RECORDED: readonly (readonly [Partial<OneLayerConfig>, string])[] = [
  [{}, "55ffb9c776d46191"],
  [{ precision: "f32" }, "a6f361fac048668e"],
  [medium, "193dc248701f04e3"],
  [{ ...medium, precision: "f32", optimizer: "adam", etaY: 0.1, etaZ: 0.1 }, "f0d2ed6a765dec57"],
  [{ mode: "population", etaY: 10 }, "05364aa077f6965c"],
  [{ mode: "population", optimizer: "adam", etaY: 0.5, etaZ: 0.5 }, "263d1368989998fb"],
];

test.each(RECORDED)("%o, seed 3", async (change, recorded) => {
  const experiment: Experiment = scanSnap;
  const { metrics } = await executeTrial(experiment, { config: { ...base, ...change }, seed: 3 }, () => {});
  const { loss, entropy, finalLogits } = metrics as ScanSnapMetrics; // of this experiment
  expect(digest([...loss, ...entropy, ...finalLogits.flat()])).toBe(recorded);
});

test.each([
  [THEOREM_3[2]!, "97954e2aad8a1019"],
  [FIGURE_9[0]!, "637a971b35e1a597"],
])("theory of %o", async (config, recorded) => {
  const experiment: Experiment = scanSnapTheory;
  const { metrics } = await executeTrial(experiment, { config, seed: 3 }, () => {});
  expect(digest(numbers(metrics))).toBe(recorded);
});

function numbers(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbers) : [];
}
