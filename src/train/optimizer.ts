// Optimisers own their moments, one per parameter, named for checkpoints. A step is one kernel call per parameter.
import { pow } from "../math/pow";
import { full } from "../ops/random";
import { kernels } from "../runtime/instance";
import { sameShape, show } from "../tensor/shape";
import { floats, type Tensor } from "../tensor/tensor";

export interface StepOptions {
  readonly learningRate: number;
  /** Factor on every gradient, below 1 when clipped. */
  readonly gradientScale: number;
}

export interface Optimizer {
  /** Changes the parameters in place by their gradients, both in the order of the constructor's map. */
  step(gradients: readonly Tensor[], options: StepOptions): void;
  /** Steps taken. */
  readonly steps: number;
  /** Moments by name, `first.blocks.0.mlp.up.weight`: views of what the optimiser owns. */
  state(): Map<string, Tensor>;
  /** Continues from a saved state. Throws when a name or shape differs. */
  restore(
    steps: number,
    state: ReadonlyMap<string, { shape: readonly number[]; data: ArrayLike<number> }>,
  ): void;
  release(): void;
}

/** How tables by position are treated apart from other parameters: they do not decay, and learn faster. */
export interface TableOptions {
  /**
   * Factor on the learning rate of tables, default 15. Adam moves an entry by about the rate, and logits that make a difference are
   * some 5 apart: at a rate for weights a table arrives nowhere.
   */
  readonly tableRate?: number;
}

/** Which parameters decay: weight matrices alone (default), or every one, as the papers on circuits have it. */
export type Decays = "matrices" | "all";

export interface AdamWOptions extends TableOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled decay per step and learning rate, on tensors of two or more axes (not on biases and gains) unless `decays` is "all". */
  readonly weightDecay?: number;
  readonly decays?: Decays;
}

/** AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101), with bias correction and epsilon outside of the root. */
export function adamw(parameters: ReadonlyMap<string, Tensor>, options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  const group = grouped(weightDecay, options);
  inRange("beta1", beta1, 1);
  inRange("beta2", beta2, 1);
  return optimizer(
    parameters,
    ["first", "second"],
    ([first, second], step, p, gradient, { learningRate, gradientScale }) => {
      const { rate, decay } = group(p);
      // biome-ignore format: arguments grouped by meaning
      kernels().sadamw(
      p.ptr, first!.ptr, second!.ptr, gradient.ptr, p.size, learningRate * rate, beta1, beta2, epsilon,
      decay, 1 - pow(beta1, step), 1 - pow(beta2, step), gradientScale,
    );
    },
  );
}

export interface SgdOptions extends TableOptions {
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** Stochastic gradient descent; velocity = momentum velocity + gradient (Sutskever et al. 2013, in PyTorch's form). */
export function sgd(parameters: ReadonlyMap<string, Tensor>, options: SgdOptions = {}): Optimizer {
  const { momentum = 0, weightDecay = 0 } = options;
  inRange("momentum", momentum, 1);
  const group = grouped(weightDecay, options);
  return optimizer(
    parameters,
    momentum > 0 ? ["velocity"] : [],
    ([velocity], _, p, gradient, { learningRate, gradientScale }) => {
      const { rate, decay } = group(p);
      // biome-ignore format: arguments grouped by meaning
      kernels().ssgd(
      p.ptr, velocity?.ptr ?? 0, gradient.ptr, p.size, learningRate * rate, momentum, decay, gradientScale,
    );
    },
  );
}

export const optimizers = { adamw, sgd } as const;
export type OptimizerName = keyof typeof optimizers;

type Update = (
  moments: readonly Tensor[],
  step: number,
  parameter: Tensor,
  gradient: Tensor,
  options: StepOptions,
) => void;

function optimizer(
  parameters: ReadonlyMap<string, Tensor>,
  kinds: readonly string[],
  update: Update,
): Optimizer {
  let steps = 0;
  const moments = [...parameters].map(([name, { shape }]) =>
    kinds.map((kind) => full(shape, 0, `${kind}.${name}`).keep()),
  );
  const state = () => new Map(moments.flat().map((moment) => [moment.name, moment]));
  return {
    step(gradients, options) {
      steps += 1;
      [...parameters.values()].forEach((p, index) => {
        update(moments[index]!, steps, p, gradients[index]!, options);
      });
    },
    get steps() {
      return steps;
    },
    state,
    restore(saved, values) {
      const unexpected = [...values.keys()].find((name) => !state().has(name));
      if (unexpected !== undefined) {
        throw new Error(
          `optimizer: the saved state must be of the same kind of optimiser, got ${unexpected} as well`,
        );
      }
      for (const [name, moment] of state()) {
        const value = values.get(name);
        if (!value || !sameShape(value.shape, moment.shape)) {
          throw new Error(
            `optimizer: the saved state must hold ${name} ${show(moment.shape)}, got ${value ? show(value.shape) : "none"}`,
          );
        }
      }
      for (const [name, moment] of state()) floats(moment).set(values.get(name)!.data); // checked above
      steps = saved;
    },
    release() {
      for (const moment of moments.flat()) moment.release();
    },
  };
}

/** The factor on the learning rate, and the decay, of a parameter. Vectors are biases and gains. */
function grouped(
  weightDecay: number,
  { tableRate = 15, decays = "matrices" }: TableOptions & { readonly decays?: Decays },
) {
  if (!(tableRate >= 0 && tableRate < Number.POSITIVE_INFINITY))
    throw new Error(`optimizer: tableRate must be a number of at least 0, got ${tableRate}`);
  return (p: Tensor) => ({
    rate: p.group === "tables" ? tableRate : 1,
    decay: decays === "all" || (p.group !== "tables" && p.shape.length >= 2) ? weightDecay : 0,
  });
}

function inRange(name: string, value: number, below: number): void {
  if (!(value >= 0 && value < below))
    throw new Error(`optimizer: ${name} must be in [0, ${below}), got ${value}`);
}
