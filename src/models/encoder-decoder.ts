// A transformer from one sequence to another (Vaswani et al. 2017): blocks over the source, whose tokens all see each other, and blocks
// over the target, which see what came before and ask the source. Self-attention may be any variant; what asks is vanilla, or a table.
import { Attention, type AttentionState } from "../attention/attention";
import { CrossAttention, type CrossKind, crossKinds, type Remembered } from "../attention/cross-attention";
import { positions } from "../attention/position";
import type { Position, PositionScheme } from "../attention/position/position";
import { biasesOf } from "../nn/biases";
import { Embedding } from "../nn/embedding";
import { Mlp } from "../nn/mlp";
import { named } from "../nn/module";
import { type Norm, norms } from "../nn/norm";
import { beginRun, listPaths, type Run, type RunOptions } from "../nn/run";
import { add, addTrailing } from "../ops/arithmetic";
import { crossEntropy } from "../ops/crossentropy";
import { lastToken } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import { ids as idTensor, integers, type Tensor } from "../tensor/tensor";
import { Block } from "./block";
import { type GptConfig, gptConfig } from "./config";
import type { DecodeState, Trainable } from "./model";

export interface EncoderDecoderConfig extends GptConfig {
  /** Source tokens at most; `context` is that of the target. */
  readonly sources: number;
  readonly cross: CrossKind;
  /** The id of padding at the end of sources; -1 for none. */
  readonly pad: number;
}

type Given = Partial<EncoderDecoderConfig> & Pick<EncoderDecoderConfig, "vocabulary">;

const DEVIATION = 0.02;

class DecoderLayer {
  readonly norm1: Norm;
  readonly attention: Attention;
  readonly norm2: Norm;
  readonly cross: CrossAttention;
  readonly norm3: Norm;
  readonly mlp: Mlp;

  constructor(config: EncoderDecoderConfig, layer: number, rng: Rng) {
    const { width, activation, mlpWidth, heads, context, sources, cross } = config;
    const { projections, output, mlp, norms: inNorms } = biasesOf(config.bias);
    const norm = () => norms[config.norm](width, { bias: inNorms, epsilon: config.normEpsilon });
    const deviations = { deviation: DEVIATION, outputDeviation: outputDeviation(config) };
    this.norm1 = norm();
    this.attention = new Attention(
      { ...config, bias: projections, outputBias: output },
      { layer, ...deviations, rng: rng.fork("attention") },
    );
    this.norm2 = norm();
    this.cross = new CrossAttention({
      ...{ kind: cross, width, heads, context, sources, bias: projections, ...deviations },
      rng: rng.fork("cross"),
    });
    this.norm3 = norm();
    this.mlp = new Mlp({
      ...{ width, hidden: mlpWidth, activation, gated: config.mlp === "gated", bias: mlp, ...deviations },
      rng: rng.fork("mlp"),
    });
  }
}

class EncoderDecoderState implements DecodeState {
  readonly layers: readonly AttentionState[];
  readonly remembered: readonly Remembered[];
  length = 0;

  constructor(layers: readonly AttentionState[], remembered: readonly Remembered[]) {
    this.layers = layers;
    this.remembered = remembered;
  }

  release(): void {
    for (const layer of this.layers) layer.release();
    for (const { keys, values } of this.remembered) {
      keys?.release();
      values.release();
    }
  }
}

export class EncoderDecoder implements Trainable {
  readonly token: Embedding;
  readonly sourcePosition: Position;
  readonly position: Position;
  readonly encoder: readonly Block[];
  readonly encoderNorm: Norm;
  readonly decoder: readonly DecoderLayer[];
  readonly norm: Norm;
  readonly #config: EncoderDecoderConfig;

