// The model while it learns, in float64. `learner32.ts` is the same on heed's kernels.
import type { Classes } from "./classes";
import { type Contexts, type Draw, minibatch, population } from "./contexts";
import { contextGradient, type OneLayer, zeroLayer } from "./one-layer";
import { updates } from "./updates";

export interface LearnerOptions {
  readonly etaY: number;
  readonly etaZ: number;
  readonly momentum: number;
  readonly optimizer: keyof typeof updates;
  /** "population" draws nothing. */
  readonly mode: "population" | "minibatch";
  readonly batch: number;
  /** T, the query included. */
  readonly length: number;
  /** Y = Z = 0, or every entry of both uniform in +-1/sqrt(M). */
  readonly zeroInit: boolean;
  /** The initial entries, if any, row by row, then class and tokens of each sequence. */
  readonly draw: Draw;
}

export interface Learner {
  /** Takes a step and returns the mean loss before it, in nats. */
  step(): number;
  /** Attention logits z_m [M] of a query: what it holds now. */
  attentionLogits(query: number): Float64Array;
  /** Y and Z, each [M, M]: what they hold now. */
  weights(): { readonly Y: Float64Array; readonly Z: Float64Array };
  release(): void;
}

export function learner64(data: Classes, options: LearnerOptions): Learner {
  const { etaY, etaZ, momentum, optimizer } = options;
  const M = data.tokens;
  const model = initialLayer(M, options);
  const gradient = zeroLayer(M);
  const largest = Math.max(...data.classes.map(({ support }) => support.length));
  const ascend = contextGradient(model, gradient, largest);
  const contexts = contextsOf(data, options);
  const updateY = updates[optimizer](model.Y, { rate: etaY, momentum });
  const updateZ = updates[optimizer](model.Z, { rate: etaZ, momentum });
  return {
    step() {
      gradient.Y.fill(0);
      gradient.Z.fill(0);
      let loss = 0;
      contexts((context, counts, share) => {
        loss += share * ascend(context, counts, share);
      });
      updateY(gradient.Y);
      updateZ(gradient.Z);
      return loss;
    },
    attentionLogits: (query) => model.Z.slice(query * M, (query + 1) * M),
    weights: () => ({ Y: model.Y.slice(), Z: model.Z.slice() }),
    release() {},
  };
}

export function contextsOf(data: Classes, { mode, batch, length, draw }: LearnerOptions): Contexts {
  return mode === "population" ? population(data) : minibatch(data, { batch, length, draw });
}

export function initialLayer(tokens: number, { zeroInit, draw }: LearnerOptions): OneLayer {
  const model = zeroLayer(tokens);
  if (zeroInit) return model;
  const reach = 1 / Math.sqrt(tokens);
  for (const matrix of [model.Y, model.Z]) {
    for (let i = 0; i < matrix.length; i++) matrix[i] = reach * (2 * draw() - 1);
  }
  return model;
}
