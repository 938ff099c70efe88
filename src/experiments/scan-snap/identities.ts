// Exact statements about the model, tried at random points: its gradient (lemma 1), and the path of its decoder where classes do not
// overlap (lemma 5). Each gives the largest error found.
import type { Rng } from "../../tensor/rng";
import type { TokenClass } from "./classes";
import { contextGradient, type OneLayer, zeroLayer } from "./one-layer";
import { hDiscrete } from "./theory";

const DIFFERENCE = 1e-6;

/** Central differences of the loss against the gradient: M = 12, 40 context tokens of all but two types, random Y and Z. */
export function gradientError(rng: Rng): number {
  const M = 12;
  const support = Int32Array.from({ length: M - 2 }, (_, l) => l);
  const counts = new Float64Array(M - 2);
  for (let token = 0; token < 40; token++) counts[rng.integer(M - 2)]! += 1;
  const context: TokenClass = { support, probabilities: counts, query: M - 2, label: M - 1 };
  const model = zeroLayer(M);
  for (const matrix of [model.Y, model.Z]) matrix.set(matrix.map(() => rng.normal()));
  const gradient = zeroLayer(M);
  contextGradient(model, gradient, M)(context, counts, 1);
  const loss = contextGradient(model, zeroLayer(M), M);
  let worst = 0;
  for (const name of ["Y", "Z"] as const) {
    const matrix = model[name];
    for (let i = 0; i < matrix.length; i++) {
      const value = matrix[i]!;
      matrix[i] = value + DIFFERENCE;
      const above = loss(context, counts, 1);
      matrix[i] = value - DIFFERENCE;
      const below = loss(context, counts, 1);
      matrix[i] = value;
      const slope = (above - below) / (2 * DIFFERENCE);
      worst = Math.max(worst, Math.abs(slope + gradient[name][i]!));
    }
  }
  return worst;
}

/**
 * Lemma 5: with orthogonal f's, row n of W = F^T Y is (M - 1) h* zeta_n after as many steps on class n, zeta_n = M/(M-1) (e_n - 1/M).
 * Three classes of random counts on tokens of their own, M = 20, etaY = 0.7, 60 steps of one class, attention left alone.
 */
export function decoderError(rng: Rng): number {
  const [M, etaY, steps] = [20, 0.7, 60];
  const classes = [0, 1, 2].map((n): TokenClass => {
    const probabilities = Float64Array.from({ length: 4 }, () => 0.1 + rng.uniform());
    return {
      support: Int32Array.from([0, 1, 2, 3], (i) => 4 * n + i),
      probabilities,
      query: 12,
      label: 13 + n,
    };
  });
  const one = classes[rng.integer(classes.length)]!;
  const model = zeroLayer(M);
  const gradient = zeroLayer(M);
  const ascend = contextGradient(model, gradient, 4);
  for (let step = 0; step < steps; step++) {
    gradient.Y.fill(0);
    ascend(one, one.probabilities, 1);
    model.Y.set(model.Y.map((value, i) => value + etaY * gradient.Y[i]!));
  }
  const h = hDiscrete({ tokens: M, etaY }, steps)[steps]!;
  return Math.max(
    ...classes.flatMap((context) => {
      const w = decoded(model, context);
      return Array.from(w, (value, j) => {
        const zeta = (M / (M - 1)) * ((j === context.label ? 1 : 0) - 1 / M);
        return Math.abs(value - (context === one ? (M - 1) * h * zeta : 0));
      });
    }),
  );
}

/** Y^T f for a context at Z = 0. */
function decoded({ tokens: M, Y }: OneLayer, { support, probabilities }: TokenClass): Float64Array {
  const norm = Math.sqrt(probabilities.reduce((sum, p) => sum + p * p, 0));
  const w = new Float64Array(M);
  for (let i = 0; i < support.length; i++) {
    for (let j = 0; j < M; j++) w[j]! += (probabilities[i]! / norm) * Y[support[i]! * M + j]!;
  }
  return w;
}