  constructor(config: EncoderDecoderConfig, rng: Rng) {
    const { vocabulary, width, heads, kvHeads, layers, context, sources } = config;
    this.token = new Embedding(vocabulary, width, { deviation: DEVIATION, rng: rng.fork("token") });
    const scheme: PositionScheme = positions[config.position];
    const position = (name: string, reach: number, causal: boolean) =>
      scheme.create({
        causal,
        ...{ width, heads, keyHeads: kvHeads, layers, deviation: DEVIATION, options: config, reach },
        headWidth: width / heads,
        rng: rng.fork(name),
      });
    this.sourcePosition = position("source position", sources, false);
    this.position = position("position", context, true);
    const norm = () =>
      norms[config.norm](width, { bias: biasesOf(config.bias).norms, epsilon: config.normEpsilon });
    const encoding = { ...config, mask: "bidirectional", context: sources } as const;
    this.encoder = Array.from(
      { length: layers },
      (_, layer) =>
        new Block(encoding, {
          ...{ layer, deviation: DEVIATION, outputDeviation: outputDeviation(config) },
          rng: rng.fork("encoder", layer),
        }),
    );
    this.encoderNorm = norm();
    this.decoder = Array.from(
      { length: layers },
      (_, layer) => new DecoderLayer(config, layer, rng.fork("decoder", layer)),
    );
    this.norm = norm();
    this.#config = config;
    named(this);
  }

  get kind(): "encoder-decoder" {
    return "encoder-decoder";
  }

  get config(): EncoderDecoderConfig {
    return this.#config;
  }

  /** Sources [B, S] and targets [B, T] give logits of the next target tokens [B, T, V]. */
  logits(source: Tensor, target: Tensor, options?: RunOptions): Tensor {
    return this.#logits(source, target, this.#begin(options));
  }

  /** The names of all places at which a run can be tapped. */
  get tapPaths(): readonly string[] {
    const token = () => idTensor([0], [1, 1]);
    return listPaths((run) => this.#logits(token(), token(), run));
  }

  /**
   * Mean loss in nats of next target tokens. A row of ids [B, sources + T] is a source, padded to `sources` tokens, and then its target;
   * targets [B, sources + T] stand likewise, those of the source are ignored.
   */
  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor {
    const { sources } = this.#config;
    const [source, target] = [columns(ids, 0, sources), columns(ids, sources)];
    return crossEntropy(this.logits(source, target, options), columns(targets, sources));
  }

  /** What decoding needs for targets of these sources [B, S]. Release it when done. */
  createState(source: Tensor, options?: RunOptions): EncoderDecoderState {
    const [B] = source.shape as [number, number]; // checked by the embedding
    const remembered = this.#remember(source, this.#begin(options));
    for (const { keys, values } of remembered) {
      keys?.keep();
      values.keep();
    }
    const layers = this.decoder.map(({ attention }) => attention.createState(B, this.#config.context));
    return new EncoderDecoderState(layers, remembered);
  }

  /** Adds target tokens [B, T] to the state and gives the logits after the last, [B, V]. */
  next(target: Tensor, state: EncoderDecoderState, options?: RunOptions): Tensor {
    const x = this.#decode(target, state.remembered, this.#begin(options), state);
    return this.#unembed(lastToken(x));
  }

  #begin(options: RunOptions | undefined): Run {
    return beginRun(options, () => this.tapPaths);
  }

  #logits(source: Tensor, target: Tensor, run: Run): Tensor {
    return run.tap("logits", this.#unembed(this.#decode(target, this.#remember(source, run), run)));
  }

  /** The source as each layer of the decoder asks for it. */
  #remember(source: Tensor, run: Run): Remembered[] {
    const { sources, pad } = this.#config;
    const { B, S } = expectShape("encoder-decoder", "source", source, ["B", "S"]);
    expectFits("source", sources, S);
    const all = integers(source);
    const lengths = Array.from({ length: B }, (_, b) => {
      const first = all.subarray(b * S, (b + 1) * S).indexOf(pad);
      return pad < 0 || first < 0 ? S : first;
    });
    const padded = lengths.some((length) => length < S) ? lengths : undefined;
    const inside = padded ? run.padded({ lengths: padded, side: "right" }) : run;
    const embedded = this.token.apply(source);
    const place = this.sourcePosition.embed?.(places(S).at);
    const last = this.encoder.reduce(
      (x, block, layer) =>
        block.apply(x, {
          run: inside.at(`encoder.${layer}`),
          position: this.sourcePosition,
          places: places(S),
        }),
      place ? addTrailing(embedded, place) : embedded,
    );
    const states = this.encoderNorm.apply(last);
    return this.decoder.map(({ cross }) => cross.remember(states, padded));
  }

  #decode(target: Tensor, remembered: readonly Remembered[], run: Run, state?: EncoderDecoderState): Tensor {
    const { context } = this.#config;
    const { T } = expectShape("encoder-decoder", "target", target, ["B", "T"]);
    const past = state?.length ?? 0;
    expectFits("target", context, past + T);
    const { position } = this;
    const all = places(past + T);
    const place = position.embed?.(all.at.subarray(past));
    const embedded = this.token.apply(target);
    const last = this.decoder.reduce(
      (x, { norm1, attention, norm2, cross, norm3, mlp }, layer) => {
        const at = run.at(`decoder.${layer}`);
        const own = attention.apply(norm1.apply(x), {
          ...{ run: at.at("attention"), position, places: all },
          state: state?.layers[layer],
        });
        const heard = add(x, own);
        const asked = cross.apply(norm2.apply(heard), remembered[layer]!, { run: at.at("cross"), past }); // one for each layer
        const told = add(heard, asked);
        return add(told, mlp.apply(norm3.apply(told)));
      },
      place ? addTrailing(embedded, place) : embedded,
    );
    if (state) state.length += T;
    return last;
  }

