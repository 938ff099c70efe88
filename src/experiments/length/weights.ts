// The weights of one model in another of the same shapes: what was trained under one setting is tested under another.
import { namedTensors } from "../../nn/module";
import { floats } from "../../tensor/tensor";

/** Copies every tensor of `from` to the one of the same path, and returns `to`. */
export function withWeightsOf<M extends object>(from: object, to: M): M {
  const known = namedTensors(from);
  for (const [path, x] of namedTensors(to)) {
    const mine = known.get(path);
    if (!mine) throw new Error(`weights: both models must have the same tensors, got ${path} in one only`);
    floats(x).set(floats(mine));
  }
  return to;
}
