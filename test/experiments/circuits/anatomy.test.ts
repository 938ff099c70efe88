// What circuit-anatomy takes away from a model, against sums over paths that leave it out; and the plane of phase-change-pca on made paths.
import { describe, expect, test } from "vitest";
import type { HeadPlace } from "../../../src/analysis/circuits";
import { type Matrix, plus, rowOf } from "../../../src/analysis/matrix";
import { circuitsOf } from "../../../src/analysis/model-circuits";
import { logitsByOrder } from "../../../src/analysis/paths";
import { circuitAnatomy } from "../../../src/experiments/circuit-anatomy";
import { factoringCheck, orderLosses } from "../../../src/experiments/circuit-anatomy/expansion";
import { headAnatomies } from "../../../src/experiments/circuit-anatomy/heads";
import { ablations, patching } from "../../../src/experiments/circuit-anatomy/interventions";
import { type AnatomyTask, anatomyTask } from "../../../src/experiments/circuit-anatomy/task";
import type { AnatomyConfig } from "../../../src/experiments/circuit-anatomy/trial";
import { frozenPatterns } from "../../../src/experiments/circuit-anatomy/watch";
import { planeOf, sweep, turn } from "../../../src/experiments/phase-change/plane";
import type { PhaseChangeTrial } from "../../../src/experiments/phase-change/run";
import { type AttentionOnly, attentionOnly } from "../../../src/models/attention-only";
import { namedTensors } from "../../../src/nn/module";
import { rng } from "../../../src/tensor/rng";
import { floats } from "../../../src/tensor/tensor";

const ROWS = 6;
/** Float32 against float64, mean losses of some 3.5 nats. */
const BOUND = 1e-5;

/** Repeats, with few rows. */
const task: AnatomyTask = (() => {
  const whole = anatomyTask("repeats", { batch: 4, periods: [6, 16] }, rng(2));
  const { inputs, targets, context } = whole.held;
  const held = {
    ...{ context, batch: ROWS },
    inputs: inputs.slice(0, ROWS * context),
    targets: targets.slice(0, ROWS * context),
  };
  return { ...whole, held, repeated: whole.repeated.slice(0, 2), distinct: whole.distinct.slice(0, 2) };
})();

/** Weights twice as large as fresh ones, so that heads say something. */
function model(layers: number): AttentionOnly {
  const made = attentionOnly({ ...task.sizes, width: 16, heads: 2, layers }, rng(3));
  for (const [, x] of namedTensors(made)) floats(x).set(x.values().map((value) => 2 * value));
  return made;
}

