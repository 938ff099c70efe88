// A task for small models: a seeded sequence of tokens with something to learn, and a gpt with every part that training touches.
import { type Batch, windows } from "../../src/data/batches";
import type { GptConfig } from "../../src/models/config";
import { rng } from "../../src/tensor/rng";

export const VOCABULARY = 11;

/** Small, with dropout, RoPE, biases, grouped keys and an untied unembedding. */
export const config: Partial<GptConfig> & Pick<GptConfig, "vocabulary"> = {
  vocabulary: VOCABULARY,
  context: 8,
  width: 16,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  position: "rope",
  bias: true,
  tied: false,
  dropout: 0.1,
};

/** Counts up by two or three. */
export function tokens(length = 400): Int32Array {
  const draws = rng(3);
  let token = 0;
  return Int32Array.from({ length }, () => {
    token = (token + 2 + draws.integer(2)) % VOCABULARY;
    return token;
  });
}

export function batches(batch = 4, context = 8): (step: number) => Batch {
  return windows(tokens(), { batch, context, rng: rng(4) });
}
