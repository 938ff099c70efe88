// Factorized Dense Synthesizer: N = a b logits from two short vectors A and B of each token.
//
//     a = 3, b = 2, N = 6          j      0  1  2  3  4  5
//     tile-repeat                  A      A0 A1 A2 A0 A1 A2      all six pairs
//                                  B      B0 B0 B0 B1 B1 B1
//     tile-tile                    B      B0 B1 B0 B1 B0 B1      lcm(a, b) pairs: for a = b = 4 only 4 of 16
//
// Transposed, B is that of the source: S_ij = A_i[j mod a] B_j[i mod b] (Su 2020, kexue.fm/archives/7430), an interaction of tokens again.
import type { FactorMap } from "../ops/logits";
import { factorLogits } from "../ops/logits";
import type { Tensor } from "../tensor/tensor";
import { RowCache } from "./cache";
import { Hidden } from "./dense-synthesizer";
import type { Options } from "./options";
import type { ScoreContext, Scorer, ScorerConfig, ScoreState, ScoreVariant } from "./scorer";
import { expectReach, PositionLinear } from "./tables";

/** Of both factors, so that their product does not begin at 0, where neither has a gradient. */
const FIRST_BIAS = 0.5;

class FactorizedDense implements Scorer {
  readonly hidden: Hidden;
  readonly a: PositionLinear;
  readonly b: PositionLinear;
  readonly #map: FactorMap;
  readonly #context: number;
  readonly #heads: number;

  constructor(config: ScorerConfig, map: FactorMap) {
    const { heads, context, options, rng } = config;
    const [a, b] = factorSizes(context, options);
    this.hidden = new Hidden(config);
    const factor = (name: string, outputs: number) =>
      new PositionLinear(heads, this.hidden.width, outputs, {
        shared: options.second === "shared",
        bias: options.ownBias === "yes" ? FIRST_BIAS : undefined,
        rng: rng.fork(name),
      });
    this.a = factor("a", a);
    this.b = factor("b", b);
    this.#map = map;
    this.#context = context;
    this.#heads = heads;
  }

  scores(x: Tensor, { run, past, state }: ScoreContext): Tensor {
    const sources = past + x.shape[1]!;
    expectReach("factorized-dense", this.#context, sources);
    const hidden = run.tap("hidden", this.hidden.apply(x));
    const a = this.a.apply(hidden);
    return factorLogits(a, this.b.apply(this.#remembered(hidden, state)), { map: this.#map, past, sources });
  }

  /** Only where B belongs to sources must those of the past be kept. */
  createState(batch: number, capacity: number): ScoreState {
    return this.#map === "transpose"
      ? new RowCache(batch, capacity, this.#heads, this.hidden.width)
      : { release() {} };
  }

  #remembered(hidden: Tensor, state: ScoreState | undefined): Tensor {
    if (!(state instanceof RowCache)) return hidden;
    state.append(hidden);
    return state.copy();
  }
}

/**
 * a and b: as given, or the context's most even factors, a <= b.
 * @throws Error unless a b is the context
 */
export function factorSizes(
  context: number,
  { tile, tiles }: Pick<Options, "tile" | "tiles">,
): [number, number] {
  const a = tile || (tiles ? context / tiles : evenFactor(context));
  const b = tiles || context / a;
  if (!Number.isInteger(a) || !Number.isInteger(b) || a * b !== context) {
    throw new Error(
      `factorized-dense: tile times tiles must be the context of ${context}, got ${tile || "none"} and ${tiles || "none"}`,
    );
  }
  return [a, b];
}

/** The largest divisor up to the root. */
function evenFactor(context: number): number {
  let a = Math.floor(Math.sqrt(context));
  while (context % a !== 0) a -= 1;
  return a;
}

const traits = { hasKeys: false, absolute: true, hasScores: true } as const;

export const factorizedDense: ScoreVariant = {
  paper: "Tay et al. 2021, arXiv:2005.00743: Factorized Dense, A_i[j mod a] B_i[j div a]",
  ...traits,
  create: (config) => new FactorizedDense(config, config.options.factorMap),
};

export const factorizedDenseTransposed: ScoreVariant = {
  paper: "Su 2020, kexue.fm/archives/7430: A_i[j mod a] B_j[i mod b], not the paper's model",
  ...traits,
  create: (config) => new FactorizedDense(config, "transpose"),
};
