// Float64 twin of scaled dot-product attention and its gradient, one query at a time over contiguous arrays.

export interface AttentionShape {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly tokens: number;
  readonly sources: number;
  readonly dim: number;
  readonly scale: number;
  /** Token i sees sources j <= i + (sources - tokens). */
  readonly causal: boolean;
}

/** q: [batch, tokens, heads, dim]; k, v: [batch, sources, kvHeads, dim]. */
export interface AttentionInputs {
  readonly q: ArrayLike<number>;
  readonly k: ArrayLike<number>;
  readonly v: ArrayLike<number>;
}

/** out like q; lse: [batch, heads, tokens], natural log-sum-exp; weights: [batch, heads, tokens, sources]. */
export interface AttentionOutputs {
  readonly out: Float64Array;
  readonly lse: Float64Array;
  readonly weights: Float64Array;
}

export function attention(shape: AttentionShape, { q, k, v }: AttentionInputs): AttentionOutputs {
  const { batch, heads, tokens, sources, dim, scale } = shape;
  const out = new Float64Array(batch * tokens * heads * dim);
  const lse = new Float64Array(batch * heads * tokens);
  const weights = new Float64Array(batch * heads * tokens * sources);
  for (const { query, row, source } of rows(shape)) {
    const scores: number[] = [];
    for (let j = 0; j < visible(shape, row); j++) {
      let score = 0;
      for (let d = 0; d < dim; d++) score += q[query + d]! * k[source(j) + d]!;
      scores.push(scale * score);
    }
    const top = Math.max(...scores);
    const sum = scores.reduce((total, score) => total + Math.exp(score - top), 0);
    lse[row] = scores.length === 0 ? -Infinity : top + Math.log(sum);
    scores.forEach((score, j) => {
      const weight = Math.exp(score - lse[row]!);
      weights[row * sources + j] = weight;
      for (let d = 0; d < dim; d++) out[query + d]! += weight * v[source(j) + d]!;
    });
  }
  return { out, lse, weights };
}

/** Gradients of sum(out * dout) with respect to q, k and v, by the chain rule through softmax. */
export function attentionGradient(
  shape: AttentionShape,
  { q, k, v }: AttentionInputs,
  dout: ArrayLike<number>,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array } {
  const { sources, dim, scale } = shape;
  const { weights } = attention(shape, { q, k, v });
  const dq = new Float64Array(q.length);
  const dk = new Float64Array(k.length);
  const dv = new Float64Array(v.length);
  for (const { query, row, source } of rows(shape)) {
    const dweights: number[] = [];
    let delta = 0;
    for (let j = 0; j < visible(shape, row); j++) {
      let dweight = 0;
      for (let d = 0; d < dim; d++) dweight += dout[query + d]! * v[source(j) + d]!;
      dweights.push(dweight);
      delta += weights[row * sources + j]! * dweight;
    }
    dweights.forEach((dweight, j) => {
      const weight = weights[row * sources + j]!;
      const dscore = scale * weight * (dweight - delta);
      for (let d = 0; d < dim; d++) {
        dq[query + d]! += dscore * k[source(j) + d]!;
        dk[source(j) + d]! += dscore * q[query + d]!;
        dv[source(j) + d]! += weight * dout[query + d]!;
      }
    });
  }
  return { dq, dk, dv };
}

/** Sources that a row of [batch, heads, tokens] sees. */
function visible({ tokens, sources, causal }: AttentionShape, row: number): number {
  return causal ? Math.max(0, Math.min(sources, (row % tokens) + 1 + sources - tokens)) : sources;
}

/** Every query: its row in [batch, heads, tokens], where its q starts, and where its j-th key and value start. */
function* rows({ batch, heads, kvHeads, tokens, sources, dim }: AttentionShape) {
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kvHead = Math.floor(h / (heads / kvHeads));
      const source = (j: number) => ((b * sources + j) * kvHeads + kvHead) * dim;
      for (let i = 0; i < tokens; i++) {
        yield { query: ((b * tokens + i) * heads + h) * dim, row: (b * heads + h) * tokens + i, source };
      }
    }
  }
}
