// Tables by position are a group of parameters: a learning rate of their own, and no decay. A fixed table is no parameter at all.
import { expect, test } from "vitest";
import { gpt } from "../../src/models/gpt";
import { namedParameters, namedTensors, parameter, table } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { tensor } from "../../src/tensor/tensor";
import { loadModel, saveModel } from "../../src/train/checkpoint";
import { adamw, optimizers } from "../../src/train/optimizer";
import { train } from "../../src/train/trainer";
import { batches, config } from "./task";

const OPTIONS = { learningRate: 1e-2, gradientScale: 1 };

test.each([
  ["adamw", 15, undefined],
  ["adamw", 4, 4],
  ["adamw", 0, 0],
  ["sgd", 15, undefined],
  ["sgd", 3, 3],
] as const)("%s moves a table %i times as far, and does not decay it", (name, factor, tableRate) => {
  const values = [1, -2, 3, 4];
  const step = (mark: typeof table, options: { weightDecay: number; tableRate?: number }, rate: number) => {
    const x = mark(tensor(values, [2, 2]));
    const optimizer = optimizers[name](new Map([["x", x]]), options);
    optimizer.step([tensor([0.5, -0.25, 1, 2], [2, 2])], { ...OPTIONS, learningRate: rate });
    return x.values();
  };
  const given = tableRate === undefined ? {} : { tableRate };
  const moved = step(table, { weightDecay: 0.5, ...given }, 1e-2);
  expect(moved).toEqual(step(parameter, { weightDecay: 0 }, 1e-2 * factor));
  expect(step(parameter, { weightDecay: 0.5, ...given }, 1e-2)).not.toEqual(
    step(parameter, { weightDecay: 0 }, 1e-2),
  );
});

test.each([
  ["all", 0.5, 0.5],
  ["matrices", 1, 1],
] as const)(
  "with decays %s and no gradient a vector keeps %d of itself and a table %d",
  (decays, vector, matrix) => {
    const values = [1, -2, 3, 4];
    const left = (x: ReturnType<typeof tensor>) => {
      const optimizer = adamw(new Map([["x", x]]), { weightDecay: 0.5, decays, tableRate: 1 });
      optimizer.step([tensor([0, 0, 0, 0], x.shape)], { learningRate: 1, gradientScale: 1 });
      return Array.from(x.values());
    };
    expect(left(parameter(tensor(values, [4])))).toEqual(values.map((value) => vector * value));
    expect(left(table(tensor(values, [2, 2])))).toEqual(values.map((value) => matrix * value));
  },
);

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("a table rate of %d is refused", (tableRate) => {
  expect(() => adamw(new Map(), { tableRate })).toThrow(
    `optimizer: tableRate must be a number of at least 0, got ${tableRate}`,
  );
});

test("which parameters of a mixture of all synthesizers are tables", () => {
  const members =
    "random-synthesizer,factorized-random,dense-synthesizer,factorized-dense,dot-product,fixed-random";
  const model = gpt({ ...config, layers: 1, position: "learned", attention: "mixture", members }, rng(1));
  const tables = [...namedParameters(model)].filter(([, x]) => x.group === "tables").map(([path]) => path);
  const scores = "blocks.0.attention.scores";
  expect(tables.sort()).toEqual(
    [
      `${scores}.lambda`,
      `${scores}.members.0.table`,
      `${scores}.members.1.left`,
      `${scores}.members.1.right`,
      `${scores}.members.2.second.bias`,
      `${scores}.members.3.a.bias`,
      `${scores}.members.3.b.bias`,
    ].sort(),
  );
  expect([...namedTensors(model).keys()]).toContain(`${scores}.members.5.table`);
  expect([...namedParameters(model).keys()]).not.toContain(`${scores}.members.5.table`);
});

test("U14: after 100 steps with decay a fixed table has its bits, and so it has in a checkpoint", () => {
  const model = gpt({ ...config, position: "learned", attention: "fixed-random" }, rng(1));
  const path = "blocks.1.attention.scores.table";
  const fixed = namedTensors(model).get(path)!;
  const before = fixed.values();
  const value = model.blocks[1]!.attention.value.weight.values();
  const optimizer = adamw(namedParameters(model), { weightDecay: 0.5 });
  const steps = [...train(model, { batches: batches(), steps: 100, learningRate: 1e-2, optimizer })];
  optimizer.release();
  expect(steps).toHaveLength(100);
  expect(model.blocks[1]!.attention.value.weight.values()).not.toEqual(value);
  expect(fixed.values()).toEqual(before);
  // A table of deviation 1, not the almost even one of small numbers.
  expect(Math.sqrt(before.reduce((sum, x) => sum + x * x, 0) / before.length)).toBeCloseTo(1, 0);
  const loaded = loadModel(saveModel(model));
  expect(namedTensors(loaded).get(path)!.values()).toEqual(before);
});
