// Type-checked against the installed declarations, with and without a bundler's resolution: the types resolve and mean something.
import { corpus, type Gpt, gpt, init, rng, type StepMetrics, train, windows } from "heed";
import { type Complex, FactoredMatrix, matrix } from "heed/analysis";
import { type AttentionShape, type OneCall, oneCall } from "heed/one-call";

const shape: AttentionShape = { heads: 1, tokens: 2, width: 2, causal: true };
const functions: OneCall = await oneCall();
export const out: Float32Array = functions.softmax(new Float32Array(shape.tokens), 1, shape.tokens);
// @ts-expect-error a shape needs its width
functions.attention(out, out, out, { heads: 1, tokens: 2 });

const tall = new FactoredMatrix(matrix(3, 1, [1, 2, 3]), matrix(1, 3, [3, 2, 1]));
export const eigenvalues: Complex[] = tall.eigenvalues();
// @ts-expect-error its rank is read, not set
tall.rank = 2;

await init({ build: "portable" });
const { tokenizer, train: tokens } = corpus("abcabc");
const model: Gpt = gpt({ vocabulary: tokenizer.vocabulary.length, position: "rope" }, rng(1));
// @ts-expect-error there is no such attention
gpt({ vocabulary: 2, attention: "no-such-attention" }, rng(1));
const batches = windows(tokens, { batch: 1, context: 2, rng: rng(2) });
export const steps: StepMetrics[] = [...train(model, { batches, steps: 1, learningRate: 1e-3 })];
