// A gated attention unit (Hua et al. 2022, arXiv:2202.10447): attention and MLP in one, O = (U ∘ A V) W_o with a single head.

import type { AttentionInputs } from "../attention/attention";
import { AttentionState } from "../attention/attention";
import { RowCache } from "../attention/cache";
import { compare, keyShares } from "../attention/compare";
import { addPlaces, paddingOf } from "../attention/padding";
import { Weigher } from "../attention/weigher";
import { Linear } from "../nn/linear";
import { parameter } from "../nn/module";
import { type Norm, norms } from "../nn/norm";
import { silu } from "../ops/activation";
import { add, addTrailing, multiply } from "../ops/arithmetic";
import { weighValues } from "../ops/attention-products";
import { multiplyTrailing } from "../ops/broadcast";
import { dropout, full } from "../ops/random";
import { reshape } from "../ops/view";
import { expectShape } from "../tensor/shape";
import type { Tensor } from "../tensor/tensor";
import type { BlockInit, DecoderBlock } from "./decoder";
import type { GauConfig } from "./gau-config";

/** z times a gain plus an offset per channel: how queries and keys come from the same z. */
class ScaleOffset {
  readonly gain: Tensor; // [s]
  readonly offset: Tensor; // [s]

  constructor(width: number) {
    this.gain = parameter(full([width], 1));
    this.offset = parameter(full([width], 0));
  }

  apply(z: Tensor): Tensor {
    return addTrailing(multiplyTrailing(z, this.gain), this.offset);
  }
}

export class GauUnit implements DecoderBlock {
  readonly norm: Norm;
  readonly gate: Linear;
  readonly value: Linear;
  readonly base: Linear;
  readonly query: ScaleOffset;
  readonly key: ScaleOffset;
  /** Of smeared keys. */
  readonly shares?: Tensor; // [1]
  readonly output: Linear;
  readonly #config: GauConfig;
  readonly #weigher: Weigher;

  constructor(config: GauConfig, { layer, rng }: BlockInit) {
    const { width, innerWidth, keyWidth, bias, layers, scale, mask, normalizer, context } = config;
    const deviation = 1 / Math.sqrt(width);
    const linear = (name: string, outputs: number) =>
      new Linear(width, outputs, { bias, deviation, rng: rng.fork(name) });
    this.norm = norms[config.norm](width, { bias, epsilon: config.normEpsilon });
    this.gate = linear("gate", innerWidth);
    this.value = linear("value", innerWidth);
    this.base = linear("base", keyWidth);
    this.query = new ScaleOffset(keyWidth);
    this.key = new ScaleOffset(keyWidth);
    const shares = keyShares(config, 1);
    if (shares) this.shares = shares;
    this.output = new Linear(innerWidth, width, {
      bias,
      deviation: 1 / Math.sqrt(innerWidth * Math.max(layers, 1)),
      rng: rng.fork("output"),
    });
    this.#config = config;
    this.#weigher = new Weigher({
      ...{ scale, mask, normalizer, layer, context },
      options: config,
      heads: 1,
      headWidth: keyWidth,
    });
  }

  apply(given: Tensor, inputs: AttentionInputs): Tensor {
    const { run } = inputs;
    const before = this.#config.placement === "pre";
    const x = run.tap("input", given);
    const changed = run.tap("attention.output", this.unit(before ? this.norm.apply(x) : x, inputs));
    const dropped = run.rng ? dropout(changed, this.#config.dropout, run.rng) : changed;
    const sum = add(x, dropped);
    return run.tap("output", before ? sum : this.norm.apply(sum));
  }

  /** x [B, T, C] gives [B, T, C], without norm and residual. */
  unit(x: Tensor, inputs: AttentionInputs): Tensor {
    const { B, T } = expectShape("gau", "x", x, ["B", "T", "C"]);
    const { run: outer, position, places, state } = inputs;
    const run = outer.at("attention");
    const { innerWidth, keyWidth, prefix } = this.#config;
    const past = state?.length ?? 0;
    const sources = past + T;
    const choice = { ...this.#config, attention: "dot-product" } as const; // what its scores are
    const padding = paddingOf(run, choice, { batch: B, sources, position, decoding: !!state });
    const u = run.tap("gate", silu(this.gate.apply(x)));
    const valued = run.tap("value-input", x);
    const v = run.tap("value", reshape(silu(this.value.apply(valued)), [B, T, 1, innerWidth]));
    state?.values?.append(v);
    if (state && past === 0) state.first = T;
    const shared = (input: Tensor) =>
      silu(this.base.apply(addPlaces(input, { position, part: "embedScores", places, padding })));
    const [asking, answering] = [run.tap("query-input", x), run.tap("key-input", x)];
    const asked = shared(asking);
    const q = reshape(this.query.apply(asked), [B, T, 1, keyWidth]);
    const answered = answering === asking ? asked : shared(answering);
    const k = reshape(this.key.apply(answered), [B, T, 1, keyWidth]);
    const context = { run: run.at("scores"), position, places, past, state: state?.scores };
    const scores = compare(q, k, this.#weigher.factor, context, this.shares);
    const weights = this.#weigher.weights(scores, {
      ...{ run, position, places, batch: B, tokens: T, sources, padding },
      prefix: state ? Math.min(prefix, state.first) : prefix,
    });
    const mixed = run.tap(
      "mixed",
      reshape(weighValues(weights, state?.values?.rows ?? v), [B, T, innerWidth]),
    );
    if (state) state.length += T;
    return this.output.apply(multiply(u, mixed));
  }

  createState(batch: number, capacity: number): AttentionState {
    const { innerWidth, keyWidth } = this.#config;
    return new AttentionState({
      values: new RowCache(batch, capacity, 1, innerWidth),
      scores: new RowCache(batch, capacity, 1, keyWidth),
    });
  }
}
