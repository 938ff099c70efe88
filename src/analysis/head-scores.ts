// What a head attends to, as one number per kind of target, from a pattern of attention and the tokens that it was over. The weights of
// all positions of a kind are summed, so that a head which looks nowhere else scores 1.
//
// Conventions differ elsewhere, so say which one a number uses. Olsson et al. 2022 (arXiv:2209.11895) print "preceded" for the targets of
// prefix matching, where their definition and their correction of 2022-09-20 mean "followed"; "the average of the entries", taken
// literally, could not reach the values that they report. TransformerLens's `detect_head` ("mul") divides by the attention of all
// queries, those that have nothing to match included: a perfect induction head over R repeats scores about (R - 1) / R there, and 1 here.
// Its `induction_loss` puts BOS in place of the first token instead of before it. Formulas in periods (i - P + 1, i - 2 P + 1 ... > 0)
// count the token after BOS as a target of a block's last token: uniform attention scores .031 there for R = 4 and P = 25, and .030 here.

/** A pattern [T, T] in row-major order: row i is what token i attends to. */
export type Pattern = ArrayLike<number>;

/**
 * Prefix matching: the mean, over tokens that occurred before, of the attention to tokens that followed an earlier occurrence. The first
 * occurrence of each token counts for nothing. Over R repeats of P distinct tokens this is the score of Olsson et al. 2022.
 *
 * @param options `latest`: only the token after the last earlier occurrence counts as a target
 * @returns 0 to 1; 0 where no token occurs twice
 * @throws Error unless the pattern is [T, T] for the T tokens
 */
export function prefixMatching(
  pattern: Pattern,
  tokens: ArrayLike<number>,
  options: { readonly latest?: boolean } = {},
): number {
  return meanAttention("prefixMatching", pattern, tokens, (query) => {
    const followers = occurrencesBefore(tokens, query).map((source) => source + 1);
    return options.latest ? followers.slice(-1) : followers;
  });
}

/**
 * The mean, over tokens that occurred before, of the attention to earlier occurrences of the same token.
 *
 * @returns 0 to 1; 0 where no token occurs twice
 * @throws Error unless the pattern is [T, T] for the T tokens
 */
export function duplicateToken(pattern: Pattern, tokens: ArrayLike<number>): number {
  return meanAttention("duplicateToken", pattern, tokens, (query) => occurrencesBefore(tokens, query));
}

/**
 * The mean over all tokens but the first of the attention to the token before.
 *
 * @returns 0 to 1; 0 for a single token
 * @throws Error unless the pattern is [T, T]
 */
export function previousToken(pattern: Pattern): number {
  const T = Math.sqrt(pattern.length);
  return meanAttention("previousToken", pattern, { length: T }, (query) => (query > 0 ? [query - 1] : []));
}

/**
 * The mean over queries from `from` on of the attention to the first token, where a head rests that finds nothing (Elhage et al. 2021).
 *
 * @throws Error unless the pattern is [T, T]
 */
export function firstToken(pattern: Pattern, from = 1): number {
  const T = Math.sqrt(pattern.length);
  return meanAttention("firstToken", pattern, { length: T }, (query) => (query >= from ? [0] : []));
}

/** The mean, over queries that have targets, of the attention to all of them. */
function meanAttention(
  place: string,
  pattern: Pattern,
  tokens: { readonly length: number },
  targets: (query: number) => readonly number[],
): number {
  const T = tokens.length;
  if (!(Number.isInteger(T) && T >= 1 && pattern.length === T * T)) {
    throw new Error(
      `${place}: a pattern must be [T, T] for T tokens, got ${pattern.length} weights for ${T} tokens`,
    );
  }
  let sum = 0;
  let queries = 0;
  for (let query = 0; query < T; query++) {
    const sources = targets(query);
    if (sources.length === 0) continue;
    queries += 1;
    for (const source of sources) sum += pattern[query * T + source]!;
  }
  return queries === 0 ? 0 : sum / queries;
}

function occurrencesBefore(tokens: ArrayLike<number>, query: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < query; at++) if (tokens[at] === tokens[query]) found.push(at);
  return found;
}
