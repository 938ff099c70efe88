// Which layers of a model add biases: all, none, or those of one part.

export type Biased = boolean | "query-key-value" | "attention" | "mlp";

export interface Biases {
  /** Projections to queries, keys and values. */
  readonly projections: boolean;
  /** The projection of what attention has mixed. */
  readonly output: boolean;
  readonly mlp: boolean;
  readonly norms: boolean;
}

/**
 * "mlp" names all but attention: MLPs and norms.
 * @throws Error `bias: rule, got value`
 */
export function biasesOf(biased: Biased): Biases {
  const words: readonly unknown[] = [true, false, "query-key-value", "attention", "mlp"];
  if (!words.includes(biased))
    throw new Error(`bias: must be one of ${words.join(", ")}, got ${JSON.stringify(biased)}`);
  const everything = biased === true;
  return {
    projections: everything || biased === "attention" || biased === "query-key-value",
    output: everything || biased === "attention",
    mlp: everything || biased === "mlp",
    norms: everything || biased === "mlp",
  };
}
