// What counting can reach: the entropies that a loss must pass to show that a model uses more than one token of context.
import { log } from "../math/log";

/**
 * Nats per next-token prediction of the best unigram model of this split: the entropy of its own frequencies, over tokens 1..n-1.
 * No model that ignores the context has a lower mean loss on these tokens, since none can know their frequencies better.
 * @throws RangeError for fewer than two tokens
 */
export function unigramEntropy(tokens: ArrayLike<number>): number {
  expectTokens(tokens);
  return entropyOfCounts(
    runLengths(Float64Array.from({ length: tokens.length - 1 }, (_, i) => tokens[i + 1]!)),
  );
}

/**
 * Nats per next-token prediction of the best bigram model of this split: the conditional entropy of its own pair frequencies. No
 * model that sees one token of context has a lower mean loss on these tokens; one fitted elsewhere has a higher one, the more so
 * the smaller the split and the larger the vocabulary.
 * @throws RangeError for fewer than two tokens
 */
export function bigramEntropy(tokens: ArrayLike<number>): number {
  expectTokens(tokens);
  const pairs = tokens.length - 1;
  // Below 2^53: ids are below 2^31 and vocabularies below 2^22.
  const vocabulary = largest(tokens) + 1;
  const joint = Float64Array.from({ length: pairs }, (_, i) => tokens[i]! * vocabulary + tokens[i + 1]!);
  const given = Float64Array.from({ length: pairs }, (_, i) => tokens[i]!);
  // H(next | previous) = H(previous, next) - H(previous)
  return entropyOfCounts(runLengths(joint)) - entropyOfCounts(runLengths(given));
}

/** How often each distinct value occurs, in order of value; sorts `values`. Needs no table of vocabulary^2. */
function runLengths(values: Float64Array): number[] {
  values.sort();
  const counts: number[] = [];
  let start = 0;
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[start]) continue;
    counts.push(i - start);
    start = i;
  }
  return counts;
}

/** ln n - sum c ln c / n for counts c that sum to n. */
function entropyOfCounts(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return log(total) - counts.reduce((sum, count) => sum + count * log(count), 0) / total;
}

function largest(tokens: ArrayLike<number>): number {
  let result = 0;
  for (let i = 0; i < tokens.length; i++) result = Math.max(result, tokens[i]!);
  return result;
}

function expectTokens(tokens: ArrayLike<number>): void {
  if (tokens.length < 2)
    throw new RangeError(`floors: an entropy needs at least 2 tokens, got ${tokens.length}`);
}
