// Reads the golden trajectories that scripts/fixtures/golden.py writes: types, float32 values and distances.
import * as v from "valibot";

const numbers = v.array(v.number());
const whole = v.pipe(v.number(), v.integer());
const ids = v.array(v.array(whole)); // [B, T]

const trajectory = v.strictObject({
  config: v.strictObject({
    vocabulary: whole,
    context: whole,
    width: whole,
    layers: whole,
    heads: whole,
    kvHeads: whole,
    mlpWidth: whole,
    norm: v.picklist(["layernorm", "rmsnorm"]),
    activation: v.picklist(["gelu", "silu"]),
    position: v.picklist(["learned", "rope"]),
    tied: v.boolean(),
    bias: v.boolean(),
    normEpsilon: v.number(),
    attention: v.literal("dot-product"),
    dropout: v.literal(0),
  }),
  optimizer: v.strictObject({
    kind: v.literal("adamw"),
    lr: v.number(),
    minimum: v.number(),
    warmup: whole,
    steps: whole,
    beta1: v.number(),
    beta2: v.number(),
    epsilon: v.number(),
    weightDecay: v.number(), // of tensors with two or more dimensions; the others have none
    clip: v.number(), // of the global gradient norm
  }),
  batches: v.array(v.strictObject({ inputs: ids, targets: ids })), // one per step
  losses: numbers, // mean nats per token, each before its update
  gradientNorms: numbers, // over all parameters, before clipping
  parameters: v.record(v.string(), v.strictObject({ shape: v.array(whole), values: numbers })), // before step one
  gradients: v.record(v.string(), numbers), // of step one, before clipping
  zeroGradients: v.array(v.string()), // exactly zero in theory, so that a relative distance means nothing
  logits: numbers, // of step one, [B, T, V]
  finalNorms: v.record(v.string(), v.number()), // of the parameters after the last step
});

const operation = v.strictObject({
  name: v.string(),
  options: v.record(v.string(), v.union([v.number(), v.boolean(), numbers])),
  inputs: v.record(v.string(), v.strictObject({ shape: v.array(whole), values: numbers })),
  dy: v.strictObject({ shape: v.array(whole), values: numbers }),
  y: numbers,
  gradients: v.record(v.string(), numbers), // of sum(y dy), for every input
});

const updates = v.strictObject({
  name: v.string(),
  options: v.record(v.string(), v.union([v.number(), numbers])),
  parameter: numbers,
  steps: v.array(numbers), // the gradient of each step
  after: v.array(numbers), // the parameter after each step
});

const operations = v.strictObject({ cases: v.array(operation), optimizers: v.array(updates) });

export type GoldenTrajectory = v.InferOutput<typeof trajectory>;
export type GoldenOperation = v.InferOutput<typeof operation>;
export type GoldenUpdates = v.InferOutput<typeof updates>;

/** gpt-tiny.json or gpt-rope-gqa-rmsnorm.json, checked. */
export function readTrajectory(json: unknown): GoldenTrajectory {
  return v.parse(trajectory, json);
}

/** ops.json, checked. */
export function readOperations(json: unknown): v.InferOutput<typeof operations> {
  return v.parse(operations, json);
}

/** |actual - expected| / |expected| in the Euclidean norm, in float64. */
export function relativeL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  return distance(actual, expected) / length(expected);
}

/** |actual - expected| in the Euclidean norm. Different sizes throw: a missing tail must not pass. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`relativeL2: sizes must match, got ${actual.length} and ${expected.length}`);
  }
  return length(Array.from(expected, (value, i) => actual[i]! - value));
}

export function length(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return Math.sqrt(sum);
}
