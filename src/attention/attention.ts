// The attention layer: values, mixing by a variant's scores, output. It owns what all variants share.
import { Linear } from "../nn/linear";
import type { Run } from "../nn/run";
import { weighValues } from "../ops/attention-products";
import { reshape } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import type { Tensor } from "../tensor/tensor";
import { attentions } from ".";
import { RowCache } from "./cache";
import { outputOf, tapFused } from "./head-taps";
import { addPlaces, paddingOf } from "./padding";
import type { Places } from "./position/places";
import type { Position } from "./position/position";
import { type ChoiceInputs, expectLegal, hasKeys } from "./rules";
import type { Mixer, ScoreContext, Scorer, ScoreState } from "./scorer";
import { type Call, Weigher } from "./weigher";

export interface AttentionConfig extends ChoiceInputs {
  readonly width: number;
  /** Key and value heads; must divide `heads`. */
  readonly kvHeads: number;
  /** Of queries, keys and values, and of the output where that is not said. */
  readonly bias: boolean;
  readonly outputBias?: boolean;
}

export interface AttentionInit {
  /** Which layer of the model this is, from 0. */
  readonly layer: number;
  /** Initial standard deviations of the projections and of the output. */
  readonly deviation: number;
  readonly outputDeviation: number;
  readonly rng: Rng;
}

/** What decoding keeps of the past tokens for one layer. */
export class AttentionState {
  length = 0;
  /** Tokens of the first call. */
  first = 0;
  readonly values: RowCache | undefined;
  readonly scores: ScoreState | undefined;

  constructor(parts: { values: RowCache | undefined; scores: ScoreState | undefined }) {
    this.values = parts.values;
    this.scores = parts.scores;
  }

  /** Adds the past of another state, from token `first` on. Both keep rows of one sequence. */
  take(other: AttentionState, first: number): void {
    for (const part of ["values", "scores"] as const) {
      const [mine, theirs] = [this[part], other[part]];
      if (mine instanceof RowCache && theirs instanceof RowCache) mine.append(theirs.copy(first));
      else if (mine || theirs) throw new Error("attention: only rows can be taken over, got sums");
    }
    this.length += other.length - first;
  }

  release(): void {
    this.values?.release();
    this.scores?.release();
  }
}

export interface AttentionInputs {
  readonly run: Run;
  readonly position: Position;
  /** Of all sources: the tokens in `state` and those of x. */
  readonly places: Places;
  readonly state?: AttentionState | undefined;
}

export class Attention {
  readonly scores: Scorer | Mixer;
  readonly value: Linear;
  readonly output: Linear;
  readonly #config: AttentionConfig;
  readonly #headWidth: number;
  readonly #weigher: Weigher;
  readonly #hasKeys: boolean;

  /** @throws Error when the configuration's choices do not go together */
  constructor(config: AttentionConfig, { layer, deviation, outputDeviation, rng }: AttentionInit) {
    expectLegal("attention", config);
    const { width, heads, kvHeads, bias, context, scale, mask, normalizer } = config;
    const headWidth = width / heads;
    const shared = { options: config, layer, heads, headWidth, context };
    this.#weigher = new Weigher({ ...shared, scale, mask, normalizer });
    this.scores = attentions[config.attention].create({
      ...shared,
      width,
      keyHeads: kvHeads,
      bias,
      deviation,
      scale: this.#weigher.factor,
      rng: rng.fork("scores"),
    });
    this.value = new Linear(width, kvHeads * headWidth, { bias, deviation, rng: rng.fork("value") });
    this.output = new Linear(heads * headWidth, width, {
      bias: config.outputBias ?? bias,
      deviation: outputDeviation,
      rng: rng.fork("output"),
    });
    this.#config = config;
    this.#hasKeys = hasKeys(config);
    this.#headWidth = headWidth;
  }

  /**
   * @param x [B, T, C], the T tokens after those in `state`, which are added to it
   * @returns [B, T, C]
   */
  apply(x: Tensor, inputs: AttentionInputs): Tensor {
    const { B, T } = expectShape("attention", "x", x, ["B", "T", "C"]);
    const { run, position, places, state } = inputs;
    const { kvHeads, prefix } = this.#config;
    const past = state?.length ?? 0;
    const sources = past + T;
    const padding = paddingOf(run, this.#config, { batch: B, sources, position, decoding: !!state });
    const valued = run.tap("value-input", x);
    const v = run.tap("value", reshape(this.value.apply(valued), [B, T, kvHeads, this.#headWidth]));
    state?.values?.append(v);
    if (state && past === 0) state.first = T;
    const place = (input: Tensor) => addPlaces(input, { position, part: "embedScores", places, padding });
    const [asking, answering] = [
      run.tap("query-input", x),
      this.#hasKeys ? run.tap("key-input", x) : undefined,
    ];
    const context: ScoreContext = {
      ...{ run: run.at("scores"), position, places, past, state: state?.scores },
      ...(answering && answering !== asking && { keyed: place(answering) }),
    };
    const call: Call = {
      ...{ run, position, places, batch: B, tokens: T, sources, padding },
      prefix: state ? Math.min(prefix, state.first) : prefix,
    };
    const mixed = run.tap("mixed", this.#mix(place(asking), state?.values?.rows ?? v, call, context));
    if (state) state.length += T;
    return outputOf(run, mixed, this.output);
  }

  /** What one sequence of decoding needs for `batch` rows of up to `capacity` tokens. Release it when done. */
  createState(batch: number, capacity: number): AttentionState {
    return new AttentionState({
      values:
        "scores" in this.scores
          ? new RowCache(batch, capacity, this.#config.kvHeads, this.#headWidth)
          : undefined,
      scores: this.scores.createState?.(batch, capacity),
    });
  }

  #mix(x: Tensor, values: Tensor, call: Call, context: ScoreContext): Tensor {
    const { run, batch, tokens, sources } = call;
    const { heads } = this.#config;
    if ("mixAll" in this.scores) {
      const { causal } = this.#weigher;
      return this.scores.mixAll(x, values, { causal, padding: call.padding }, context);
    }
    const given = run.given("weights", [batch, heads, tokens, sources]);
    // Unless somebody hears what weights come from, or a cache waits for keys, given ones need nothing else.
    const heard = context.state || run.wantsInside("scores") || run.wants("logits");
    if (given && !heard && !run.wantsInside("weights")) return weighValues(given, values);
    const fused = this.#weigher.fused(call);
    if (fused && this.scores.mix)
      return tapFused(run, heads, this.scores.mix(x, values, fused, context), values);
    return weighValues(this.#weigher.weights(this.scores.scores(x, context), call), values);
  }
}
