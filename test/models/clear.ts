// Small models whose choices are clear.
import { namedParameters } from "../../src/nn/module";
import { floats } from "../../src/tensor/tensor";

export const small = { context: 12, width: 16, layers: 2, heads: 2 } as const;

/** The model with weights so many times as large as they begin: logits and attention are far from uniform. */
export function clear<M extends object>(model: M, times = 10): M {
  for (const x of namedParameters(model).values()) {
    floats(x).forEach((value, i, all) => {
      all[i] = times * value;
    });
  }
  return model;
}
