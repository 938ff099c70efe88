// From texts to rows: the prompt without context, then one for each; and long texts cut into pieces that fit.

/** Where a template has the context and the question. */
export const PLACES = { context: "{context}", question: "{question}" } as const;

/** The texts of all rows: the template with no context first, then with each. As in the reference, nothing else is left out. */
export function nbcePrompts(
  template: string,
  contexts: readonly string[],
  question: string,
): [alone: string, ...within: string[]] {
  for (const [name, place] of Object.entries(PLACES)) {
    if (!template.includes(place))
      throw new Error(`nbce: the template must hold a ${name} as ${place}, got ${JSON.stringify(template)}`);
  }
  // Pieces, not replacements: contexts may hold the places themselves, and dollar signs.
  const fill = (context: string) =>
    template
      .split(PLACES.context)
      .map((part) => part.split(PLACES.question).join(question))
      .join(context);
  return [fill(""), ...contexts.map(fill)];
}

/**
 * Pieces of at most `size` tokens, as even as can be, each beginning `overlap` tokens before the end of the one before it.
 * @throws RangeError unless 0 <= overlap < size
 */
export function splitTokens(tokens: readonly number[], size: number, overlap = 0): number[][] {
  if (!(Number.isInteger(size) && Number.isInteger(overlap) && overlap >= 0 && overlap < size))
    throw new RangeError(`split: pieces must be longer than their overlap, got ${size} and ${overlap}`);
  const count = Math.max(1, Math.ceil((tokens.length - overlap) / (size - overlap)));
  const span = tokens.length - overlap;
  return Array.from({ length: count }, (_, i) =>
    tokens.slice(Math.floor((i * span) / count), Math.floor(((i + 1) * span) / count) + overlap),
  );
}
