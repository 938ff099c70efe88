// A model is a tree of plain objects: the tensors in their own fields, arrays and nested objects are its state. Private fields
// (#x) are not part of the tree.
import { Tensor } from "../tensor/tensor";

/** Marks a tensor as learned. */
export function parameter(x: Tensor): Tensor {
  x.needsGrad = true;
  return x;
}

/** Marks a tensor as learned, with the rate of tables: its entries are what they say, so they have far to go and must not decay. */
export function table(x: Tensor): Tensor {
  x.group = "tables";
  return parameter(x);
}

/** Every tensor of the tree by its dotted path, `blocks.0.attention.value.weight`, in field order. */
export function namedTensors(tree: object): Map<string, Tensor> {
  return new Map(walk(tree, ""));
}

/** The learned tensors of the tree by path. */
export function namedParameters(tree: object): Map<string, Tensor> {
  return new Map([...walk(tree, "")].filter(([, x]) => x.needsGrad));
}

/** The learned tensors of the tree. */
export function parameters(tree: object): Tensor[] {
  return [...namedParameters(tree).values()];
}

export function parameterCount(tree: object): number {
  return parameters(tree).reduce((count, x) => count + x.size, 0);
}

/** Gives every tensor its path as name, so that errors and checkpoints speak of the same thing. Returns the tree. */
export function named<T extends object>(tree: T): T {
  for (const [path, x] of walk(tree, "")) x.name = path;
  return tree;
}

function* walk(node: object, prefix: string): Generator<[string, Tensor]> {
  for (const [key, value] of Object.entries(node)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (value instanceof Tensor) yield [path, value];
    else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value))
      yield* walk(value, path);
  }
}
