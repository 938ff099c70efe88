// Training does not grow memory: not over steps, not over models, not with sampling in between.
import { expect, test } from "vitest";
import { generate } from "../../src/models/generate";
import { gpt } from "../../src/models/gpt";
import { parameters } from "../../src/nn/module";
import { heap, info } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { ids, scope } from "../../src/tensor/tensor";
import { evaluate } from "../../src/train/evaluate";
import { train } from "../../src/train/trainer";
import { batches, config, tokens } from "./task";

const memory = () => ({ bytes: info().memoryBytes, live: heap().liveBytes });
const options = { batches: batches(), learningRate: 1e-2, clip: 1, rng: rng(2) };

test("500 steps leave memory where it was after step 5", () => {
  scope(() => {
    const model = gpt(config, rng(1));
    let settled = memory();
    let last = Number.NaN;
    for (const { step, loss } of train(model, { ...options, steps: 500 })) {
      if (step === 5) settled = memory();
      if (step > 5 && step % 45 === 0) expect(memory()).toEqual(settled);
      last = loss;
    }
    // It did train: the next token is one of two.
    expect(last).toBeLessThan(1.5);
    expect(info().memoryBytes).toBe(settled.bytes);
  });
});

test("training with sampling in between does as well, and both do what they do alone", () => {
  const prompt = [1, 3, 5];
  const sampling = { maxTokens: 20, temperature: 1 };
  const straight = scope(() => {
    const model = gpt(config, rng(1));
    return [...train(model, { ...options, steps: 40 })];
  });
  scope(() => {
    const model = gpt(config, rng(1));
    let settled = memory();
    const mixed = [];
    let sampled = generate(model, prompt, { ...sampling, rng: rng(5) });
    for (const metrics of train(model, { ...options, steps: 40 })) {
      mixed.push(metrics);
      // One generator is left open over several steps, others are dropped half done or run to the end.
      if (sampled.next().done) sampled = generate(model, prompt, { ...sampling, rng: rng(metrics.step) });
      for (const _ of generate(model, prompt, { ...sampling, rng: rng(6) }))
        if (metrics.step % 3 === 0) break;
      if (metrics.step !== 20) continue;
      expect([...generate(model, prompt, { ...sampling, rng: rng(6) })]).toHaveLength(sampling.maxTokens);
      settled = memory();
    }
    sampled.return();
    expect(mixed).toEqual(straight);
    expect(info().memoryBytes).toBe(settled.bytes);
  });
  const before = heap().liveBytes;
  scope(() => {
    const model = gpt(config, rng(1));
    const sampled = generate(model, prompt, { ...sampling, rng: rng(5) });
    for (let i = 0; i < 5; i++) sampled.next();
    sampled.return();
  });
  expect(heap().liveBytes).toBe(before);
});

test("200 models made, trained, sampled, evaluated and dropped in scopes leave nothing", () => {
  let settled = memory();
  for (let i = 0; i < 200; i++) {
    scope(() => {
      const model = gpt(config, rng(i));
      const steps = [...train(model, { ...options, steps: 2 })];
      expect(steps).toHaveLength(2);
      if (i % 10 === 0) {
        expect([...generate(model, [1], { maxTokens: 10, rng: rng(i) })]).toHaveLength(10);
        expect(evaluate(model, tokens(50)).natsPerToken).toBeGreaterThan(0);
      }
    });
    if (i === 0) settled = memory();
  }
  expect(memory()).toEqual(settled);
});

test("a training loop that is left early gives its optimiser back", () => {
  const before = heap().liveBytes;
  scope(() => {
    const model = gpt(config, rng(1));
    const held = heap().liveBytes;
    for (const { step } of train(model, { ...options, steps: 100 })) if (step === 3) break;
    expect(heap().liveBytes).toBe(held);
    const failing = train(model, {
      ...options,
      steps: 100,
      batches: () => ({ ...options.batches(0), batch: 3 }),
    });
    expect(() => failing.next()).toThrow("ids: [3,8] holds 24 values, got 32");
    expect(heap().liveBytes).toBe(held);
  });
  expect(heap().liveBytes).toBe(before);
});

test("a model that a scope returns stays whole", () => {
  const before = heap().liveBytes;
  const model = scope(() => gpt(config, rng(1)));
  expect(
    scope(() =>
      model
        .logits(ids([1, 2, 3], [1, 3]))
        .values()
        .every(Number.isFinite),
    ),
  ).toBe(true);
  for (const parameter of parameters(model)) parameter.release();
  expect(heap().liveBytes).toBe(before);
});
