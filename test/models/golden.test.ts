// A tiny gpt trains as PyTorch does in float64: step one's logits and gradients, and the losses of ten AdamW steps.
import { describe, expect, test } from "vitest";
import type { Batch } from "../../src/data/batches";
import { type Gpt, gpt } from "../../src/models/gpt";
import { namedParameters } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, ids, scope } from "../../src/tensor/tensor";
import { adamw } from "../../src/train/optimizer";
import { warmupCosine } from "../../src/train/schedule";
import { train } from "../../src/train/trainer";
import { euclidean, type GoldenTrajectory, relativeL2 } from "./fixture";
import rope from "./fixtures/gpt-rope-gqa-rmsnorm.json";
import tiny from "./fixtures/gpt-tiny.json";

// A plain float32 run of the same trajectories in PyTorch stays within 2e-6 and 5e-7: float32 as such needs no more than this.
const GRADIENT_BOUND = 1e-5; // relative L2 per tensor
const LOSS_BOUND = 1e-5; // nats

const trajectories: Record<string, GoldenTrajectory> = { "gpt-tiny": tiny, "gpt-rope-gqa-rmsnorm": rope };

describe.each(Object.entries(trajectories))("%s", (_, golden) => {
  test("has the parameters of the fixture, by name and shape", () => {
    scope(() => {
      const model = goldenModel(golden);
      const shapes = (tree: Iterable<[string, { readonly shape: readonly number[] }]>) =>
        Object.fromEntries([...tree].map(([name, { shape }]) => [name, [...shape]]));
      expect(shapes(namedParameters(model))).toEqual(shapes(Object.entries(golden.parameters)));
    });
  });

  test("logits and all gradients of step one", () => {
    scope(() => {
      const model = goldenModel(golden);
      const { inputs, targets, batch, context } = goldenBatch(golden, 0);
      const x = ids(inputs, [batch, context]);
      const y = ids(targets, [batch, context]);
      expect(relativeL2(model.logits(x).values(), golden.logits)).toBeLessThanOrEqual(GRADIENT_BOUND);

      const parameters = namedParameters(model);
      const { value, gradients } = valueAndGradients(() => model.loss(x, y), [...parameters.values()]);
      expect(Math.abs(value - golden.losses[0]!)).toBeLessThanOrEqual(LOSS_BOUND);
      const errors = [...parameters.keys()].map((name, index) => [
        name,
        gradientError(golden, name, gradients[index]!.values()),
      ]);
      const wrong = errors.filter(([, error]) => !(Number(error) <= GRADIENT_BOUND));
      expect(wrong).toEqual([]);
    });
  });

  test("losses of ten steps with AdamW, clipping, warm-up and cosine", () => {
    scope(() => {
      const { lr, minimum, warmup, steps, clip, ...moments } = golden.optimizer;
      const model = goldenModel(golden);
      const optimizer = adamw(namedParameters(model), moments);
      const learningRate = warmupCosine({ learningRate: lr, minimum, warmup, steps });
      const metrics = [
        ...train(model, {
          batches: (step) => goldenBatch(golden, step),
          steps,
          learningRate,
          clip,
          optimizer,
        }),
      ];
      optimizer.release();

      const far = metrics.map(({ loss }, step) => Math.abs(loss - golden.losses[step]!));
      expect(far).toHaveLength(10);
      expect(far.filter((error) => !(error <= LOSS_BOUND))).toEqual([]);
    });
  });
});

/** A gpt that starts from the fixture's weights. */
function goldenModel(golden: GoldenTrajectory): Gpt {
  // gpt checks every name and value of its configuration at run time.
  const model = gpt(golden.config as Parameters<typeof gpt>[0], rng(1));
  for (const [name, x] of namedParameters(model)) floats(x).set(golden.parameters[name]?.values ?? []);
  return model;
}

function goldenBatch(golden: GoldenTrajectory, step: number): Batch {
  const { inputs, targets } = golden.batches[step]!;
  return {
    inputs: Int32Array.from(inputs.flat()),
    targets: Int32Array.from(targets.flat()),
    batch: inputs.length,
    context: inputs[0]!.length,
  };
}

/**
 * Relative L2. A bias of the keys adds the same to all logits of a row, which softmax forgets: its exact gradient is zero, so its
 * rounding noise is measured against the gradient of the weights that it stands beside.
 */
function gradientError(golden: GoldenTrajectory, name: string, gradient: Float32Array): number {
  if (!golden.zeroGradients.includes(name)) return relativeL2(gradient, golden.gradients[name]!);
  return euclidean(gradient) / euclidean(golden.gradients[name.replace(/\.bias$/, ".weight")]!);
}
