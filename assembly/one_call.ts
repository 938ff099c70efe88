// The one-call module: the same kernels over Float32Arrays, for callers that own no linear memory. Unlike the other kernels it
// allocates, from the compiler's stub runtime: every call bumps one arena (inputs first, copied in by as-bind), and the caller
// empties it with `reset` when it has copied the results out. Nothing survives a call, so there is nothing to collect or to leak.
// Lengths are checked by the caller (src/one-call.ts).
import { sattention, sattention_workspace_bytes } from "./attention";
import { sattention_grad, sattention_grad_workspace_bytes } from "./attention_grad";
import { sgemm, sgemm_workspace_bytes } from "./sgemm";
import { ssoftmax } from "./softmax";

/** Empties the arena: every array of the last call is gone. */
export function reset(): void {
  heap.reset();
}

/** Softmax of every row of x [rows, cols]. */
export function softmax(x: Float32Array, rows: i32, cols: i32): Float32Array {
  const y = new Float32Array(x.length);
  ssoftmax(y.dataStart, x.dataStart, rows, cols);
  return y;
}

/** C [m, n] = A [m, k] B [k, n]. */
export function matmul(a: Float32Array, b: Float32Array, m: i32, k: i32, n: i32): Float32Array {
  const c = new Float32Array(m * n);
  sgemm(
    c.dataStart,
    a.dataStart,
    b.dataStart,
    workspace(sgemm_workspace_bytes(m, n, k)),
    m,
    n,
    k,
    n,
    k,
    1,
    n,
    1,
    1,
    0,
    0,
  );
  return c;
}

/** Attention per head: q and the result [heads, tokens, width], k and v [heads, sources, width]. */
export function attention(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  heads: i32,
  tokens: i32,
  sources: i32,
  width: i32,
  scale: f32,
  causal: i32,
): Float32Array {
  const out = new Float32Array(q.length);
  const lse = new Float32Array(heads * tokens);
  const work = workspace(sattention_workspace_bytes(tokens, sources, width));
  forward(out, lse, q, k, v, work, heads, tokens, sources, width, scale, causal);
  return out;
}

/** The gradients of `attention` for the gradient d_out of its result: dq, dk, dv, one after the other in one array. */
export function attention_grad(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  d_out: Float32Array,
  heads: i32,
  tokens: i32,
  sources: i32,
  width: i32,
  scale: f32,
  causal: i32,
): Float32Array {
  const out = new Float32Array(q.length);
  const lse = new Float32Array(heads * tokens);
  // A new array is all zeros, and the kernel accumulates.
  const grads = new Float32Array(q.length + k.length + v.length);
  const dq = grads.dataStart;
  const dk = dq + q.byteLength;
  const dv = dk + k.byteLength;
  const work = workspace(
    max(
      sattention_workspace_bytes(tokens, sources, width),
      sattention_grad_workspace_bytes(tokens, sources, width),
    ),
  );
  forward(out, lse, q, k, v, work, heads, tokens, sources, width, scale, causal);
  const q_hs = tokens * width;
  const k_hs = sources * width;
  sattention_grad(
    dq,
    dk,
    dv,
    0,
    d_out.dataStart,
    out.dataStart,
    lse.dataStart,
    q.dataStart,
    k.dataStart,
    v.dataStart,
    work,
    1,
    heads,
    heads,
    tokens,
    sources,
    width,
    heads * q_hs,
    width,
    q_hs,
    heads * k_hs,
    width,
    k_hs,
    scale,
    i32.MAX_VALUE,
    causal ? 0 : i32.MAX_VALUE,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  );
  return grads;
}

function forward(
  out: Float32Array,
  lse: Float32Array,
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  work: usize,
  heads: i32,
  tokens: i32,
  sources: i32,
  width: i32,
  scale: f32,
  causal: i32,
): void {
  const q_hs = tokens * width;
  const k_hs = sources * width;
  sattention(
    out.dataStart,
    lse.dataStart,
    q.dataStart,
    k.dataStart,
    v.dataStart,
    work,
    1,
    heads,
    heads,
    tokens,
    sources,
    width,
    heads * q_hs,
    width,
    q_hs,
    heads * k_hs,
    width,
    k_hs,
    scale,
    i32.MAX_VALUE,
    causal ? 0 : i32.MAX_VALUE,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  );
}

/** Scratch memory on a cache line of its own. */
function workspace(bytes: i32): usize {
  return (heap.alloc(bytes + 64) + 63) & ~63;
}
