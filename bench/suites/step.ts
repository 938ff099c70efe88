// A training step: batch, loss, gradients, AdamW; all that `train` does between two yields.

import { type Gpt, gpt } from "../../src/models/gpt";
import { namedParameters, namedTensors } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { ids, scope } from "../../src/tensor/tensor";
import { train } from "../../src/train/trainer";
import { disagreement } from "../agreement";
import { stepFlops } from "../flops";
import { twinStep } from "../gpt-twin";
import type { Row, Suite } from "../row";
import { type ModelShape, steps } from "../shapes";

/** Different batches, over and over. */
const BATCHES = 16;
/** Small enough that a model can be trained on noise for as long as it takes. */
const LEARNING_RATE = 1e-4;
/** The model that is compared with float64: as many layers as it is worth waiting for. */
const CHECKED = { vocabulary: 11, context: 6, width: 8, heads: 2, layers: 2 } as const;

export const step: Suite = {
  what: "training steps of a gpt of 4 layers, 128 wide, context 64, batch 12: loss, gradients, AdamW",
  rows: (size) => steps[size].map(stepRow),
};

function stepRow(shape: ModelShape & { readonly batch: number }): Row {
  const { name, batch, ...config } = shape;
  return {
    kind: name,
    shape: `context ${config.context}, batch ${batch}`,
    work: { flops: stepFlops(shape), tokens: batch * config.context },
    bound: "arithmetic",
    prepare() {
      const model = gpt(config, rng(1));
      const all = Array.from({ length: BATCHES }, (_, index) => noise(config, batch, index));
      const training = train(model, {
        batches: (done) => all[done % BATCHES]!,
        steps: Number.MAX_SAFE_INTEGER,
        learningRate: LEARNING_RATE,
        clip: 1,
      });
      const run = () => void training.next();
      return {
        run,
        warm: run,
        check: () => scope(() => checkStep()),
        release() {
          training.return();
          for (const x of namedTensors(model).values()) x.release();
        },
      };
    },
  };
}

/** Loss and all gradients of a small model, largest error first. */
function checkStep(): number {
  const model = gpt(CHECKED, rng(2));
  const { inputs, targets, batch, context } = noise(CHECKED, 2, 0);
  const expected = twinStep(model, { inputs, targets, batch });
  const parameters = namedParameters(model);
  const { value, gradients } = valueAndGradients(
    () => model.loss(ids(inputs, [batch, context]), ids(targets, [batch, context])),
    [...parameters.values()],
  );
  const errors = [...parameters.keys()].map((path, index) =>
    disagreement(gradients[index]!.values(), expected.gradients[path]!),
  );
  return Math.max(disagreement([value], [expected.loss]), ...errors);
}

/** Random tokens. */
function noise(
  { vocabulary, context }: Pick<Gpt["config"], "vocabulary" | "context">,
  batch: number,
  seed: number,
) {
  const draws = rng(seed);
  const tokens = () => Int32Array.from({ length: batch * context }, () => draws.integer(vocabulary));
  return { inputs: tokens(), targets: tokens(), batch, context };
}
