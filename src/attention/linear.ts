// Linear attention: features of queries and keys take the place of exp(q k), so that sums over sources can be kept running. It is the
// baseline that the others are compared with. It has no scores, no weights, and a normaliser of its own.
import { Linear } from "../nn/linear";
import { relu } from "../ops/activation";
import { add, scale } from "../ops/arithmetic";
import { scaleRows } from "../ops/broadcast";
import { linearAttention, linearAttentionState } from "../ops/linear-attention";
import { exp } from "../ops/row-norms";
import { reshape } from "../ops/view";
import { type Tensor, tensor } from "../tensor/tensor";
import type { Mixer, MixerTerms, ScoreContext, ScorerConfig, ScoreState, Variant } from "./scorer";
import { real } from "./visibility";

type Features = (x: Tensor) => Tensor;

/** elu(x) + 1: e^x up to 0, x + 1 beyond. */
const eluPlusOne: Features = (x) => add(exp(scale(relu(scale(x, -1)), -1)), relu(x));

/** Sums over the past instead of its rows. */
class RunningSums implements ScoreState {
  readonly sums: Tensor;

  constructor(batch: number, heads: number, width: number) {
    this.sums = linearAttentionState(batch, heads, width).keep();
  }

  release(): void {
    this.sums.release();
  }
}

class LinearMixer implements Mixer {
  readonly query: Linear;
  readonly key: Linear;
  readonly #config: ScorerConfig;
  readonly #features: Features;

  constructor(config: ScorerConfig, features: Features) {
    const { width, heads, keyHeads, headWidth, bias, deviation, rng } = config;
    this.query = new Linear(width, heads * headWidth, { bias, deviation, rng: rng.fork("query") });
    this.key = new Linear(width, keyHeads * headWidth, { bias, deviation, rng: rng.fork("key") });
    this.#config = config;
    this.#features = features;
  }

  createState(batch: number): RunningSums {
    return new RunningSums(batch, this.#config.heads, this.#config.headWidth);
  }

  mixAll(x: Tensor, values: Tensor, { causal, padding }: MixerTerms, context: ScoreContext): Tensor {
    const { run, position, places, past, state, keyed = x } = context;
    const { heads, keyHeads, headWidth } = this.#config;
    const [B, T] = x.shape as [number, number, number]; // checked by the layer
    const at = places.at.subarray(past);
    const place = (name: string, projected: Tensor, count: number) => {
      const split = run.tap(name, reshape(projected, [B, T, count, headWidth]));
      return position.rotate?.(split, at) ?? split;
    };
    const q = this.#features(scale(place("query", this.query.apply(x), heads), this.#config.scale));
    const k = this.#features(place("key", this.key.apply(keyed), keyHeads));
    // What is no token adds nothing to the sums.
    const counted = (row: number) => {
      const [b, t] = [Math.floor(row / (T * keyHeads)), Math.floor(row / keyHeads) % T];
      return !padding || real(padding, b, past + t, past + T) ? 1 : 0;
    };
    const factors = Float32Array.from({ length: B * T * keyHeads }, (_, row) => counted(row));
    const keys = padding ? scaleRows(k, tensor(factors, [factors.length], "padding")) : k;
    const sums = state instanceof RunningSums ? { state: state.sums } : {};
    return linearAttention(q, keys, values, { causal, ...sums });
  }
}

const shared = {
  hasKeys: true,
  absolute: false,
  hasScores: false,
} as const;

export const linearElu: Variant = {
  paper: "Katharopoulos et al. 2020, Transformers are RNNs, arXiv:2006.16236: features elu + 1",
  ...shared,
  create: (config) => new LinearMixer(config, eluPlusOne),
};

export const linearExp: Variant = {
  paper: "Katharopoulos et al. 2020, Transformers are RNNs, arXiv:2006.16236: features exp",
  ...shared,
  create: (config) => new LinearMixer(config, exp),
};
