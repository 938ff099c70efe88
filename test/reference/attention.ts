// Float64 twin of scaled dot-product attention and its gradient, one query at a time over contiguous arrays.

export interface AttentionShape {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly tokens: number;
  readonly sources: number;
  readonly dim: number;
  readonly scale: number;
  /** Query i, at place i + (sources - tokens), sees no source behind its own place. */
  readonly causal: boolean;
  /** Sources before and after its own place that a query sees; the default is all. */
  readonly before?: number;
  readonly after?: number;
  /** A factor on q . k per query: [tokens], or [batch, tokens]. */
  readonly rowScales?: ArrayLike<number>;
  /** Added to logits: table [heads, width], in it the distance source - place, clipped, at distance + zero. */
  readonly bias?: {
    readonly table: ArrayLike<number>;
    readonly width: number;
    readonly zero: number;
  };
  /** [batch]: only so many sources hold anything. */
  readonly keyCounts?: ArrayLike<number>;
  /** [batch, sources]: 0 where nobody sees the source. */
  readonly keyMask?: ArrayLike<number>;
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
  const { batch, heads, tokens, sources, dim } = shape;
  const out = new Float64Array(batch * tokens * heads * dim);
  const lse = new Float64Array(batch * heads * tokens);
  const weights = new Float64Array(batch * heads * tokens * sources);
  for (const { query, row, source, seen, factor, bias } of rows(shape)) {
    const scores = seen.map((j) => {
      let score = 0;
      for (let d = 0; d < dim; d++) score += q[query + d]! * k[source(j) + d]!;
      return factor * score + bias(j).value;
    });
    const top = Math.max(...scores);
    const sum = scores.reduce((total, score) => total + Math.exp(score - top), 0);
    lse[row] = scores.length === 0 ? -Infinity : top + Math.log(sum);
    scores.forEach((score, at) => {
      const weight = Math.exp(score - lse[row]!);
      weights[row * sources + seen[at]!] = weight;
      for (let d = 0; d < dim; d++) out[query + d]! += weight * v[source(seen[at]!) + d]!;
    });
  }
  return { out, lse, weights };
}

/** Gradients of sum(out * dout) with respect to q, k, v and the bias table, by the chain rule through softmax. */
export function attentionGradient(
  shape: AttentionShape,
  { q, k, v }: AttentionInputs,
  dout: ArrayLike<number>,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array; dbias: Float64Array } {
  const { sources, dim } = shape;
  const { weights } = attention(shape, { q, k, v });
  const dq = new Float64Array(q.length);
  const dk = new Float64Array(k.length);
  const dv = new Float64Array(v.length);
  const dbias = new Float64Array(shape.bias?.table.length ?? 0);
  for (const { query, row, source, seen, factor, bias } of rows(shape)) {
    let delta = 0;
    const dweights = seen.map((j) => {
      let dweight = 0;
      for (let d = 0; d < dim; d++) dweight += dout[query + d]! * v[source(j) + d]!;
      delta += weights[row * sources + j]! * dweight;
      return dweight;
    });
    dweights.forEach((dweight, at) => {
      const j = seen[at]!;
      const weight = weights[row * sources + j]!;
      const dscore = weight * (dweight - delta);
      if (shape.bias) dbias[bias(j).at]! += dscore;
      for (let d = 0; d < dim; d++) {
        dq[query + d]! += factor * dscore * k[source(j) + d]!;
        dk[source(j) + d]! += factor * dscore * q[query + d]!;
        dv[source(j) + d]! += weight * dout[query + d]!;
      }
    });
  }
  return { dq, dk, dv, dbias };
}

/**
 * Every query: its row in [batch, heads, tokens], where its q starts, where its j-th key and value start, the sources that it sees,
 * its factor on q . k, and the bias of a source with its place in the table.
 */
function* rows(shape: AttentionShape) {
  const { batch, heads, kvHeads, tokens, sources, dim, scale, rowScales } = shape;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kvHead = Math.floor(h / (heads / kvHeads));
      const source = (j: number) => ((b * sources + j) * kvHeads + kvHead) * dim;
      for (let i = 0; i < tokens; i++) {
        const place = i + sources - tokens;
        const bias = (j: number) => {
          if (!shape.bias) return { at: -1, value: 0 };
          const { table, width, zero } = shape.bias;
          const at = h * width + Math.min(Math.max(j - place + zero, 0), width - 1);
          return { at, value: table[at]! };
        };
        yield {
          query: ((b * tokens + i) * heads + h) * dim,
          row: (b * heads + h) * tokens + i,
          source,
          seen: Array.from({ length: sources }, (_, j) => j).filter((j) => sees(shape, b, place, j)),
          factor: scale * (rowScales ? rowScales[rowScales.length > tokens ? b * tokens + i : i]! : 1),
          bias,
        };
      }
    }
  }
}

/** Whether the query at `place` of batch item b sees source j. */
function sees(shape: AttentionShape, b: number, place: number, j: number): boolean {
  const { causal, before = Infinity, after = Infinity, sources, keyCounts, keyMask } = shape;
  return (
    j <= place + (causal ? 0 : after) &&
    j >= place - before &&
    (!keyCounts || j < keyCounts[b]!) &&
    keyMask?.[b * sources + j] !== 0
  );
}
