// A training step that several libraries take: the same weights, batches and expected losses, in one file.
import { readFileSync, writeFileSync } from "node:fs";
import { gpt } from "../../src/models/gpt";
import { namedParameters } from "../../src/nn/module";
import { init } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { adamw } from "../../src/train/optimizer";
import { train } from "../../src/train/trainer";
import { disagreement } from "../agreement";
import { ADAMW, STEP } from "./peer";

const STEPS = 3;
const BATCHES = 4;

export interface StepFixture {
  readonly shape: typeof STEP;
  readonly optimizer: typeof ADAMW;
  /** Row-major values by path; matrices are [inputs, outputs]. */
  readonly parameters: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >;
  /** Token ids [batch, context], taken in turn. */
  readonly batches: readonly { readonly inputs: readonly number[]; readonly targets: readonly number[] }[];
  /** Losses of the first steps, by heed's portable build, whose steps agree with float64 (bench/suites/step.ts). */
  readonly losses: readonly number[];
}

/** Makes the fixture in this realm, which gets the portable build. */
export async function writeStepFixture(path: string): Promise<void> {
  await init({ build: "portable", threads: 1 });
  const { name: _, batch, ...config } = STEP;
  const model = gpt(config, rng(1));
  const parameters = Object.fromEntries(
    [...namedParameters(model)].map(([name, x]) => [name, { shape: x.shape, values: [...x.values()] }]),
  );
  const batches = Array.from({ length: BATCHES }, (_, seed) => {
    const draws = rng(seed);
    const tokens = () =>
      Array.from({ length: batch * config.context }, () => draws.integer(config.vocabulary));
    return { inputs: tokens(), targets: tokens() };
  });
  const losses = [...trainOn(model, batches, STEPS)].map(({ loss }) => loss);
  const fixture: StepFixture = { shape: STEP, optimizer: ADAMW, parameters, batches, losses };
  writeFileSync(path, JSON.stringify(fixture));
}

export function readStepFixture(path: string): StepFixture {
  return JSON.parse(readFileSync(path, "utf8")) as StepFixture; // written by the function above
}

/** heed's trainer on the fixture's batches. */
export function trainOn(
  model: ReturnType<typeof gpt>,
  batches: StepFixture["batches"],
  steps = Number.MAX_SAFE_INTEGER,
) {
  const { learningRate, ...options } = ADAMW;
  return train(model, {
    batches: (done) => {
      const { inputs, targets } = batches[done % batches.length]!;
      const { batch, context } = STEP;
      return { inputs: Int32Array.from(inputs), targets: Int32Array.from(targets), batch, context };
    },
    steps,
    learningRate,
    optimizer: adamw(namedParameters(model), options),
  });
}

export function lossError({ losses }: StepFixture, actual: readonly number[]): number {
  return disagreement(actual.slice(0, losses.length), losses);
}
