// The transformer of the paper's runs on text (arXiv:2305.16380, section 8; PyTorch's stock encoder layer with a causal mask): one head,
// post-norm, ReLU, sinusoidal positions added to sqrt(C) times the embedding, and a decoder of its own with a bias. Unlike heed's gpt in
// each of these; a token may attend to itself, unlike in the theory.

import { pow } from "../../math/pow";
import { cos, sin } from "../../math/trig";
import type { LanguageModel } from "../../models/model";
import { RecomputeState, recompute } from "../../models/recompute";
import { Linear } from "../../nn/linear";
import { Mlp } from "../../nn/mlp";
import { named, parameter } from "../../nn/module";
import { type Norm, norms } from "../../nn/norm";
import { beginRun, listPaths, type Run, type RunOptions } from "../../nn/run";
import { add, addTrailing, scale } from "../../ops/arithmetic";
import { attention, attentionWeights } from "../../ops/attention";
import { crossEntropy } from "../../ops/crossentropy";
import { embedding } from "../../ops/embedding";
import { linear } from "../../ops/matmul";
import { dropout, full, uniform } from "../../ops/random";
import { reshape } from "../../ops/view";
import type { Rng } from "../../tensor/rng";
import { expectShape } from "../../tensor/shape";
import { ids as idTensor, type Tensor, tensor } from "../../tensor/tensor";

export interface TextModelConfig {
  readonly vocabulary: number;
  readonly context: number;
  /** C, and channels inside the MLPs. */
  readonly width: number;
  readonly layers: number;
  readonly dropout: number;
}

/** Half the range of the uniform embedding and decoder at the start. */
const REACH = 0.1;
const POSITION_BASE = 10000;

class EncoderLayer {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly norm1: Norm;
  readonly mlp: Mlp;
  readonly norm2: Norm;
  readonly #width: number;
  readonly #dropout: number;

  constructor({ width, dropout: rate }: TextModelConfig, rng: Rng) {
    // The variances of PyTorch's starts: Xavier over the joined [3C, C] projection, and U(+-1/sqrt(C)) elsewhere.
    const [joined, alone] = [Math.sqrt(1 / (2 * width)), Math.sqrt(1 / (3 * width))];
    const square = (name: string, deviation: number) =>
      new Linear(width, width, { bias: true, deviation, rng: rng.fork(name) });
    this.query = square("query", joined);
    this.key = square("key", joined);
    this.value = square("value", joined);
    this.output = square("output", alone);
    this.norm1 = norms.layernorm(width, { bias: true, epsilon: 1e-5 });
    const mlp = { width, hidden: width, activation: "relu", bias: true } as const;
    this.mlp = new Mlp({ ...mlp, deviation: alone, outputDeviation: alone, rng: rng.fork("mlp") });
    this.norm2 = norms.layernorm(width, { bias: true, epsilon: 1e-5 });
    this.#width = width;
    this.#dropout = rate;
  }

  /** x [B, T, C] gives [B, T, C]. */
  apply(x: Tensor, run: Run): Tensor {
    const middle = this.norm1.apply(
      add(x, this.#drop(this.#attend(x, run.at("attention")), run.at("attention"))),
    );
    return this.norm2.apply(add(middle, this.#drop(this.mlp.apply(middle), run.at("mlp"))));
  }

  #attend(x: Tensor, run: Run): Tensor {
    const { B, T } = expectShape("scan-snap-text", "x", x, ["B", "T", this.#width]);
    const one = (part: Linear) => reshape(part.apply(x), [B, T, 1, this.#width]);
    const [q, k, v] = [one(this.query), one(this.key), one(this.value)];
    const options = { scale: 1 / Math.sqrt(this.#width), causal: true };
    const { mixed, lse } = attention(q, k, v, options);
    if (run.wants("weights")) run.tap("weights", attentionWeights(q, k, lse, options));
    return this.output.apply(reshape(mixed, [B, T, this.#width]));
  }

  #drop(x: Tensor, run: Run): Tensor {
    return run.rng ? dropout(x, this.#dropout, run.rng) : x;
  }
}

export class TextModel implements LanguageModel {
  readonly token: Tensor; // [V, C]
  readonly blocks: readonly EncoderLayer[];
  readonly decoder: { readonly weight: Tensor; readonly bias: Tensor }; // [C, V], [V]
  readonly #config: TextModelConfig;
  readonly #places: Float32Array; // [context, C]

  constructor(config: TextModelConfig, rng: Rng) {
    const { vocabulary, width, layers, context } = config;
    const start = (shape: readonly number[], name: string) =>
      parameter(uniform(shape, { low: -REACH, high: REACH, rng: rng.fork(name) }));
    this.token = start([vocabulary, width], "token");
    this.blocks = Array.from({ length: layers }, (_, i) => new EncoderLayer(config, rng.fork("blocks", i)));
    this.decoder = { weight: start([width, vocabulary], "decoder"), bias: parameter(full([vocabulary], 0)) };
    this.#config = config;
    this.#places = sinusoids(context, width);
    named(this);
  }

  get kind(): "encoder" {
    return "encoder";
  }

  get config(): TextModelConfig {
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
    const { T } = expectShape("scan-snap-text", "ids", ids, ["B", "T"]);
    const { context, width, dropout: rate } = this.#config;
    if (T > context)
      throw new Error(
        `scan-snap-text: at most ${context} tokens fit the context, got ${T}; shorten the input`,
      );
    const places = tensor(this.#places.subarray(0, T * width), [T, width], "positions");
    const embedded = addTrailing(scale(embedding(this.token, ids), Math.sqrt(width)), places);
    const start = run.at("token").rng;
    const x = this.blocks.reduce(
      (stream, block, i) => block.apply(stream, run.at(`blocks.${i}`)),
      start ? dropout(embedded, rate, start) : embedded,
    );
    return linear(x, this.decoder.weight, this.decoder.bias);
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

/** sin and cos of t / 10000^(2i/C) in turn (Vaswani et al. 2017, section 3.5). */
function sinusoids(context: number, width: number): Float32Array {
  return Float32Array.from({ length: context * width }, (_, at) => {
    const [t, c] = [Math.floor(at / width), at % width];
    const angle = t / pow(POSITION_BASE, (c - (c % 2)) / width);
    return c % 2 === 0 ? sin(angle) : cos(angle);
  });
}
