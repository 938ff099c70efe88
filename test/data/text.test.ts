// A text becomes two splits, or one sentence that says why not.
import { describe, expect, test } from "vitest";
import { corpus, expectContext } from "../../src/data/text";
import { charTokenizer } from "../../src/data/tokenizer";

describe("corpus", () => {
  test("holds out the last tenth", () => {
    const { tokenizer, train, heldOut } = corpus("abcdefghij".repeat(10));
    expect([train.length, heldOut.length]).toEqual([90, 10]);
    expect(tokenizer.decode(train) + tokenizer.decode(heldOut)).toBe("abcdefghij".repeat(10));
  });

  test.each([
    [0, 10],
    [0.5, 5],
    [0.1, 9],
    [0.99, 0],
  ])("heldOut %d of ten tokens trains on %d", (heldOut, train) => {
    expect(corpus("0123456789", { heldOut }).train.length).toBe(train);
  });

  test.each([1, -0.1, NaN])("heldOut %d is refused", (heldOut) => {
    expect(() => corpus("ab", { heldOut })).toThrow(
      `corpus: heldOut must be at least 0 and below 1, got ${heldOut}`,
    );
  });

  test("by word, and by a given tokenizer", () => {
    expect(corpus("a b c a", { tokenizer: "word", heldOut: 0 }).train).toEqual(new Int32Array([1, 2, 3, 1]));
    const tokenizer = charTokenizer("cab");
    expect(corpus("abab", { tokenizer }).tokenizer).toBe(tokenizer);
    expect(() => corpus("abx", { tokenizer })).toThrow('tokenizer: character "x" (U+0078)');
  });

  test.each([
    ["", "char", "got an empty text"],
    ["aaaa", "char", 'got only "a", 4 times'],
    [" \t ", "word", "got no token"],
    ["go go", "word", 'got only "go", 2 times'],
  ] as const)("text %j by %s is refused", (text, tokenizer, message) => {
    expect(() => corpus(text, { tokenizer })).toThrow(
      `corpus: a text must have at least two distinct tokens, ${message}`,
    );
  });
});

test("a context longer than the text is refused with both lengths", () => {
  expect(() => expectContext(new Int32Array(10), 10)).toThrow(
    "corpus: a context of 10 needs at least 11 tokens to train on, got 10; use a shorter context or a longer text",
  );
  expect(() => expectContext(new Int32Array(11), 10)).not.toThrow();
  expect(() => expectContext(new Int32Array(11), 0)).toThrow(
    "context must be a whole number of at least 1, got 0",
  );
});
