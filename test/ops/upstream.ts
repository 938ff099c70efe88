// Runs an op under a tape with a given upstream gradient.
import { kernels } from "../../src/runtime/instance";
import { gradOf, record, valueAndGradients } from "../../src/tensor/tape";
import { scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import type { Outcome, Values } from "../reference/compare";

/** The op's result and the gradients of sum(y dy) by all inputs. */
export function runWithUpstream(
  run: (inputs: Readonly<Record<string, Tensor>>) => Tensor,
  inputs: Readonly<Record<string, Values>>,
  dy: ArrayLike<number>,
): Outcome & { shape: readonly number[] } {
  return scope(() => {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, { values, shape }]) => [name, tensor(values, shape, name)]),
    );
    let y: Outcome["y"] = [];
    let shape: readonly number[] = [];
    const { gradients } = valueAndGradients(() => {
      const output = run(tensors);
      y = output.values();
      shape = output.shape;
      return against(output, dy);
    }, Object.values(tensors));
    const named = Object.keys(tensors).map((name, i) => [name, gradients[i]!.values()]);
    return { y, shape, gradients: Object.fromEntries(named) };
  });
}

/** Stands for sum(y dy): hands dy to y when played back. */
export function against(y: Tensor, dy: ArrayLike<number>): Tensor {
  const upstream = tensor(dy, y.shape, "upstream");
  return record("against", tensor([0], []), [y], () => {
    kernels().saxpy(gradOf(y).ptr, upstream.ptr, 1, y.size);
  });
}

/** Random values for every shape, the same for the same seed. */
export function randomInputs(
  shapes: Readonly<Record<string, readonly number[]>>,
  seed: number,
): Record<string, Values> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      return [name, { shape, values: noise(size, 100 * seed + i) }];
    }),
  );
}
