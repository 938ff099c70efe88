// The model while it learns, in float32 on heed's kernels and tape: the same steps as learner.ts.
import { exp } from "../../math/exp";
import { log, log1p } from "../../math/log";
import { add } from "../../ops/arithmetic";
import { embedding } from "../../ops/embedding";
import { matmul } from "../../ops/matmul";
import { rmsnorm } from "../../ops/norm";
import { full } from "../../ops/random";
import { softmax } from "../../ops/softmax";
import { kernels } from "../../runtime/instance";
import { gradOf, record, valueAndGradients } from "../../tensor/tape";
import { empty, floats, ids, scope, type Tensor, tensor } from "../../tensor/tensor";
import { adamw, sgd } from "../../train/optimizer";
import type { Classes } from "./classes";
import { contextsOf, initialLayer, type Learner, type LearnerOptions } from "./learner";

/** The contexts of one step as rows: ln counts [B, M], -infinity where a token does not occur, and what each row asks and expects. */
interface Rows {
  readonly logCounts: Float32Array;
  readonly queries: Int32Array;
  readonly labels: Int32Array;
}

export function learner32(data: Classes, options: LearnerOptions): Learner {
  const M = data.tokens;
  const initial = initialLayer(M, options);
  const Y = tensor(initial.Y, [M, M], "Y").keep();
  const Z = tensor(initial.Z, [M, M], "Z").keep();
  const [updateY, updateZ] = [new Map([["Y", Y]]), new Map([["Z", Z]])].map((parameters) =>
    options.optimizer === "adam"
      ? adamw(parameters, { weightDecay: 0 })
      : sgd(parameters, { momentum: options.momentum }),
  );
  const nextRows = rowsOf(data, options);
  return {
    step() {
      const { logCounts, queries, labels } = nextRows();
      const B = queries.length;
      return scope(() => {
        let loss = Number.NaN;
        const { gradients } = valueAndGradients(() => {
          const z = embedding(Z, ids(queries));
          const c = softmax(add(z, tensor(logCounts, [B, M])));
          const f = rmsnorm(c, full([M], 1 / Math.sqrt(M)), 0); // c / ||c||
          const logits = matmul(f, Y);
          loss = meanLoss(logits, labels);
          return labelLoss(logits, labels, loss);
        }, [Y, Z]);
        updateY!.step([gradients[0]!], { learningRate: options.etaY, gradientScale: 1 });
        updateZ!.step([gradients[1]!], { learningRate: options.etaZ, gradientScale: 1 });
        return loss;
      });
    },
    attentionLogits: (query) => Float64Array.from(floats(Z).subarray(query * M, (query + 1) * M)),
    weights: () => ({ Y: Float64Array.from(floats(Y)), Z: Float64Array.from(floats(Z)) }),
    release() {
      for (const one of [Y, Z, updateY!, updateZ!]) one.release();
    },
  };
}

function rowsOf(data: Classes, options: LearnerOptions): () => Rows {
  const M = data.tokens;
  const contexts = contextsOf(data, options);
  const B = options.mode === "population" ? data.classes.length : options.batch;
  const logCounts = new Float32Array(B * M);
  const queries = new Int32Array(B);
  const labels = new Int32Array(B);
  return () => {
    logCounts.fill(Number.NEGATIVE_INFINITY);
    let b = 0;
    contexts(({ support, query, label }, counts) => {
      for (let i = 0; i < support.length; i++) {
        if (counts[i]! > 0) logCounts[b * M + support[i]!] = log(counts[i]!);
      }
      queries[b] = query;
      labels[b] = label;
      b += 1;
    });
    return { logCounts, queries, labels };
  };
}

/**
 * Cross-entropy as an op whose gradient at the label is minus the share of the others: 1 - alpha, rounded in float32, would be noise
 * where the loss is small, and this model lives there.
 */
function labelLoss(logits: Tensor, labels: Int32Array, loss: number): Tensor {
  const [B, M] = logits.shape as [number, number]; // [B, M] by matmul
  const alpha = empty([B, M], "alpha");
  kernels().ssoftmax(alpha.ptr, logits.ptr, B, M);
  return record("labelLoss", full([], loss), [logits], (dy) => {
    const residual = floats(alpha);
    labels.forEach((label, b) => {
      residual[b * M + label] = 0;
      residual[b * M + label] = -residual.subarray(b * M, (b + 1) * M).reduce((sum, share) => sum + share, 0);
    });
    kernels().saxpy(gradOf(logits).ptr, alpha.ptr, dy.item() / B, alpha.size);
  });
}

/** As ln(1 + share of the other tokens): log-sum-exp minus a logit of about its size would leave nothing of a small loss in float32. */
function meanLoss(logits: Tensor, labels: Int32Array): number {
  const values = floats(logits);
  const M = values.length / labels.length;
  return (
    labels.reduce((sum, label, b) => {
      const row = values.subarray(b * M, (b + 1) * M);
      const largest = row.reduce((most, o) => Math.max(most, o), Number.NEGATIVE_INFINITY);
      const weights = Float64Array.from(row, (o) => exp(o - largest));
      const own = weights[label]!;
      const others = weights.reduce((total, weight, j) => (j === label ? total : total + weight), 0);
      return sum + (others < own ? log1p(others / own) : log(own + others) - (row[label]! - largest));
    }, 0) / labels.length
  );
}
