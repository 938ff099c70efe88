// The backstop: models, optimisers and decode states that nobody releases return their memory when they are collected.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { generate } from "../../src/models/generate";
import { gpt } from "../../src/models/gpt";
import { heap, info } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { train } from "../../src/train/trainer";
import { batches, config } from "./task";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Collects, and lets finalizers run, until no more than `bytes` are live: which turn that takes is the host's choice. */
async function settle(bytes: number): Promise<void> {
  for (let turn = 0; turn < 50 && heap().liveBytes > bytes; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Makes a model outside of every scope, uses it, and drops all of it with the trainer and a sampler still open. */
function use(seed: number): void {
  const model = gpt(config, rng(seed));
  train(model, { batches: batches(), steps: 10, learningRate: 1e-3 }).next();
  generate(model, [1], { maxTokens: 10, rng: rng(1) }).next();
}

test("200 models dropped without a scope leave no memory behind", async () => {
  await settle(0);
  const before = heap().liveBytes;
  use(0);
  const each = heap().liveBytes - before;
  expect(each).toBeGreaterThan(10_000);
  await settle(before);
  expect(heap().liveBytes).toBe(before);
  let settled = 0;
  for (let i = 1; i < 200; i++) {
    use(i);
    if (i % 40 === 0) await settle(before);
    if (i === 80) settled = info().memoryBytes;
  }
  await settle(before);
  expect(heap().liveBytes).toBe(before);
  expect(info().memoryBytes).toBe(settled);
});
