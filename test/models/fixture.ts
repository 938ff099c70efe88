// What the golden fixtures of scripts/fixtures/golden.py hold, and how far a result is from them. The compiler checks the JSON
// against these types where a test imports it.

export interface GoldenTrajectory {
  /** The settings of a gpt. Registry names are plain strings here: `gptConfig` refuses unknown ones. */
  readonly config: { readonly vocabulary: number; readonly [setting: string]: string | number | boolean };
  readonly optimizer: {
    readonly lr: number;
    readonly minimum: number;
    readonly warmup: number;
    readonly steps: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    /** Of tensors with two or more axes; the others have none. */
    readonly weightDecay: number;
    /** Of the global gradient norm. */
    readonly clip: number;
  };
  /** Token ids [B, T], one pair per step. */
  readonly batches: readonly { readonly inputs: number[][]; readonly targets: number[][] }[];
  /** Mean nats per token, each before its update. */
  readonly losses: readonly number[];
  /** Over all parameters, each before clipping. */
  readonly gradientNorms: readonly number[];
  /** Before step one. The float32 nearest to each number is the value. */
  readonly parameters: Readonly<Record<string, GoldenArray>>;
  /** Of step one, before clipping. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  /** Exactly zero in theory, so that a relative distance means nothing. */
  readonly zeroGradients: readonly string[];
  /** Of step one, [B, T, V]. */
  readonly logits: readonly number[];
  /** Norms of the parameters after the last step. */
  readonly finalNorms: Readonly<Record<string, number>>;
}

export interface GoldenArray {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** One operation in float64: y and, for every input, the gradient of sum(y dy). */
export interface GoldenOperation {
  readonly name: string;
  readonly options: Readonly<Record<string, number | boolean | readonly number[] | undefined>>;
  readonly inputs: Readonly<Record<string, GoldenArray | undefined>>;
  readonly dy: GoldenArray;
  readonly y: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[] | undefined>>;
}

/** A parameter under an optimiser in float64: the gradient of each step and the parameter after it. */
export interface GoldenUpdates {
  readonly name: string;
  readonly options: Readonly<Record<string, number | readonly number[] | undefined>>;
  readonly parameter: readonly number[];
  readonly steps: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

/** |actual - expected| / |expected| in the Euclidean norm. Different sizes throw: a missing tail must not pass. */
export function relativeL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`relativeL2: sizes must match, got ${actual.length} and ${expected.length}`);
  }
  return euclidean(Array.from(expected, (value, i) => actual[i]! - value)) / euclidean(expected);
}

/** sqrt of the sum of squares, in float64. */
export function euclidean(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return Math.sqrt(sum);
}
