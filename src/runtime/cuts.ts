// How kernels may be cut into shares: calls of the same kernel that together do what one call does, to the bit, in any order. A cut
// goes along axes over which a kernel never sums. Kernels that are not listed run on the main thread: sums over rows (bias gradients,
// norms of gradients, embedding gradients) have an order that must not depend on the number of threads.
import { cutAttention, cutAttentionGrad } from "./cut-attention";
import { cutGemm } from "./cut-gemm";
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
} as const satisfies Cuts;
