// What a library must offer to be measured, and what it is measured on.
import { attentionFlops, causalPairs, productFlops, stepFlops } from "../flops";

export const HEADS = 8;
export const WIDTH = 64;

/** The model of a training step: nanoGPT's small character model, without biases, its unembedding tied. */
export const STEP = {
  name: "gpt",
  vocabulary: 65,
  context: 64,
  width: 128,
  layers: 4,
  heads: 4,
  batch: 12,
} as const;
export const ADAMW = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
} as const;

export type Task =
  | { readonly kind: "matmul"; readonly n: number }
  | { readonly kind: "attention"; readonly T: number; readonly causal: boolean; readonly backward: boolean }
  | { readonly kind: "softmax"; readonly n: number }
  | { readonly kind: "step" };

/** One way of a library to do a task; where it has several, the fastest one counts. */
export interface Candidate {
  readonly name: string;
  run(): unknown;
  /** Runs once and gives the largest difference from float64, as a part of the largest value. */
  check(): number | Promise<number>;
  /** Reaches the optimising compiler by short calls, where that is needed. */
  warm?(): void;
}

export interface Peer {
  /** The ways to do a task; none when the library cannot. */
  prepare(task: Task, fixture: string): readonly Candidate[] | Promise<readonly Candidate[]>;
}

const bools = [false, true];

export const tasks: readonly Task[] = [
  ...[256, 512].map((n): Task => ({ kind: "matmul", n })),
  ...bools.flatMap((backward) =>
    bools.flatMap((causal) => [512, 1024].map((T): Task => ({ kind: "attention", T, causal, backward }))),
  ),
  { kind: "softmax", n: 512 },
  { kind: "step" },
];

export function taskName(task: Task): string {
  if (task.kind === "attention") {
    return `attention ${task.backward ? "fwd+bwd" : "fwd"} T ${task.T}${task.causal ? ", causal" : ""}`;
  }
  if (task.kind === "step") return "training step";
  return `${task.kind} ${task.n}`;
}

/** What a call amounts to: a softmax in GB/s, read and written, everything else in GFLOP/s. */
export function taskAmount(task: Task): { readonly amount: number; readonly unit: "GFLOP/s" | "GB/s" } {
  switch (task.kind) {
    case "matmul":
      return { amount: productFlops({ m: task.n, n: task.n, k: task.n }), unit: "GFLOP/s" };
    case "attention": {
      const pairs = task.causal ? causalPairs(task.T) : task.T * task.T;
      const dims = { heads: HEADS, pairs, width: WIDTH };
      return { amount: attentionFlops(dims, task.backward ? "both" : "forward"), unit: "GFLOP/s" };
    }
    case "softmax":
      return { amount: 2 * 4 * task.n * task.n, unit: "GB/s" };
    case "step":
      return { amount: stepFlops(STEP), unit: "GFLOP/s" };
  }
  return task satisfies never;
}
