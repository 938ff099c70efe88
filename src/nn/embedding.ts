// A learned vector for every token.
import { embedding } from "../ops/embedding";
import { matmul } from "../ops/matmul";
import { normal } from "../ops/random";
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";
import { parameter } from "./module";

export class Embedding {
  readonly weight: Tensor; // [count, width]

  constructor(count: number, width: number, { deviation, rng }: { deviation: number; rng: Rng }) {
    this.weight = parameter(normal([count, width], { deviation, rng }));
  }

  /** ids [...] give [..., width]. */
  apply(ids: Tensor): Tensor {
    return embedding(this.weight, ids);
  }

  /** x [..., width] against every vector gives logits [..., count]: the tied unembedding. */
  unembed(x: Tensor): Tensor {
    return matmul(x, this.weight, { transposeB: true });
  }
}
