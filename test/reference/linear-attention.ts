// Float64 twin of assembly/linear_attention.ts: one head, dense arrays [T, D].
type Values = ArrayLike<number>;

export interface LinearShape {
  readonly T: number;
  readonly D: number;
  readonly causal: boolean;
}

/** The weights a_ts = q_t k_s / sum over what t sees, and the sums; zeros where a sum is zero. A past adds to both. */
export function linearAttention(
  q: Values,
  k: Values,
  v: Values,
  state: Values,
  { T, D, causal }: LinearShape,
): { y: number[]; totals: number[]; state: number[] } {
  const sums = Float64Array.from(state);
  const take = (s: number) => {
    for (let i = 0; i < D; i++) {
      for (let e = 0; e < D; e++) sums[i * D + e]! += k[s * D + i]! * v[s * D + e]!;
      sums[D * D + i]! += k[s * D + i]!;
    }
  };
  if (!causal) for (let s = 0; s < T; s++) take(s);
  const totals: number[] = [];
  const y: number[] = [];
  for (let t = 0; t < T; t++) {
    if (causal) take(t);
    const dot = (column: (i: number) => number) => {
      let sum = 0;
      for (let i = 0; i < D; i++) sum += q[t * D + i]! * sums[column(i)]!;
      return sum;
    };
    const total = dot((i) => D * D + i);
    totals.push(total);
    for (let e = 0; e < D; e++) y.push(total === 0 ? 0 : dot((i) => i * D + e) / total);
  }
  return { y, totals, state: Array.from(sums) };
}

/** From the weights, without a past: dv_s = sum a_ts dy_t; dq_t, dk_s through d(q_t k_s) = dy_t (v_s - y_t) / total_t. */
export function linearAttentionGrad(dy: Values, q: Values, k: Values, v: Values, shape: LinearShape) {
  const { T, D, causal } = shape;
  const { y, totals } = linearAttention(q, k, v, new Float64Array(D * D + D), shape);
  const [dq, dk, dv] = [0, 1, 2].map(() => new Float64Array(T * D)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let t = 0; t < T; t++) {
    const total = totals[t]!;
    if (total === 0) continue;
    for (let s = 0; s < (causal ? t + 1 : T); s++) {
      let [product, slope] = [0, 0];
      for (let e = 0; e < D; e++) {
        product += q[t * D + e]! * k[s * D + e]!;
        slope += (dy[t * D + e]! * (v[s * D + e]! - y[t * D + e]!)) / total;
      }
      for (let e = 0; e < D; e++) {
        dq[t * D + e]! += slope * k[s * D + e]!;
        dk[s * D + e]! += slope * q[t * D + e]!;
        dv[s * D + e]! += (product / total) * dy[t * D + e]!;
      }
    }
  }
  return { dq, dk, dv };
}
