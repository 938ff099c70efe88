// Gradient ascent in float64 on plain arrays: SGD with momentum and Adam, in the forms of PyTorch. No decay.
import { pow } from "../../math/pow";

/** Adds a step along `gradient` to the parameter that it was made for. */
export type Update = (gradient: Float64Array) => void;

export interface UpdateOptions {
  readonly rate: number;
  /** Of SGD. */
  readonly momentum: number;
}

/** v = momentum v + gradient; p += rate v: no factor 1 - momentum (Sutskever et al. 2013). */
export function sgdUpdate(p: Float64Array, { rate, momentum }: UpdateOptions): Update {
  const v = new Float64Array(p.length);
  return (gradient) => {
    for (let i = 0; i < p.length; i++) {
      const next = momentum * v[i]! + gradient[i]!;
      v[i] = next;
      p[i]! += rate * next;
    }
  };
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam with bias correction, epsilon outside of the root (Kingma & Ba 2015, arXiv:1412.6980). */
export function adamUpdate(p: Float64Array, { rate }: UpdateOptions): Update {
  const first = new Float64Array(p.length);
  const second = new Float64Array(p.length);
  let steps = 0;
  return (gradient) => {
    steps += 1;
    const size = rate / (1 - pow(BETA1, steps));
    const root = Math.sqrt(1 - pow(BETA2, steps));
    for (let i = 0; i < p.length; i++) {
      const value = gradient[i]!;
      const m = BETA1 * first[i]! + (1 - BETA1) * value;
      const v = BETA2 * second[i]! + (1 - BETA2) * value * value;
      first[i] = m;
      second[i] = v;
      p[i]! += (size * m) / (Math.sqrt(v) / root + EPSILON);
    }
  };
}

export const updates = { sgd: sgdUpdate, adam: adamUpdate } as const;
