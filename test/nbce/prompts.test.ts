// Prompts from templates, and pieces of long texts.
import { expect, test } from "vitest";
import { nbcePrompts, splitTokens } from "../../src/nbce/prompts";

test("the template without context, then with each; what stands in contexts is left alone", () => {
  const template = "User: {context}\n\n{question}\n\nAssistant:";
  expect(nbcePrompts(template, ["one", "{question} $& {context}"], "why?")).toEqual([
    "User: \n\nwhy?\n\nAssistant:",
    "User: one\n\nwhy?\n\nAssistant:",
    "User: {question} $& {context}\n\nwhy?\n\nAssistant:",
  ]);
  expect(() => nbcePrompts("{context}", [], "why?")).toThrow(
    'nbce: the template must hold a question as {question}, got "{context}"',
  );
});

test("pieces fit, cover everything in order, overlap as asked and are even", () => {
  for (const [length, size, overlap] of [
    [10, 4, 0],
    [10, 4, 1],
    [100, 7, 3],
    [5, 9, 2],
    [9, 9, 8],
    [1, 2, 1],
    [0, 3, 0],
  ] as const) {
    const tokens = Array.from({ length }, (_, i) => i);
    const pieces = splitTokens(tokens, size, overlap);
    expect(pieces.every((piece) => piece.length <= size)).toBe(true);
    expect([...new Set(pieces.flat())]).toEqual(tokens);
    for (const [i, piece] of pieces.slice(1).entries())
      expect(pieces[i]!.slice(pieces[i]!.length - overlap)).toEqual(piece.slice(0, overlap));
    const lengths = pieces.map((piece) => piece.length);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    // No fewer would do.
    if (length > 0)
      expect((pieces.length - 1) * (size - overlap) + overlap).toBeLessThan(
        Math.max(length, 1) + (pieces.length === 1 ? 1e9 : 0),
      );
  }
  expect(() => splitTokens([1], 2, 2)).toThrow(
    "split: pieces must be longer than their overlap, got 2 and 2",
  );
});
