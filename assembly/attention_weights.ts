// The weights of attention, made again from its log-sum-exp for those who look at them.
import { exp_row, score_row } from "./attention_row";
import { add_row_terms, end_source, first_source, place_terms, TERMS_BYTES } from "./attention_terms";

export function sattention_weights_workspace_bytes(): i32 {
  return <i32>TERMS_BYTES;
}

/** One head of one batch item: w [tokens, sources] = exp(L - lse), 0 where not seen. Everything else as in sattention. */
export function sattention_weights(
  w: usize,
  q: usize,
  k: usize,
  lse: usize,
  work: usize,
  tokens: i32,
  sources: i32,
  dim: i32,
  q_ts: i32,
  k_ts: i32,
  scale: f32,
  before: i32,
  after: i32,
  row_scales: usize,
  bias: usize,
  bias_width: i32,
  bias_zero: i32,
  key_counts: usize,
  key_mask: usize,
): void {
  const terms = place_terms(work, tokens, sources, before, after, key_counts, key_mask, 0);
  for (let i = 0; i < tokens; i++) {
    const at = (<usize>i) << 2;
    const from = first_source(terms, i);
    const to = max(from, end_source(terms, i));
    const row = w + ((<usize>from) << 2);
    const factor: f32 = scale * (row_scales ? load<f32>(row_scales + at) : 1);
    memory.fill(w, 0, (<usize>min(from, sources)) << 2);
    score_row(row, q, k + ((<usize>(from * k_ts)) << 2), to - from, dim, k_ts, factor);
    add_row_terms(row, terms, i, from, to, bias, bias_width, bias_zero);
    const sum = load<f32>(lse + at);
    exp_row(row, sum === -Infinity ? 0 : sum, to - from);
    if (to < sources) memory.fill(w + ((<usize>to) << 2), 0, (<usize>(sources - to)) << 2);
    w += (<usize>sources) << 2;
    q += (<usize>q_ts) << 2;
  }
}
