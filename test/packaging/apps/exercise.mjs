// What every fixture app does with heed, copied beside its entry file: one-call attention and its gradient on numbers that the
// runner can check, then ten steps of training on a short text. `modules` stands in for compiling from bytes.
import { corpus, gpt, info, init, rng, train, windows } from "heed";
import { oneCall } from "heed/one-call";
import { arrays, shape } from "./numbers.mjs";

export async function exercise(modules = {}) {
  const { attention, attentionGrad } = await oneCall(modules.oneCall ? { module: modules.oneCall } : {});
  const [q, k, v, dOut] = [arrays.q, arrays.k, arrays.v, arrays.dOut].map(
    (values) => new Float32Array(values),
  );
  const out = attention(q, k, v, shape);
  const { dq, dk, dv } = attentionGrad(q, k, v, dOut, shape);

  await init(modules.kernels ? { module: modules.kernels } : {});
  const { tokenizer, train: tokens } = corpus(
    "the cat sat on the mat and the dog sat on the log. ".repeat(8),
  );
  const model = gpt(
    { vocabulary: tokenizer.vocabulary.length, context: 16, width: 32, layers: 1, heads: 2 },
    rng(1),
  );
  const batches = windows(tokens, { batch: 8, context: 16, rng: rng(2) });
  const losses = [];
  for (const { loss } of train(model, { batches, steps: 10, learningRate: 1e-2 })) losses.push(loss);

  return { out: [...out], grads: [...dq, ...dk, ...dv], losses, runs: info().reason };
}
