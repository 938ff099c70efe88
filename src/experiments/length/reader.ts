// The smallest model in which one row of attention does all the work: a learned query reads a sequence once, through any scale and
// normaliser of the zoo.
//
//     x = rmsnorm(E[ids]),  o = sum over j of weight_j(q0 W_q . x_j W_k) x_j W_v,  logits = rmsnorm(q0 + o) W + b

import type { NormalizerName } from "../../attention/normalizer";
import { completeOptions } from "../../attention/options";
import type { ScaleName } from "../../attention/scale";
import { Weigher } from "../../attention/weigher";
import type { Trainable } from "../../models/model";
import { Embedding } from "../../nn/embedding";
import { Linear } from "../../nn/linear";
import { parameter } from "../../nn/module";
import { type Norm, norms } from "../../nn/norm";
import { Run, type RunOptions } from "../../nn/run";
import { add } from "../../ops/arithmetic";
import { queryKey, weighValues } from "../../ops/attention-products";
import { crossEntropy } from "../../ops/crossentropy";
import { normal } from "../../ops/random";
import { repeat, reshape } from "../../ops/view";
import type { Rng } from "../../tensor/rng";
import { expectShape } from "../../tensor/shape";
import { ids as idTensor, integers, type Tensor } from "../../tensor/tensor";

export interface ReaderConfig {
  readonly vocabulary: number;
  readonly outputs: number;
  readonly width: number;
  /** Tokens of a training sequence, which scales and divisors compare with. */
  readonly trained: number;
  readonly scale: ScaleName;
  readonly normalizer: NormalizerName;
}

const EPSILON = 1e-6;
/** Of embeddings and the query at first, as in BERT and GPT-2. */
const DEVIATION = 0.02;

export class Reader implements Trainable {
  readonly token: Embedding;
  readonly asked: Tensor; // q0 [1, C]
  readonly norm1: Norm;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly norm2: Norm;
  readonly head: Linear;
  readonly #width: number;
  readonly #weigher: Weigher;

  constructor({ vocabulary, outputs, width, trained, scale, normalizer }: ReaderConfig, rng: Rng) {
    const deviation = 1 / Math.sqrt(width);
    const linear = (name: string, to: number, bias: boolean) =>
      new Linear(width, to, { bias, deviation, rng: rng.fork(name) });
    const norm = () => norms.rmsnorm(width, { bias: false, epsilon: EPSILON });
    this.token = new Embedding(vocabulary, width, { deviation: DEVIATION, rng: rng.fork("token") });
    this.asked = parameter(normal([1, width], { deviation: DEVIATION, rng: rng.fork("asked") }));
    this.norm1 = norm();
    this.query = linear("query", width, false);
    this.key = linear("key", width, false);
    this.value = linear("value", width, false);
    this.norm2 = norm();
    this.head = linear("head", outputs, true);
    this.#width = width;
    this.#weigher = new Weigher({
      ...{ scale, normalizer, mask: "bidirectional", layer: 0, heads: 1, headWidth: width },
      context: trained,
      options: completeOptions("reader", { trained }),
    });
  }

  /** ids [B, T] give logits [B, outputs]; the tap `weights` sees [B, 1, 1, T]. */
  logits(ids: Tensor, options: RunOptions = {}): Tensor {
    const { B, T } = expectShape("reader", "ids", ids, ["B", "T"]);
    const C = this.#width;
    const x = this.norm1.apply(this.token.apply(ids));
    const heads = (y: Tensor, tokens: number) => reshape(y, [B, tokens, 1, C]);
    const asked = repeat(this.asked, B);
    const q = heads(this.query.apply(asked), 1);
    const scores = queryKey(q, heads(this.key.apply(x), T), this.#weigher.factor);
    const weights = this.#weigher.weights(scores, {
      ...{ run: new Run(options), position: {}, batch: B, tokens: 1, sources: T },
      places: { at: Float64Array.from({ length: T }, (_, i) => i), gap: 1 },
    });
    const read = reshape(weighValues(weights, heads(this.value.apply(x), T)), [B, C]);
    return this.head.apply(this.norm2.apply(add(asked, read)));
  }

  /** Targets [B, T], of which the last of each sequence counts. */
  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor {
    return crossEntropy(this.logits(ids, options), lastOfEach(targets));
  }
}

/** [B, T] gives [B]. */
export function lastOfEach(targets: Tensor): Tensor {
  const { T } = expectShape("reader", "targets", targets, ["B", "T"]);
  return idTensor(integers(targets).filter((_, i) => i % T === T - 1));
}
