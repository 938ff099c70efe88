// What all kinds of language models have around their blocks: embedding, positions, final norm, unembedding, decoding.
import type { AttentionInputs, AttentionState } from "../attention/attention";
import { type Mask, masks } from "../attention/mask";
import { addPlaces } from "../attention/padding";
import { createPosition, type PlacementConfig, placesOf } from "../attention/position/placement";
import type { Position } from "../attention/position/position";
import { futureRefusal } from "../attention/rules";
import { Embedding } from "../nn/embedding";
import { Linear } from "../nn/linear";
import type { Norm } from "../nn/norm";
import { beginRun, listPaths, type Run, type RunOptions } from "../nn/run";
import { crossEntropy } from "../ops/crossentropy";
import { dropout } from "../ops/random";
import { lastToken } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import { ids as idTensor, integers, type Tensor } from "../tensor/tensor";
import { DecoderState } from "./decoder-state";
import type { LanguageModel } from "./model";

/** The settings that all kinds of models have. */
export interface DecoderConfig extends PlacementConfig {
  readonly vocabulary: number;
  readonly tied: boolean;
  readonly dropout: number;
}

export interface BlockInit {
  /** Which layer of the model this is, from 0. */
  readonly layer: number;
  readonly rng: Rng;
}

export interface DecoderBlock {
  /** x [B, T, C] gives [B, T, C]. */
  apply(x: Tensor, inputs: AttentionInputs): Tensor;
  createState(batch: number, capacity: number): AttentionState;
}

export interface DecoderInit<Block> {
  /** Channels of a head of queries and keys. */
  readonly headWidth: number;
  /** Initial standard deviation of embeddings and unembeddings. */
  readonly deviation: number;
  /** And of position tables, where it is another. */
  readonly positionDeviation?: number;
  /** Before the unembedding. */
  readonly norm: Norm;
  readonly rng: Rng;
  readonly block: (init: BlockInit) => Block;
}

export abstract class Decoder<Config extends DecoderConfig, Block extends DecoderBlock>
  implements LanguageModel
{
  abstract get kind(): string;
  readonly token: Embedding;
  readonly position: Position;
  readonly blocks: readonly Block[];
  readonly norm: Norm;
  readonly unembedding?: Linear;
  readonly #config: Config;
  #tapPaths: readonly string[] | undefined;

  constructor(config: Config, init: DecoderInit<Block>) {
    const { headWidth, deviation, positionDeviation, norm, rng, block } = init;
    const { vocabulary, width, layers } = config;
    this.token = new Embedding(vocabulary, width, { deviation, rng: rng.fork("token") });
    this.position = createPosition(config, {
      headWidth,
      deviation: positionDeviation ?? deviation,
      rng: rng.fork("position"),
    });
    this.blocks = Array.from({ length: layers }, (_, layer) =>
      block({ layer, rng: rng.fork("blocks", layer) }),
    );
    this.norm = norm;
    if (!config.tied) {
      this.unembedding = new Linear(width, vocabulary, {
        bias: false,
        deviation,
        rng: rng.fork("unembedding"),
      });
    }
    this.#config = config;
  }

  get config(): Config {
    return this.#config;
  }

  get firstPrediction(): number {
    const { prefix } = this.#config;
    const mask: Mask = masks[this.#config.mask];
    return mask.hidesFuture === "after-prefix" ? Math.max(0, prefix - 1) : 0;
  }

  get tapPaths(): readonly string[] {
    this.#tapPaths ??= listPaths((run) => this.#logits(idTensor([0], [1, 1]), run));
    return this.#tapPaths;
  }

  logits(ids: Tensor, options?: RunOptions): Tensor {
    return this.#logits(ids, this.#begin(options));
  }

  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor {
    this.#expectFuture();
    return crossEntropy(this.logits(ids, options), predicted(targets, this.firstPrediction));
  }

  createState(batch: number, capacity = this.#config.context): DecoderState {
    this.#expectFuture();
    return new DecoderState(this.blocks.map((block) => block.createState(batch, capacity)));
  }

  next(ids: Tensor, state: DecoderState, options?: RunOptions): Tensor {
    const given = this.#begin(options);
    const padding = state.padding(given.padding, ids.shape[1] ?? 0);
    const run = padding ? given.padded(padding) : given;
    const x = lastToken(this.#residual(ids, run, state));
    return run.tap("logits", this.unembed(x));
  }

  #begin(options: RunOptions | undefined): Run {
    return beginRun(options, () => this.tapPaths);
  }

  #logits(ids: Tensor, run: Run): Tensor {
    return run.tap("logits", this.unembed(this.#residual(ids, run)));
  }

  /** What a residual stream [..., C] says of the next token, [..., V]: final norm and unembedding. */
  unembed(stream: Tensor): Tensor {
    const normalized = this.norm.apply(stream);
    return this.unembedding?.apply(normalized) ?? this.token.unembed(normalized);
  }

  /** The residual stream after the last block, [B, T, C]. */
  #residual(ids: Tensor, run: Run, state?: DecoderState): Tensor {
    const { T } = expectShape(this.kind, "ids", ids, ["B", "T"]);
    const { context } = this.#config;
    const reach = state?.reach(T) ?? T;
    if (reach > context) {
      throw new Error(
        `${this.kind}: at most ${context} tokens fit the context, got ${reach}; shorten the input`,
      );
    }
    const { rng } = run.at("index");
    const places = state?.places(this.#config, T, rng) ?? placesOf(this.#config, T, rng);
    const embedded = run.tap("token", this.token.apply(ids));
    const start = run.at("token");
    const first = addPlaces(embedded, {
      ...{ position: this.position, part: "embed", places },
      padding: run.padding,
    });
    const dropped = start.rng ? dropout(first, this.#config.dropout, start.rng) : first;
    const { position } = this;
    const last = this.blocks.reduce(
      (x, block, layer) =>
        block.apply(x, { run: run.at(`blocks.${layer}`), position, places, state: state?.layers[layer] }),
      dropped,
    );
    state?.advance(T);
    return run.tap("stream", last);
  }

  #expectFuture(): void {
    const why = futureRefusal(this.#config.mask);
    if (why !== undefined) throw new Error(`${this.kind}: ${why}`);
  }
}

/** Targets [B, T] of which the first of each sequence are ignored. */
function predicted(targets: Tensor, first: number): Tensor {
  if (first === 0) return targets;
  const T = targets.shape.at(-1)!; // crossEntropy checks the shape
  return idTensor(
    integers(targets).map((target, i) => (i % T < first ? -1 : target)),
    targets.shape,
  );
}
