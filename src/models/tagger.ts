// A transformer that labels every token: an encoder where its mask is bidirectional, and a language model where it is causal and the
// labels are the next tokens. The blocks are gpt's; the input may be padded, and a token may be the sum of several ids.
import { addPlaces } from "../attention/padding";
import { createPosition, placesOf } from "../attention/position/placement";
import type { Position } from "../attention/position/position";
import { biasesOf } from "../nn/biases";
import { Embedding } from "../nn/embedding";
import { Linear } from "../nn/linear";
import { named } from "../nn/module";
import { type Norm, norms } from "../nn/norm";
import { beginRun, listPaths, type Padding, type Run, type RunOptions } from "../nn/run";
import { crossEntropy } from "../ops/crossentropy";
import { matmul } from "../ops/matmul";
import { dropout, full } from "../ops/random";
import { reshape } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import { ids as idTensor, integers, type Tensor } from "../tensor/tensor";
import { Block } from "./block";
import { type GptConfig, gptConfig } from "./config";
import type { Trainable } from "./model";

export interface TaggerConfig extends GptConfig {
  /** Labels. */
  readonly outputs: number;
  /** The id of padding at the end of sequences; -1 for none. */
  readonly pad: number;
  /** Ids that are one token together, beside one another. */
  readonly fields: number;
}

type Given = Partial<TaggerConfig> & Pick<TaggerConfig, "vocabulary" | "outputs">;

/** Initial deviations of embeddings: token and position are told apart at once, and together have about unit size. */
const TOKEN_DEVIATION = 0.71;
const POSITION_DEVIATION = 0.5;

export class Tagger implements Trainable {
  readonly token: Embedding;
  readonly position: Position;
  readonly blocks: readonly Block[];
  readonly norm: Norm;
  readonly head: Linear;
  readonly #config: TaggerConfig;

  constructor(config: TaggerConfig, rng: Rng) {
    const { vocabulary, width, heads, layers, outputs } = config;
    // PyTorch's for linear layers.
    const deviation = 1 / Math.sqrt(3 * width);
    this.token = new Embedding(vocabulary, width, { deviation: TOKEN_DEVIATION, rng: rng.fork("token") });
    this.position = createPosition(config, {
      headWidth: width / heads,
      deviation: POSITION_DEVIATION,
      rng: rng.fork("position"),
    });
    this.blocks = Array.from(
      { length: layers },
      (_, layer) =>
        new Block(config, {
          ...{ layer, deviation, outputDeviation: deviation, attentionBias: false },
          rng: rng.fork("blocks", layer),
        }),
    );
    this.norm = norms[config.norm](width, {
      bias: biasesOf(config.bias).norms,
      epsilon: config.normEpsilon,
    });
    this.head = new Linear(width, outputs, { bias: true, deviation, rng: rng.fork("head") });
    this.#config = config;
    named(this);
  }

  get kind(): "tagger" {
    return "tagger";
  }

  get config(): TaggerConfig {
    return this.#config;
  }

  /** The names of all places at which a run can be tapped. */
  get tapPaths(): readonly string[] {
    const { fields } = this.#config;
    const token = Array.from({ length: fields }, () => 0);
    return listPaths((run) => this.#logits(idTensor(token, [1, fields]), run));
  }

  /** ids [B, T], or [B, T fields], give logits of labels [B, T, outputs]. */
  logits(ids: Tensor, options?: RunOptions): Tensor {
    return this.#logits(
      ids,
      beginRun(options, () => this.tapPaths),
    );
  }

  #logits(ids: Tensor, given: Run): Tensor {
    const { fields, context, dropout: rate } = this.#config;
    const { B, T: count } = expectShape("tagger", "ids", ids, ["B", "T"]);
    const T = count / fields;
    if (!Number.isInteger(T) || T > context) {
      throw new Error(
        `tagger: at most ${context} tokens of ${fields} ids fit the context, got ${count} ids; shorten the input`,
      );
    }
    const padding = given.padding ?? this.#padding(ids, B, T);
    const run = padding ? given.padded(padding) : given;
    const tokens = run.tap("token", this.#embed(ids, B, T));
    const places = placesOf(this.#config, T, run.at("index").rng);
    const { position } = this;
    const placed = addPlaces(tokens, { position, part: "embed", places, padding });
    const { rng } = run.at("token");
    const last = this.blocks.reduce(
      (x, block, layer) => block.apply(x, { run: run.at(`blocks.${layer}`), position, places }),
      rng ? dropout(placed, rate, rng) : placed,
    );
    return run.tap("logits", this.head.apply(this.norm.apply(last)));
  }

  /** Targets stand as ids do: that of a token at its first id, the others are ignored. */
  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor {
    return crossEntropy(this.logits(ids, options), this.#firstOfEach(targets));
  }

  #embed(ids: Tensor, B: number, T: number): Tensor {
    const { fields, width } = this.#config;
    const each = this.token.apply(ids); // [B, T fields, C]
    if (fields === 1) return each;
    // The sum over fields as a product with ones: [1, F] by [B T, F, C].
    const ones = full([B * T, 1, fields], 1);
    return reshape(matmul(ones, reshape(each, [B * T, fields, width])), [B, T, width]);
  }

  /** Lengths where some sequence is shorter than the others' tensor; sequences alike share what does not depend on them. */
  #padding(ids: Tensor, B: number, T: number): Padding | undefined {
    const { pad, fields } = this.#config;
    if (pad < 0) return undefined;
    const all = integers(ids);
    const lengths = Array.from({ length: B }, (_, b) => {
      let length = T;
      while (length > 0 && all[(b * T + length - 1) * fields] === pad) length -= 1;
      return length;
    });
    return lengths.every((length) => length === T) ? undefined : { lengths, side: "right" };
  }

  #firstOfEach(targets: Tensor): Tensor {
    const { fields } = this.#config;
    if (fields === 1) return targets;
    const [B, count] = targets.shape as [number, number]; // like ids, which were checked
    const first = integers(targets).filter((_, i) => i % fields === 0);
    return idTensor(first, [B, count / fields]);
  }
}

/**
 * A new model with random weights: a pre-norm encoder with learned positions and biases everywhere but in its attention.
 * @throws Error when the configuration is not sound
 */
export function tagger({ outputs, pad = -1, fields = 1, ...given }: Given, rng: Rng): Tagger {
  const config = gptConfig({ mask: "bidirectional", activation: "relu", bias: true, tied: false, ...given });
  for (const [name, value] of Object.entries({ outputs, fields })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`tagger: ${name} must be a whole number of at least 1, got ${value}`);
  }
  return new Tagger({ ...config, outputs, pad, fields }, rng);
}
