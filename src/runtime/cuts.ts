// How kernels may be cut into shares: calls of the same kernel that together do what one call does, to the bit, in any order. A cut
// goes along axes over which a kernel never sums. Kernels that are not listed run on the main thread: sums over rows (bias gradients,
// norms of gradients, embedding gradients) have an order that must not depend on the number of threads.
import { cutAttention, cutAttentionGrad } from "./cut-attention";
import { cutGemm } from "./cut-gemm";
import { cutLayernormGrad, cutRmsnormGrad, cutRope, flat, rowwise } from "./cut-rows";
import type { Kernels } from "./kernels";

/** What a kernel takes; a cut fails to compile when its kernel takes something new. */
export type Arguments<Name extends keyof Kernels> = Parameters<Kernels[Name]>;

export interface Cut<Name extends keyof Kernels> {
  /** The arguments of each share, the longest share last; fewer than two where sharing does not pay. */
  shares(args: Arguments<Name>, threads: number): readonly Arguments<Name>[];
  /** The argument that is workspace, and the bytes that each thread needs there. */
  readonly work?: { readonly argument: number; bytes(kernels: Kernels, args: Arguments<Name>): number };
}

export type Cuts = { readonly [Name in keyof Kernels]?: Cut<Name> };

export const cuts = {
  sgemm_batched: {
    shares: cutGemm,
    work: { argument: 3, bytes: (K, [, , , , , m, n, k]) => K.sgemm_workspace_bytes(m, n, k) },
  },
  sattention: {
    shares: cutAttention,
    work: { argument: 5, bytes: (K, [, , , , , , , , , T, S, D]) => K.sattention_workspace_bytes(T, S, D) },
  },
  sattention_grad: {
    shares: cutAttentionGrad,
    work: {
      argument: 10,
      bytes: (K, [, , , , , , , , , , , , , , T, S, D]) => K.sattention_grad_workspace_bytes(T, S, D),
    },
  },

  // Nanoseconds per element: fast build, one core of an EPYC of 2024.
  ssoftmax: rowwise({ wide: [0, 1], rows: 2, cols: 3, ns: 1 }),
  ssoftmax_grad: rowwise({ wide: [0, 1, 2], rows: 3, cols: 4, ns: 0.25 }),
  slayernorm: rowwise({ wide: [0, 2], narrow: { 1: 2 }, rows: 5, cols: 6, ns: 0.35 }),
  slayernorm_grad: { shares: cutLayernormGrad },
  srmsnorm: rowwise({ wide: [0, 2], narrow: { 1: 1 }, rows: 4, cols: 5, ns: 0.25 }),
  srmsnorm_grad: { shares: cutRmsnormGrad },
  scrossentropy: rowwise({ wide: [2], narrow: { 0: 1, 1: 1, 3: 1 }, rows: 4, cols: 5, ns: 1 }),
  scrossentropy_grad: rowwise({ wide: [0, 1], narrow: { 2: 1, 3: 1 }, rows: 4, cols: 5, ns: 1 }),
  sadd_bias: rowwise({ wide: [0, 1], rows: 3, cols: 4, ns: 0.1 }),
  srope: { shares: cutRope<"srope"> },
  srope_grad: { shares: cutRope<"srope_grad"> },
  srelu: flat([0, 1], 2, 0.1),
  srelu_grad: flat([0, 1, 2], 3, 0.15),
  ssquare_relu: flat([0, 1], 2, 0.1),
  ssquare_relu_grad: flat([0, 1, 2], 3, 0.15),
  sgelu: flat([0, 1], 2, 2),
  sgelu_grad: flat([0, 1, 2], 3, 2),
  sgelu_tanh: flat([0, 1], 2, 1.3),
  sgelu_tanh_grad: flat([0, 1, 2], 3, 2),
  ssilu: flat([0, 1], 2, 1.2),
  ssilu_grad: flat([0, 1, 2], 3, 1.3),
  sadd: flat([0, 1, 2], 3, 0.14),
  ssub: flat([0, 1, 2], 3, 0.14),
  smul: flat([0, 1, 2], 3, 0.14),
  smuladd: flat([0, 1, 2], 3, 0.14),
  sscale: flat([0, 1], 3, 0.1),
  saxpy: flat([0, 1], 3, 0.1),
  sadamw: flat([0, 1, 2, 3], 4, 0.4),
  ssgd: flat([0, 1, 2], 3, 0.2),
} as const satisfies Cuts;
