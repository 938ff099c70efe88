// The models that are exported: one of each family with strong weights, and one that has learned a text.
import { windows } from "../../src/data/batches.ts";
import { grammarText } from "../../src/data/grammar.ts";
import { corpus } from "../../src/data/text.ts";
import { charTokenizer } from "../../src/data/tokenizer.ts";
import { gpt } from "../../src/models/gpt.ts";
import { namedTensors } from "../../src/nn/module.ts";
import { rng } from "../../src/tensor/rng.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { train } from "../../src/train/trainer.ts";

const TEXT = grammarText({ characters: 30_000 });
const sizes = { context: 96, width: 32, layers: 2, heads: 4 };
const llama = { position: "rope", norm: "rmsnorm", mlp: "gated", activation: "silu" };
const configs = {
  gpt2: { bias: true, activation: "gelu-tanh" },
  "gpt2 without biases, untied": { tied: false },
  gpt_neox: { position: "rope", rotaryWidth: 4, residual: "parallel", bias: true },
  "gpt_neox, sequential": { position: "rope", activation: "square-relu" },
  llama: { ...llama, kvHeads: 2, tied: false },
  "llama, llama3": {
    ...llama,
    ropeScaling: "llama3",
    ropeFactor: 4,
    ropeFast: 4,
    trained: 24,
    bias: "attention",
  },
  "llama, yarn": { ...llama, ropeScaling: "yarn", ropeFactor: 4, trained: 24, activation: "relu" },
  qwen2: { ...llama, kvHeads: 1, bias: "query-key-value" },
  mistral: { ...llama, mask: "sliding-window", window: 6 },
};

export const tokenizer = charTokenizer(TEXT);

/** Models by name; their logits have deviations of 1 and more. */
export function strongModels() {
  const vocabulary = tokenizer.vocabulary.length;
  return Object.entries(configs).map(([name, config]) => {
    const model = gpt({ vocabulary, ...sizes, ...config }, rng(3).fork(name));
    for (const [path, x] of namedTensors(model)) {
      // Biases begin at 0 and gains at 1; matrices at a deviation of 0.02, which attention hardly sees.
      const values = floats(x);
      const noise = rng(5).fork(path);
      for (let i = 0; i < values.length; i++) {
        if (/bias$|gain$/.test(path)) values[i] += 0.3 * noise.normal();
        else values[i] *= 12;
      }
    }
    return { name, model };
  });
}

/** A model whose likeliest tokens stand out, as those of trained models do. */
export function trainedModel() {
  const { train: tokens } = corpus(TEXT, { tokenizer });
  const model = gpt({ vocabulary: tokenizer.vocabulary.length, ...sizes, ...llama }, rng(1));
  const batches = windows(tokens, { batch: 8, context: 48, rng: rng(2) });
  const last = [...train(model, { batches, steps: 600, learningRate: 1e-2, clip: 1 })].at(-1);
  return { model, loss: last.loss };
}
