// The one-layer model of Scan and Snap (arXiv:2305.16380) written from its equations: dense vectors, the whole Jacobians of the two
// normalisations, the host's own functions. Nothing is shared with src.

export interface DenseClass {
  /** P(l|n) or counts, over all M tokens. */
  readonly counts: readonly number[];
  readonly query: number;
  readonly label: number;
}

export type Matrix = number[][];

export const zeros = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => Array<number>(columns).fill(0));

/** Syn-Small: 2 queries, a class each, 10 common and 10 distinct tokens per class with weights 1 and .1 to 1. M = 34. */
export function synSmallClasses(): DenseClass[] {
  return [0, 1].map((n) => {
    const weights = Array.from({ length: 34 }, (_, l) => {
      if (l < 10) return 1;
      const own = l - 10 - 10 * n;
      return own >= 0 && own < 10 && l < 30 ? 0.1 + 0.1 * own : 0;
    });
    const sum = weights.reduce((a, b) => a + b);
    return { counts: weights.map((weight) => weight / sum), query: 30 + n, label: 32 + n };
  });
}

/** Eq. of section 2: c by softmax with counts, f = c / ||c||, logits Y^T f. */
export function forward(Y: Matrix, Z: Matrix, { counts, query, label }: DenseClass) {
  const weights = counts.map((n, l) => n * Math.exp(Z[query]![l]!));
  const total = weights.reduce((a, b) => a + b);
  const c = weights.map((w) => w / total);
  const norm = Math.hypot(...c);
  const f = c.map((x) => x / norm);
  const logits = Y[0]!.map((_, j) => f.reduce((sum, x, l) => sum + x * Y[l]![j]!, 0));
  const shift = Math.max(...logits);
  const exps = logits.map((o) => Math.exp(o - shift));
  const whole = exps.reduce((a, b) => a + b);
  const alpha = exps.map((e) => e / whole);
  return { c, norm, f, alpha, loss: -Math.log(alpha[label]!) };
}

/** Gradients of J = -loss, by the chain rule through every Jacobian in turn. */
export function ascent(Y: Matrix, Z: Matrix, one: DenseClass): { dY: Matrix; dz: number[]; loss: number } {
  const { c, norm, f, alpha, loss } = forward(Y, Z, one);
  const dLogits = alpha.map((a, j) => (j === one.label ? 1 : 0) - a);
  const dY = f.map((x) => dLogits.map((d) => x * d));
  const df = Y.map((row) => row.reduce((sum, y, j) => sum + y * dLogits[j]!, 0));
  const dc = f.map((fl, l) =>
    f.reduce((sum, fk, k) => sum + (((l === k ? 1 : 0) - fl * fk) / norm) * df[k]!, 0),
  );
  const dz = c.map((cl, l) => c.reduce((sum, ck, k) => sum + ((l === k ? cl : 0) - cl * ck) * dc[k]!, 0));
  return { dY, dz, loss };
}

/** Population mode with momentum SGD: the loss before each update, and the entropy after it (mean over classes, over own tokens). */
export function run(classes: readonly DenseClass[], rates: { etaY: number; etaZ: number }, steps: number) {
  const M = classes[0]!.counts.length;
  const [Y, Z, vY, vZ] = [zeros(M, M), zeros(M, M), zeros(M, M), zeros(M, M)];
  const losses: number[] = [];
  const entropies: number[] = [];
  for (let step = 0; step < steps; step++) {
    const gradients = classes.map((one) => ascent(Y, Z, one));
    losses.push(gradients.reduce((sum, { loss }) => sum + loss, 0) / classes.length);
    const gZ = zeros(M, M);
    classes.forEach(({ query }, n) => {
      gZ[query] = gZ[query]!.map((g, l) => g + gradients[n]!.dz[l]! / classes.length);
    });
    for (let l = 0; l < M; l++) {
      for (let j = 0; j < M; j++) {
        const gY = gradients.reduce((sum, { dY }) => sum + dY[l]![j]!, 0) / classes.length;
        vY[l]![j] = 0.9 * vY[l]![j]! + gY;
        vZ[l]![j] = 0.9 * vZ[l]![j]! + gZ[l]![j]!;
        Y[l]![j]! += rates.etaY * vY[l]![j]!;
        Z[l]![j]! += rates.etaZ * vZ[l]![j]!;
      }
    }
    const H = classes.map((one) => ownEntropy(forward(Y, Z, one).c, one, classes));
    entropies.push(H.reduce((a, b) => a + b) / H.length);
  }
  return { losses, entropies };
}

function ownEntropy(c: readonly number[], one: DenseClass, classes: readonly DenseClass[]): number {
  const own = c.filter(
    (_, l) => one.counts[l]! > 0 && classes.filter(({ counts }) => counts[l]! > 0).length === 1,
  );
  const sum = own.reduce((a, b) => a + b);
  return -own.reduce((total, x) => total + (x / sum) * Math.log(x / sum), 0);
}

/** Draws in [0, 1) of mulberry32, with which the seeded figures below were made. */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
