// The one-layer model of Scan and Snap in its original parameters (Tian et al. 2023, arXiv:2305.16380, eq. 1): embedding U, W_Q, W_K, W_V.
// A token attends to those before it, not to itself, and nothing but what it attends to reaches the decoder.
//
//     b = softmax over the sources before of  u_x W_Q (u_source W_K)^T / sqrt(C)
//     logits = normalised(sum b u_source) W_V U^T
//
// With orthonormal rows of U this is (Y, Z) form: Y = U W_V U^T and Z = U W_Q W_K^T U^T / sqrt(C).
import { Embedding } from "../nn/embedding";
import { Linear } from "../nn/linear";
import { named } from "../nn/module";
import { beginRun, listPaths, type Run, type RunOptions } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { queryKey, weighValues } from "../ops/attention-products";
import { crossEntropy } from "../ops/crossentropy";
import { rmsnorm } from "../ops/norm";
import { full } from "../ops/random";
import { softmax } from "../ops/softmax";
import { reshape } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import { ids as idTensor, type Tensor, tensor } from "../tensor/tensor";
import type { LanguageModel } from "./model";
import { RecomputeState, recompute } from "./recompute";

export interface OneLayerConfig {
  /** M */
  readonly vocabulary: number;
  /** Tokens at most in one sequence, the query included. */
  readonly context: number;
  /** C; the vocabulary's size makes room for orthonormal embeddings. */
  readonly width: number;
}

/** Keeps the first token, which attends to nothing, at 0 instead of 0/0; far below any other mean square. */
const EPSILON = 1e-12;

export class OneLayer implements LanguageModel {
  readonly token: Embedding; // U [M, C]
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly #config: OneLayerConfig;

  constructor(config: OneLayerConfig, rng: Rng) {
    const { vocabulary, width } = config;
    const deviation = 1 / Math.sqrt(width);
    this.token = new Embedding(vocabulary, width, { deviation, rng: rng.fork("token") });
    const square = (name: string) =>
      new Linear(width, width, { bias: false, deviation, rng: rng.fork(name) });
    this.query = square("query");
    this.key = square("key");
    this.value = square("value");
    this.#config = config;
    named(this);
  }

  get kind(): "one-layer" {
    return "one-layer";
  }

  get config(): OneLayerConfig {
    return this.#config;
  }

  get firstPrediction(): number {
    return 0;
  }

  get tapPaths(): readonly string[] {
    return listPaths((run) => this.#logits(idTensor([0], [1, 1]), run));
  }

  logits(ids: Tensor, options?: RunOptions): Tensor {
    return this.#logits(
      ids,
      beginRun(options, () => this.tapPaths),
    );
  }

  #logits(ids: Tensor, run: Run): Tensor {
    const { B, T } = expectShape("one-layer", "ids", ids, ["B", "T"]);
    const { context, width: C } = this.#config;
    if (T > context)
      throw new Error(`one-layer: at most ${context} tokens fit the context, got ${T}; shorten the input`);
    const x = this.token.apply(ids);
    const heads = (y: Tensor) => reshape(y, [B, T, 1, C]);
    const scores = queryKey(heads(this.query.apply(x)), heads(this.key.apply(x)), 1 / Math.sqrt(C));
    const weights = run.tap("attention.weights", softmax(addTrailing(scores, onlyBefore(T))));
    const mixed = reshape(weighValues(weights, heads(x)), [B, T, C]);
    const normalized = rmsnorm(mixed, full([C], 1 / Math.sqrt(C)), EPSILON);
    return run.tap("logits", this.token.unembed(this.value.apply(normalized)));
  }

  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor {
    return crossEntropy(this.logits(ids, options), targets);
  }

  createState(batch: number): RecomputeState {
    return new RecomputeState(batch);
  }

  next(ids: Tensor, state: RecomputeState, options?: RunOptions): Tensor {
    return recompute(this, ids, state, options);
  }
}

/**
 * A new model with random weights of deviation 1/sqrt(C).
 * @throws Error unless vocabulary, context (2 at least: a source and the query) and width are whole numbers
 */
export function oneLayer(config: OneLayerConfig, rng: Rng): OneLayer {
  for (const [key, least] of Object.entries({ vocabulary: 2, context: 2, width: 1 })) {
    const value = config[key as keyof OneLayerConfig]; // its own key
    if (!(Number.isInteger(value) && value >= least))
      throw new Error(`one-layer: ${key} must be a whole number of at least ${least}, got ${value}`);
  }
  return new OneLayer(config, rng);
}

/** [T, T]: 0 where the source stands before the query, else -infinity. */
function onlyBefore(T: number): Tensor {
  const additive = Float32Array.from({ length: T * T }, (_, at) =>
    at % T < Math.floor(at / T) ? 0 : Number.NEGATIVE_INFINITY,
  );
  return tensor(additive, [T, T], "mask");
}
