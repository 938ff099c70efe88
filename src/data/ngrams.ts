// Counting models of a text: how well the last n - 1 tokens predict the next, learned from one part and measured on another.
import { log } from "../math/log";

/** A context and the tokens that followed it. */
interface Followers {
  total: number;
  readonly counts: Map<number, number>;
}

/**
 * Nats per token of an n-gram model with Witten and Bell's interpolation (1991): in a context that was followed by c tokens of t kinds,
 * the shorter context has the share t / (c + t), down to all tokens alike.
 *
 * @param train what is counted; tokens below `vocabulary`
 * @param heldOut what is predicted, each token but the first from as many before it as there are
 * @throws RangeError for an order below 1, and for fewer than two held-out tokens
 */
export function ngramLoss(
  train: ArrayLike<number>,
  heldOut: ArrayLike<number>,
  { order, vocabulary }: { readonly order: number; readonly vocabulary: number },
): number {
  if (!(Number.isInteger(order) && order >= 1))
    throw new RangeError(`ngrams: order must be a whole number of at least 1, got ${order}`);
  if (heldOut.length < 2)
    throw new RangeError(`ngrams: a loss needs at least 2 tokens, got ${heldOut.length}`);
  const tables = Array.from({ length: order }, (_, before) => count(train, before, vocabulary));
  let sum = 0;
  for (let i = 1; i < heldOut.length; i++) {
    const probability = tables.reduce((shorter, table, before) => {
      const found = before <= i ? table.get(contextOf(heldOut, i, before, vocabulary)) : undefined;
      if (!found) return shorter;
      const { total, counts } = found;
      return ((counts.get(heldOut[i]!) ?? 0) + counts.size * shorter) / (total + counts.size);
    }, 1 / vocabulary);
    sum -= log(probability);
  }
  return sum / (heldOut.length - 1);
}

function count(tokens: ArrayLike<number>, before: number, vocabulary: number): Map<number, Followers> {
  const table = new Map<number, Followers>();
  for (let i = before; i < tokens.length; i++) {
    const context = contextOf(tokens, i, before, vocabulary);
    const followers = table.get(context) ?? { total: 0, counts: new Map() };
    followers.total += 1;
    followers.counts.set(tokens[i]!, (followers.counts.get(tokens[i]!) ?? 0) + 1);
    table.set(context, followers);
  }
  return table;
}

/** The `before` tokens before token i as one number. */
function contextOf(tokens: ArrayLike<number>, i: number, before: number, vocabulary: number): number {
  let context = 0;
  for (let j = i - before; j < i; j++) context = context * vocabulary + tokens[j]!;
  return context;
}
