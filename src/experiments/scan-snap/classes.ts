// The data of Scan and Snap (Tian et al. 2023, arXiv:2305.16380, sections 3.2 and 8): K classes of sequences. A class fixes its query
// token (the last of a sequence), its label (the token that follows), and how often each context token occurs before the query.
//
//     common tokens | distinct tokens of class 0 | of class 1 | ... | queries | labels        ids 0 .. M-1
//
// A common token (CT) occurs in several classes, a distinct token (DT) in one.

export interface TokenClass {
  /** Ids of its context tokens: the common ones, then its own in the order of rising probability. */
  readonly support: Int32Array;
  /** P(l|n) for each of these. */
  readonly probabilities: Float64Array;
  readonly query: number;
  readonly label: number;
}

export interface Classes {
  /** M, with queries and labels. */
  readonly tokens: number;
  /** How many entries of each support are common tokens. */
  readonly common: number;
  readonly classes: readonly TokenClass[];
}

export interface ClassOptions {
  readonly queries: number;
  readonly nextPerQuery: number;
  /** Weights of the common tokens, before each class is normalised. */
  readonly commonWeights: readonly number[];
  /** Weights of a class's own tokens, rising. */
  readonly distinctWeights: readonly number[];
  /** M; more than needed is filled with tokens that never occur. The default is what is needed. */
  readonly tokens?: number;
}

/**
 * Class n has query floor(n / nextPerQuery).
 * @throws RangeError for counts below 1, weights that are not positive, and more classes than the tokens can hold
 */
export function makeClasses(options: ClassOptions): Classes {
  const { queries, nextPerQuery, commonWeights, distinctWeights } = options;
  whole("queries", queries, 1);
  whole("nextPerQuery", nextPerQuery, 1);
  const weights = [...commonWeights, ...distinctWeights];
  const wrong = weights.find((weight) => !(weight > 0 && weight < Infinity));
  if (wrong !== undefined) throw new RangeError(`classes: weights must be above 0, got ${wrong}`);
  if (distinctWeights.length === 0)
    throw new RangeError("classes: each class needs a distinct token, got none");
  const count = queries * nextPerQuery;
  const [common, distinct] = [commonWeights.length, distinctWeights.length];
  const firstQuery = common + distinct * count;
  const needed = firstQuery + queries + count;
  const tokens = options.tokens ?? needed;
  if (!(Number.isInteger(tokens) && tokens >= needed)) {
    throw new RangeError(
      `classes: ${count} classes need ${needed} tokens, got ${tokens}; use fewer classes or more tokens`,
    );
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const classes = Array.from({ length: count }, (_, n) => ({
    support: Int32Array.from(weights, (_, i) => (i < common ? i : i + distinct * n)),
    probabilities: Float64Array.from(weights, (weight) => weight / sum),
    query: firstQuery + Math.floor(n / nextPerQuery),
    label: firstQuery + queries + n,
  }));
  return { tokens, common, classes };
}

/** `count` numbers from `first` to `last`, evenly spaced. */
export function linspace(first: number, last: number, count: number): number[] {
  if (count === 1) return [last];
  return Array.from({ length: count }, (_, i) => first + (i * (last - first)) / (count - 1));
}

function whole(name: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least))
    throw new RangeError(`classes: ${name} must be a whole number of at least ${least}, got ${value}`);
}
