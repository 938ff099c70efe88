// Inputs for the peers, and their answers against float64.
import { softmax } from "../../test/reference/softmax";
import { disagreement, sampled } from "../agreement";
import { attentionSample, type SampledAttention } from "../attention-sample";
import { HEADS, type Task, WIDTH } from "./peer";

/** Numbers in [-1, 1), the same for the same seed (Numerical Recipes' generator). */
export function noise(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function matmulError(n: number, a: Float32Array, b: Float32Array, c: ArrayLike<number>): number {
  const places = sampled(n, 12).flatMap((i) => sampled(n, 12).map((j) => [i, j] as const));
  const expected = places.map(([i, j]) => {
    let sum = 0;
    for (let p = 0; p < n; p++) sum += a[i * n + p]! * b[p * n + j]!;
    return sum;
  });
  const actual = places.map(([i, j]) => c[i * n + j] ?? Number.NaN);
  return c.length === n * n ? disagreement(actual, expected) : Number.POSITIVE_INFINITY;
}

export function softmaxError(n: number, x: Float32Array, y: ArrayLike<number>): number {
  return disagreement(y, softmax(x, n, n));
}

export interface AttentionArrays {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly dout: Float32Array;
}

/** q, k, v and the gradient of the output, [T, H, D]. */
export function attentionInputs(T: number): AttentionArrays {
  const [q, k, v, dout] = [1, 2, 3, 4].map((seed) => noise(T * HEADS * WIDTH, seed)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]; // of four
  return { q, k, v, dout };
}

/** Results in [T, H, D]; the gradients only where there are any. */
export interface AttentionResults {
  readonly out: Float32Array;
  readonly dq?: Float32Array;
  readonly dk?: Float32Array;
  readonly dv?: Float32Array;
}

export function attentionError(
  { T, causal, backward }: Extract<Task, { kind: "attention" }>,
  inputs: AttentionArrays,
  results: AttentionResults,
): number {
  const shape = { tokens: T, heads: HEADS, dim: WIDTH, scale: 1 / Math.sqrt(WIDTH), causal };
  const lse = logSumExps(T, causal, inputs);
  const expected = attentionSample(shape, { ...inputs, out: results.out, lse }, backward);
  const names = backward ? (["out", "dq", "dk", "dv"] as const) : (["out"] as const);
  return Math.max(...names.map((name) => placedError(expected[name], results[name])));
}

function placedError(expected: SampledAttention["out"], actual: Float32Array | undefined): number {
  return disagreement(
    expected.map(({ at }) => actual?.[at] ?? Number.NaN),
    expected.map(({ value }) => value),
  );
}

/** [H, T], only of the heads that are sampled. */
function logSumExps(T: number, causal: boolean, { q, k }: AttentionArrays): Float32Array {
  const lse = new Float32Array(HEADS * T);
  for (const head of sampled(HEADS, 2)) {
    for (let i = 0; i < T; i++) {
      let sum = 0; // logits of such inputs are small
      for (let j = 0; j < (causal ? i + 1 : T); j++) {
        let score = 0;
        for (let d = 0; d < WIDTH; d++) {
          score += q[(i * HEADS + head) * WIDTH + d]! * k[(j * HEADS + head) * WIDTH + d]!;
        }
        sum += Math.exp(score / Math.sqrt(WIDTH));
      }
      lse[head * T + i] = Math.log(sum);
    }
  }
  return lse;
}

/** [T, H, D] as [H, T, D]; and back, where the first two sizes are exchanged. */
export function exchange(x: ArrayLike<number>, first: number, second: number): Float32Array {
  const y = new Float32Array(x.length);
  for (let i = 0; i < first; i++) {
    for (let j = 0; j < second; j++) {
      for (let d = 0; d < WIDTH; d++) y[(j * first + i) * WIDTH + d] = x[(i * second + j) * WIDTH + d]!;
    }
  }
  return y;
}

/** 0 where a token sees a source, a very small number where not; [T, T]. */
export function causalMask(T: number): Float32Array {
  return Float32Array.from({ length: T * T }, (_, index) => (index % T > Math.floor(index / T) ? -1e9 : 0));
}
