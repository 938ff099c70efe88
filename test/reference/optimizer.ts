// Float64 twins of assembly/optimizer.ts: one step, returning the new arrays.
type Values = ArrayLike<number>;

export interface AdamW {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly gradScale: number;
  /** Counted from 1. */
  readonly step: number;
}

export function adamw(p: Values, m: Values, v: Values, g: Values, options: AdamW) {
  const { lr, beta1, beta2, eps, weightDecay, gradScale, step } = options;
  const next = { p: Float64Array.from(p), m: Float64Array.from(m), v: Float64Array.from(v) };
  for (let i = 0; i < p.length; i++) {
    const gradient = g[i]! * gradScale;
    const decayed = p[i]! - lr * weightDecay * p[i]!;
    next.m[i] = beta1 * m[i]! + (1 - beta1) * gradient;
    next.v[i] = beta2 * v[i]! + (1 - beta2) * gradient ** 2;
    const mean = next.m[i]! / (1 - beta1 ** step);
    const square = next.v[i]! / (1 - beta2 ** step);
    next.p[i] = decayed - (lr * mean) / (Math.sqrt(square) + eps);
  }
  return next;
}

export interface Sgd {
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly gradScale: number;
}

export function sgd(p: Values, velocity: Values | undefined, g: Values, options: Sgd) {
  const { lr, momentum, weightDecay, gradScale } = options;
  const next = { p: Float64Array.from(p), velocity: Float64Array.from(p) };
  for (let i = 0; i < p.length; i++) {
    next.velocity[i] = momentum * (velocity?.[i] ?? 0) + (gradScale * g[i]! + weightDecay * p[i]!);
    next.p[i] = p[i]! - lr * next.velocity[i]!;
  }
  return next;
}