/** Mean loss in float64 where the answer stands before, of paths through the chosen heads alone, patterns as they are. */
function knownLoss(made: AttentionOnly, orders: number, chosen?: (head: HeadPlace) => boolean): number {
  const { inputs, targets, context } = task.held;
  const circuits = circuitsOf(made);
  const losses: number[] = [];
  for (let row = 0; row < ROWS; row++) {
    const tokens = inputs.subarray(row * context, (row + 1) * context);
    const logits = logitsByOrder(circuits, tokens, frozenPatterns(made, tokens), chosen)
      .slice(0, orders + 1)
      .reduce<Matrix | undefined>((sum, order) => (sum ? plus(sum, order) : order), undefined)!;
    for (let i = 0; i < context; i++) {
      if (!task.known(row * context + i)) continue;
      const scores = rowOf(logits, i);
      const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
      losses.push(Math.log(sum) - scores[targets[row * context + i]!]!);
    }
  }
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe("silencing", () => {
  test("the heads of the only layer leaves the direct path, patterns kept or free", () => {
    const made = model(1);
    const { base, firstLayer, lastLayer, heads } = ablations(made, task);
    const direct = knownLoss(made, 0);
    expect(Math.abs(base.known - knownLoss(made, 1))).toBeLessThan(BOUND);
    for (const { known } of [firstLayer.full, firstLayer.preserving, lastLayer.full])
      expect(Math.abs(known - direct)).toBeLessThan(BOUND);
    expect(Math.abs(base.known - direct)).toBeGreaterThan(0.01);
    const other = knownLoss(made, 1, ({ head }) => head === 0);
    expect(heads[1]!.name).toBe("L0H1");
    expect(Math.abs(heads[1]!.full.known - other)).toBeLessThan(BOUND);
  });

  test("with patterns kept leaves the paths through the other heads, with patterns free something else", () => {
    const made = model(2);
    const { firstLayer, heads } = ablations(made, task);
    const without = knownLoss(made, 2, ({ layer }) => layer === 1);
    expect(Math.abs(firstLayer.preserving.known - without)).toBeLessThan(BOUND);
    expect(Math.abs(firstLayer.full.known - without)).toBeGreaterThan(0.001);
    const single = knownLoss(made, 2, ({ layer, head }) => layer === 1 || head === 1);
    expect(Math.abs(heads[0]!.preserving.known - single)).toBeLessThan(BOUND);
  });
});

test("values of the embedding alone leave out the virtual heads, and nothing else", () => {
  const made = model(2);
  const { none, value, key, query } = patching(made, task);
  expect(Math.abs(none.known - knownLoss(made, 2))).toBeLessThan(BOUND);
  expect(Math.abs(value.known - knownLoss(made, 1))).toBeLessThan(BOUND);
  expect(Math.abs(value.known - none.known)).toBeGreaterThan(0.001);
  expect(value.prefix).toBe(none.prefix); // patterns are what queries and keys make
  expect(key.prefix).not.toBe(none.prefix);
  expect(query.prefix).not.toBe(none.prefix);
});

test("losses by order end at the loss of the model, and skip-trigrams factor", () => {
  const made = model(1);
  const circuits = circuitsOf(made);
  const { upTo, firstLayer, lastLayer } = orderLosses(made, circuits, task);
  expect(upTo).toHaveLength(2);
  expect(firstLayer).toBeCloseTo(upTo[1]!, 6);
  expect(lastLayer).toBeCloseTo(upTo[1]!, 6);
  const { wrongSigns, ratioError } = factoringCheck(made, circuits, task);
  expect(wrongSigns).toBe(0);
  expect(ratioError).toBeLessThan(1e-6);
});

test("an untrained model has heads without labels, at the level of chance", () => {
  const heads = headAnatomies(attentionOnly({ ...task.sizes, width: 16, heads: 2, layers: 2 }, rng(4)), task);
  expect(heads.map(({ name, labels }) => [name, labels])).toEqual(
    ["L0H0", "L0H1", "L1H0", "L1H1"].map((name) => [name, []]),
  );
  for (const { prefix, matching, layer } of heads) {
    expect(Math.abs(prefix - 0.062)).toBeLessThan(0.02); // four blocks of 12, uniform attention
    expect(matching === null).toBe(layer === 0);
  }
});

test("settings that cannot be measured are refused before any trial", () => {
  const [config] = circuitAnatomy.grid.smoke.configs;
  const refused = (changes: Partial<AnatomyConfig>) => () =>
    circuitAnatomy.check!({ ...config!, ...changes }, {});
  expect(refused({})).not.toThrow();
  expect(refused({ layers: 0 })).toThrow(
    "circuit-anatomy: layers must be a whole number of at least 1, got 0",
  );
  expect(refused({ steps: 0 })).toThrow("circuit-anatomy: steps must be a whole number of at least 1, got 0");
  expect(refused({ heads: 5 })).toThrow("heads must divide width");
  expect(refused({ shortest: 20 })).toThrow("periods must rise and not exceed the symbols, got [20, 16]");
});

describe("the plane of training runs", () => {
  // Points (a, b) of a plane in five dims: one layer goes down, two layers go down, turn at step 50 and sweep.
  const [u, v] = [
    [0.8, 0, 0.6, 0, 0],
    [0, 0.6, 0, 0, -0.8],
  ] as const;
  const trial = (layers: number, smear: "no" | "yes", path: readonly (readonly [number, number])[]) =>
    ({
      ...{ id: "", seed: 0, seconds: 0 },
      config: { layers, smear },
      metrics: {
        loss: 0,
        snapshots: path.map(([a, b], i) => ({
          step: 25 * i,
          likelihoods: u.map((x, j) => a * x + b * v[j]!),
          byIndex: [],
        })),
      },
    }) as unknown as PhaseChangeTrial; // the parts that the plane reads
  const trials = [
    trial(2, "no", [
      [0, 4],
      [2, 2],
      [4, 0],
      [20, 3],
    ]),
    trial(1, "no", [
      [0, 4],
      [2, 2],
      [3, 0],
      [4, -2],
    ]),
  ];

  test("is found, turned so that one layer ends on the right and below", () => {
    const { trajectories, shares } = planeOf(trials)!;
    expect(shares[0]! + shares[1]!).toBeCloseTo(1, 10);
    const [two, one] = trajectories;
    expect(two!.kind).toBe("two layers");
    expect(one!.points.at(-1)!.second).toBeLessThan(0);
    expect(sweep(one!)).toBeGreaterThan(0);
    expect(sweep(two!)).toBeGreaterThan(3 * sweep(one!));
    expect(turn(two!).step).toBe(50);
    expect(turn(two!).back).toBeGreaterThan(2);
    expect(turn(one!)).toEqual({ step: 75, lowest: one!.points[3]!.second, back: 0 });
  });

  test("needs runs of one plain layer", () => {
    expect(planeOf(trials.slice(0, 1))).toBeUndefined();
  });
});