  #unembed(x: Tensor): Tensor {
    return this.token.unembed(this.norm.apply(x));
  }
}

/**
 * A new model with random weights.
 * @param config at least `vocabulary`; `sources` is the context unless given, `cross` vanilla
 * @throws Error when the configuration is not sound
 */
export function encoderDecoder(
  { sources, cross = "dot-product", pad = -1, ...given }: Given,
  rng: Rng,
): EncoderDecoder {
  const config = gptConfig({ ...given });
  if (!Object.hasOwn(crossKinds, cross)) {
    throw new Error(
      `encoder-decoder: cross must be one of ${Object.keys(crossKinds).join(", ")}, got "${cross}"`,
    );
  }
  const most = sources ?? config.context;
  if (!(Number.isInteger(most) && most >= 1))
    throw new Error(`encoder-decoder: sources must be a whole number of at least 1, got ${most}`);
  if (config.mask !== "causal")
    throw new Error(`encoder-decoder: the mask is that of the target and must be causal, got ${config.mask}`);
  if (config.residual !== "sequential")
    throw new Error(`encoder-decoder: the residual must be sequential, got ${config.residual}`);
  return new EncoderDecoder({ ...config, sources: most, cross, pad }, rng);
}

/** Three halves of a block are added for each layer of the decoder, two in the encoder. */
function outputDeviation({ layers }: GptConfig): number {
  return DEVIATION / Math.sqrt(3 * Math.max(layers, 1));
}

function places(tokens: number) {
  return { at: Float64Array.from({ length: tokens }, (_, i) => i), gap: 1 };
}

function expectFits(what: string, most: number, tokens: number): void {
  if (tokens > most)
    throw new Error(`encoder-decoder: at most ${most} tokens of the ${what} fit, got ${tokens}; shorten it`);
}

/** Columns first..end-1 of ids [B, N]. */
function columns(x: Tensor, first: number, end?: number): Tensor {
  const { B, N } = expectShape("encoder-decoder", "ids", x, ["B", "N"]);
  const all = integers(x);
  const rows = Array.from({ length: B }, (_, b) => [...all.subarray(b * N, (b + 1) * N)].slice(first, end));
  return idTensor(rows.flat(), [B, rows[0]?.length ?? 0]);
}
