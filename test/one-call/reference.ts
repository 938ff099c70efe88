// Softmax, matmul, attention and its gradient as plain loops, rounding every step with `round`: the identity gives the float64
// reference, Math.fround naive f32, whose error is what the tests compare with.
import type { AttentionGradients, AttentionShape } from "../../src/one-call";

export type Round = (x: number) => number;
export const float64: Round = (x) => x;
type Floats = Float32Array | number[];

export function softmax(x: Floats, rows: number, cols: number, round: Round): number[] {
  const y: number[] = [];
  for (let i = 0; i < rows; i++) {
    const row = [...x.slice(i * cols, (i + 1) * cols)];
    const top = Math.max(...row);
    const exps = row.map((value) => (top === -Infinity ? 0 : round(Math.exp(round(value - top)))));
    const total = exps.reduce((sum, value) => round(sum + value), 0);
    y.push(...exps.map((value) => (total === 0 ? 0 : round(value / total))));
  }
  return y;
}

export function matmul(a: Floats, b: Floats, m: number, k: number, n: number, round: Round): number[] {
  const c: number[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum = round(sum + round(a[i * k + p]! * b[p * n + j]!));
      c.push(sum);
    }
  }
  return c;
}

export function attention(q: Floats, k: Floats, v: Floats, shape: AttentionShape, round: Round): number[] {
  const { tokens, width, sources = tokens } = shape;
  return heads(shape).flatMap((head) => {
    const values = v.slice(head * sources * width, (head + 1) * sources * width);
    const weights = softmax(logits(q, k, shape, head, round), tokens, sources, round);
    return matmul(weights, values, tokens, sources, width, round);
  });
}

/**
 * The gradient as it is computed without keeping weights (Dao et al. 2022, arXiv:2205.14135, appendix B.2): they come again from
 * the log-sum-exp, and each row's mean of dw is dOut . out. In float64 that changes nothing; in f32 it is the rounding to expect.
 */
export function attentionGrad(
  q: Floats,
  k: Floats,
  v: Floats,
  dOut: Floats,
  shape: AttentionShape,
  round: Round,
): Record<keyof AttentionGradients, number[]> {
  const { tokens, width, sources = tokens, scale = 1 / Math.sqrt(width) } = shape;
  const grads = { dq: [] as number[], dk: [] as number[], dv: [] as number[] };
  const out = attention(q, k, v, shape, round);
  for (const head of heads(shape)) {
    const rows = (x: Floats, count: number) => x.slice(head * count * width, (head + 1) * count * width);
    const s = logits(q, k, shape, head, round);
    const lse = logSumExp(s, tokens, sources, round);
    const w = s.map((logit, at) =>
      logit === -Infinity ? 0 : round(Math.exp(round(logit - lse[Math.floor(at / sources)]!))),
    );
    const [dout, y] = [rows(dOut, tokens), rows(out, tokens)];
    const means = Array.from({ length: tokens }, (_, t) =>
      matmul(dout.slice(t * width, (t + 1) * width), y.slice(t * width, (t + 1) * width), 1, width, 1, round),
    ).flat();
    grads.dv.push(...matmul(transpose(w, tokens, sources), dout, sources, tokens, width, round));
    const dw = matmul(dout, transpose(rows(v, sources), sources, width), tokens, width, sources, round);
    const ds = w.map((weight, at) =>
      round(round(scale) * round(weight * round(dw[at]! - means[Math.floor(at / sources)]!))),
    );
    grads.dq.push(...matmul(ds, rows(k, sources), tokens, sources, width, round));
    grads.dk.push(...matmul(transpose(ds, tokens, sources), rows(q, tokens), sources, tokens, width, round));
  }
  return grads;
}

/** scale q k^T of one head, [tokens, sources], -Infinity where masked. */
function logits(q: Floats, k: Floats, shape: AttentionShape, head: number, round: Round): number[] {
  const { tokens, width, sources = tokens, causal = false, scale = 1 / Math.sqrt(width) } = shape;
  const queries = q.slice(head * tokens * width, (head + 1) * tokens * width);
  const keys = k.slice(head * sources * width, (head + 1) * sources * width);
  return matmul(queries, transpose(keys, sources, width), tokens, width, sources, round).map((dot, at) => {
    const visible = !causal || at % sources <= Math.floor(at / sources) + sources - tokens;
    return visible ? round(round(scale) * dot) : -Infinity;
  });
}

function logSumExp(x: number[], rows: number, cols: number, round: Round): number[] {
  return Array.from({ length: rows }, (_, i) => {
    const row = x.slice(i * cols, (i + 1) * cols);
    const top = Math.max(...row);
    const total = row.reduce((sum, value) => round(sum + round(Math.exp(round(value - top)))), 0);
    return round(top + round(Math.log(total)));
  });
}

function transpose(x: Floats, rows: number, cols: number): number[] {
  return Array.from({ length: rows * cols }, (_, at) => x[(at % rows) * cols + Math.floor(at / rows)]!);
}

function heads(shape: AttentionShape): number[] {
  return [...Array(shape.heads).keys()];
}
