// Population mode over the whole range of rates: float64 against an independent twin, float32 against float64, and known numbers.
import { expect, test } from "vitest";
import { learner64 } from "../../../src/experiments/scan-snap/learner";
import { learner32 } from "../../../src/experiments/scan-snap/learner32";
import { run, synSmallClasses } from "../../reference/scan-snap";
import { walk } from "./runs";

const ETA_Y = [0.1, 0.5, 1, 2, 5, 10, 20, 50];
const ETA_Z = [0.25, 0.5, 1, 2, 4];
const RATES = ETA_Y.flatMap((etaY) => ETA_Z.map((etaZ) => ({ etaY, etaZ })));

test.each(RATES)("etaY $etaY, etaZ $etaZ: float64 equals the twin to 1e-9, float32 follows", (rates) => {
  const twin = run(synSmallClasses(), rates, 100);
  const exact = walk(rates);
  const single = walk(rates, { make: learner32 });
  for (let step = 0; step < 100; step++) {
    const loss = exact.losses[step]!;
    expect(Math.abs(loss - twin.losses[step]!)).toBeLessThan(1e-9);
    expect(Math.abs(exact.entropies[step]! - twin.entropies[step]!)).toBeLessThan(1e-9);
    expect(Math.abs(single.losses[step]! - loss)).toBeLessThan(1e-6 + 1e-3 * loss);
    expect(Math.abs(single.entropies[step]! - exact.entropies[step]!)).toBeLessThan(1e-3);
  }
});

/** From an implementation in another language and by another hand. */
const LOSSES = [
  [0, 3.526361],
  [1, 3.057731],
  [2, 2.227717],
  [4, 0.5685929],
  [10, 7.399222e-3],
  [20, 9.211885e-5],
  [50, 8.722949e-6],
  [99, 7.83904e-6],
] as const;
const OWN = [0.006, 0.0124, 0.0195, 0.0279, 0.0382, 0.0512, 0.0681, 0.0906, 0.121, 0.1623];

test.each([
  ["float64", learner64, 1e-5, 0],
  ["float32", learner32, 1e-3, 1e-6],
] as const)("the reference trajectory of Syn-Small at rates 1, %s", (_, make, tolerance, floor) => {
  const { losses, entropies, attention, common } = walk({}, { make });
  for (const [step, loss] of LOSSES) {
    expect(Math.abs(losses[step]! - loss)).toBeLessThan(floor + tolerance * loss);
  }
  const entropyAfter = [
    [4, 2.14907],
    [10, 2.09844],
    [20, 2.02446],
    [50, 1.98092],
    [100, 1.978993],
  ] as const;
  for (const [updates, H] of entropyAfter)
    expect(Math.abs(entropies[updates - 1]! / H - 1)).toBeLessThan(tolerance);
  for (const c of attention) {
    for (const [i, value] of OWN.entries()) expect(Math.abs(c[10 + i]! - value)).toBeLessThan(6e-5);
    for (const value of c.subarray(0, 10)) expect(Math.abs(value - 0.04029)).toBeLessThan(6e-6);
  }
  for (const mass of common) expect(Math.abs(mass - 0.402883)).toBeLessThan(1e-5);
});

test("common mass on the way", () => {
  const at = (steps: number) => walk({}, { steps }).common[0]!;
  for (const [steps, mass] of [
    [4, 0.64161],
    [10, 0.56393],
    [20, 0.46103],
    [50, 0.40554],
  ] as const)
    expect(Math.abs(at(steps) / mass - 1)).toBeLessThan(1e-5);
});

test.each([
  [0.1, 2, 2.276],
  [0.5, 6, 2.2095],
  [1, 9, 2.1674],
])("Adam at rate %f attends most to its own token %i", (rate, winner, entropy) => {
  for (const make of [learner64, learner32]) {
    const { attention, entropy: H } = walk({ etaY: rate, etaZ: rate, optimizer: "adam" }, { make });
    const own = attention[0]!.subarray(10);
    expect(own.indexOf(Math.max(...own))).toBe(winner);
    if (make === learner64) expect(Math.abs(H - entropy)).toBeLessThan(1e-4);
  }
});

test("population mode draws nothing, minibatch mode does", () => {
  expect(walk({}, { steps: 1 }).losses[0]).toBeCloseTo(Math.log(34), 12);
  expect(() => walk({ mode: "minibatch" }, { steps: 1 })).toThrow("draws nothing");
});
