/// <reference types="vite/client" />
// Every op of src/ops, forward and backward, against its float64 twin; and the twins against central differences.
import { describe, expect, test } from "vitest";
import * as heed from "../../src/index";
import { noise } from "../assembly/battery";
import { differentiate, distance, expectAsGoodAsNaive, reference } from "../reference/compare";
import type { OpCase } from "./case";
import { cases } from "./cases";
import { randomInputs, runWithUpstream } from "./upstream";

const SEEDS = [1, 2];
/** Of the central differences: their error h²/6 f''' and rounding 1e-16 / h are both below 1e-9. */
const STEP = 1e-5;

/** Exports of src/ops that no gradient flows through. */
const notDifferentiable = [
  "attentionWeights",
  "tokenLosses",
  "linearAttentionState",
  "full",
  "normal",
  "uniform",
];

const modules = import.meta.glob<Record<string, unknown>>("../../src/ops/*.ts", { eager: true });

test("every public function of src/ops has a row or is listed as not differentiable", () => {
  const exported = Object.values(modules).flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      typeof value === "function" && Object.hasOwn(heed, name) ? [name] : [],
    ),
  );
  const covered = new Set([...cases.map(({ op }) => op), ...notDifferentiable]);
  expect(exported.length).toBeGreaterThan(20);
  expect(exported.filter((name) => !covered.has(name))).toEqual([]);
  expect([...covered].filter((name) => !exported.includes(name))).toEqual([]);
});

describe.each(cases)("$op, $use", (row) => {
  test.each(SEEDS)("equals its twin, seed %i", (seed) => {
    const inputs = randomInputs(row.inputs, seed);
    const dy = upstream(row, seed);
    const actual = runWithUpstream(row.run, inputs, dy);
    expect(actual.shape).toEqual(differentiate(row.twin, inputs, dy).shape);
    expectAsGoodAsNaive(actual, reference(row.twin, inputs, dy));
  });

  test("has a twin whose gradient is its slope", () => {
    const inputs = randomInputs(row.inputs, 1);
    const dy = upstream(row, 1);
    const { gradients } = differentiate(row.twin, inputs, dy);
    for (const [name, { shape, values }] of Object.entries(inputs)) {
      const slope = (i: number) => {
        const [above, below] = [STEP, -STEP].map((step) => {
          const moved = Float64Array.from(values, (value, j) => (i === j ? value + step : value));
          const { y } = differentiate(row.twin, { ...inputs, [name]: { shape, values: moved } }, dy);
          return Array.from(y).reduce((sum, value, j) => sum + value * dy[j]!, 0);
        });
        return (above! - below!) / (2 * STEP);
      };
      // A few of each input: all of them would only repeat the same arithmetic.
      const probes = [...new Set([0, 1, 2, 3].map((i) => Math.floor((i * values.length) / 4)))].filter(
        (i) => i < values.length,
      );
      const exact = probes.map((i) => gradients[name]![i]!);
      expect(distance(probes.map(slope), exact), name).toBeLessThan(
        1e-7 * Math.max(1, ...exact.map(Math.abs)),
      );
    }
  });
});

function upstream(row: OpCase, seed: number): Float32Array {
  const { y } = differentiate(row.twin, randomInputs(row.inputs, seed), undefined);
  return noise(y.length, 7000 + seed);
}
