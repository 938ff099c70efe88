// Linear attention (Katharopoulos et al. 2020, arXiv:2006.16236): q (sum of k vᵀ) / q (sum of k), a running sum where it is causal. Costs
// T D² instead of T² D. One head per call; q, k are features of at least 0.
import { saxpy, sfill, sscale } from "./elementwise";
import { row_dot } from "./softmax";

/** Bytes of the running sums of a head: of k vᵀ, [D, D], and of k, [D]. */
export function slinear_attention_state_bytes(D: i32): i32 {
  return (D * D + D) << 2;
}

/**
 * y_t = sum_i q_ti S_i / (q_t z), where S = sum of k vᵀ and z = sum of k over the past in `state`, which is added to, and over the
 * tokens up to t (causal) or all; 0 where the divisor is 0. y, q: [T, D] with rows q_row apart; k, v: [T, D] with rows k_row apart;
 * totals: [T] gets the divisors.
 */
export function slinear_attention(
  y: usize,
  totals: usize,
  state: usize,
  q: usize,
  k: usize,
  v: usize,
  T: i32,
  D: i32,
  q_row: i32,
  k_row: i32,
  causal: i32,
): void {
  const keys = state + ((<usize>(D * D)) << 2);
  const q_bytes: usize = q_row << 2;
  const k_bytes: usize = k_row << 2;
  if (causal === 0) {
    for (let t = 0; t < T; t++) add_outer(state, k + <usize>t * k_bytes, v + <usize>t * k_bytes, keys, D);
  }
  for (let t = 0; t < T; t++, y += q_bytes, q += q_bytes, k += k_bytes, v += k_bytes, totals += 4) {
    if (causal !== 0) add_outer(state, k, v, keys, D);
    const total = row_dot(q, keys, D);
    store<f32>(totals, total);
    sfill(y, 0, D);
    combine(y, q, state, D);
    sscale(y, y, total === 0 ? 0 : 1 / total, D);
  }
}

/**
 * dq, dk, dv += what dy implies; y and totals as slinear_attention left them without a past. work: two states.
 * With g_t = dy_t / total_t and c_t = -(dy_t y_t) / total_t: dq_t = S g_t + c_t z, and of the sums R of q gᵀ and r of c q over the
 * tokens that see t: dk_t = R v_t + r, dv_t = Rᵀ k_t.
 */
export function slinear_attention_grad(
  dq: usize,
  dk: usize,
  dv: usize,
  dy: usize,
  y: usize,
  totals: usize,
  q: usize,
  k: usize,
  v: usize,
  work: usize,
  T: i32,
  D: i32,
  q_row: i32,
  k_row: i32,
  causal: i32,
): void {
  const matrix: usize = (D * D) << 2;
  const width: usize = D << 2;
  const keys = work + matrix;
  const back = keys + width;
  const queries = back + matrix;
  const q_bytes: usize = q_row << 2;
  const k_bytes: usize = k_row << 2;
  sfill(work, 0, 2 * (D * D + D));
  if (causal === 0) {
    for (let t = 0; t < T; t++) {
      add_outer(work, k + <usize>t * k_bytes, v + <usize>t * k_bytes, keys, D);
      add_slopes(back, queries, t, dy, y, totals, q, D, q_bytes);
    }
  }
  for (let t = 0; t < T; t++) {
    const o = <usize>t * q_bytes;
    if (causal !== 0) add_outer(work, k + <usize>t * k_bytes, v + <usize>t * k_bytes, keys, D);
    const total = load<f32>(totals + (t << 2));
    if (total === 0) continue;
    const slope = -row_dot(dy + o, y + o, D) / total;
    for (let i = 0; i < D; i++) {
      const at = dq + o + (i << 2);
      const row = row_dot(work + <usize>i * width, dy + o, D) / total;
      store<f32>(at, load<f32>(at) + (row + slope * load<f32>(keys + (i << 2))));
    }
  }
  for (let t = T - 1; t >= 0; t--) {
    if (causal !== 0) add_slopes(back, queries, t, dy, y, totals, q, D, q_bytes);
    const o = <usize>t * k_bytes;
    for (let i = 0; i < D; i++) {
      const at = dk + o + (i << 2);
      store<f32>(
        at,
        load<f32>(at) + (row_dot(back + <usize>i * width, v + o, D) + load<f32>(queries + (i << 2))),
      );
    }
    combine(dv + o, k + o, back, D);
  }
}

/** R += q_t g_tᵀ, r += c_t q_t. */
function add_slopes(
  back: usize,
  queries: usize,
  t: i32,
  dy: usize,
  y: usize,
  totals: usize,
  q: usize,
  D: i32,
  q_bytes: usize,
): void {
  const o = <usize>t * q_bytes;
  const total = load<f32>(totals + (t << 2));
  if (total === 0) return;
  saxpy(queries, q + o, -row_dot(dy + o, y + o, D) / total, D);
  const width: usize = D << 2;
  for (let i = 0; i < D; i++) saxpy(back + <usize>i * width, dy + o, load<f32>(q + o + (i << 2)) / total, D);
}

/** state += k vᵀ, keys += k. */
function add_outer(state: usize, k: usize, v: usize, keys: usize, D: i32): void {
  const width: usize = D << 2;
  for (let i = 0; i < D; i++) saxpy(state + <usize>i * width, v, load<f32>(k + (i << 2)), D);
  saxpy(keys, k, 1, D);
}

/** y += sum over i of a_i M_i, the rows of M: [D, D]. */
function combine(y: usize, a: usize, M: usize, D: i32): void {
  const width: usize = D << 2;
  for (let i = 0; i < D; i++) saxpy(y, M + <usize>i * width, load<f32>(a + (i << 2)), D);
}
