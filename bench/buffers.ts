// Memory of a row: blocks of the heap with numbers in them.
import { normal } from "../src/ops/random";
import { heap } from "../src/runtime/instance";
import { rng } from "../src/tensor/rng";
import { empty, floats, type Tensor } from "../src/tensor/tensor";
import type { Stretch } from "./row";

/** Tensors and scratch memory that are released together. */
export class Buffers {
  readonly #release: (() => void)[] = [];
  #seed = 1;

  /** Normally distributed numbers, others for every call, the same in every run. */
  random(shape: readonly number[], deviation = 1): Tensor {
    this.#seed += 1;
    return this.own(normal(shape, { deviation, rng: rng(this.#seed) }).keep());
  }

  zeros(shape: readonly number[]): Tensor {
    const x = this.own(empty(shape).keep());
    floats(x).fill(0);
    return x;
  }

  /** Address of `bytes` of scratch memory. */
  scratch(bytes: number): number {
    const block = heap().alloc(bytes);
    this.#release.push(() => heap().free(block));
    return block.ptr;
  }

  own<T extends { release(): void }>(resource: T): T {
    this.#release.push(() => resource.release());
    return resource;
  }

  release(): void {
    for (const release of this.#release.splice(0)) release();
  }
}

export function stretch({ ptr, size }: Tensor): Stretch {
  return { ptr, length: size };
}
