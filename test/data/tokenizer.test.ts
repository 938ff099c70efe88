// Texts round trip through both tokenizers, and what cannot be encoded is named.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charTokenizer, tokenizerFromJSON, wordTokenizer } from "../../src/data/tokenizer";

describe("charTokenizer", () => {
  test("code points in order, surrogate pairs whole", () => {
    const tokenizer = charTokenizer("b\u{1f600}a\uffffb\n");
    expect(tokenizer.vocabulary).toEqual(["\n", "a", "b", "\uffff", "\u{1f600}"]);
    expect([...tokenizer.encode("a\u{1f600}b")]).toEqual([1, 4, 2]);
    expect(tokenizer.decode([4, 0])).toBe("\u{1f600}\n");
    expect(tokenizer.token(2)).toBe("b");
  });

  test("any text round trips, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const tokenizer = tokenizerFromJSON(JSON.parse(JSON.stringify(charTokenizer(`${text}x`))));
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
    expect(charTokenizer("\ud800a").decode([1, 0])).toBe("\ud800a");
  });

  test("an unknown character is named with its code point and place", () => {
    expect(() => charTokenizer("abc\u{1f600}").encode("\u{1f600}a\u00e9")).toThrow(
      'tokenizer: character "\u00e9" (U+00E9) is not in the vocabulary of 4, at position 3',
    );
  });

  test.each([-1, 3, 0.5, NaN])("id %d is refused", (id) => {
    expect(() => charTokenizer("abc").decode([id])).toThrow(`tokenizer: ids run from 0 to 2, got ${id}`);
    expect(() => charTokenizer("abc").token(id)).toThrow("tokenizer: ids run");
  });
});

describe("wordTokenizer", () => {
  const text = 'The dog (a well-known dog) said: "Don\'t run!"\nThe dogs\u2019 dog ran; 3 % ran.\n';

  test("words, signs and line ends, the frequent first", () => {
    const tokenizer = wordTokenizer(text);
    expect(tokenizer.vocabulary.slice(0, 5)).toEqual(["dog", "\n", '"', "The", "ran"]);
    expect(tokenizer.vocabulary).toEqual(
      expect.arrayContaining(["well-known", "Don't", "(", ";", "\u2019", "3", "%"]),
    );
    expect(tokenizer.vocabulary).not.toContain(" ");
  });

  test("decode sets spaces as in print", () => {
    const tokenizer = wordTokenizer(text);
    expect(tokenizer.decode(tokenizer.encode("The dog"))).toBe("The dog");
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(
      'The dog (a well-known dog) said: "Don\'t run!"\nThe dogs \u2019 dog ran; 3% ran.\n',
    );
  });

  test("every sequence of ids decodes to a text that encodes to it", () => {
    const tokenizer = wordTokenizer(`${text} \u2026 - ' \u201cx\u201d [y] {z} <unk>`);
    const id = fc.nat(tokenizer.vocabulary.length - 1);
    fc.assert(
      fc.property(fc.array(id), (ids) => {
        expect([...tokenizer.encode(tokenizer.decode(ids))]).toEqual(ids);
      }),
    );
  });

  test("a limited vocabulary keeps the most frequent and has <unk>", () => {
    const tokenizer = wordTokenizer("a a a b b c", { maximum: 3 });
    expect(tokenizer.vocabulary).toEqual(["<unk>", "a", "b"]);
    expect([...tokenizer.encode("c b zebra a")]).toEqual([0, 2, 0, 1]);
    expect(tokenizer.decode([1, 0])).toBe("a <unk>");
    expect(wordTokenizer("a b", { maximum: 9 }).vocabulary).toEqual(["<unk>", "a", "b"]);
  });

  test("an unknown word is an error without <unk>", () => {
    expect(() => wordTokenizer("a b").encode("a zebra")).toThrow(
      'tokenizer: word "zebra" is not in the vocabulary of 2, at position 2',
    );
  });

  test.each([1, 0, 2.5, NaN])("maximum %d is refused", (maximum) => {
    expect(() => wordTokenizer("a", { maximum })).toThrow(`at least 2, got ${maximum}`);
  });
});

describe("tokenizerFromJSON", () => {
  test("keeps ids and kind", () => {
    const word = wordTokenizer("a b a", { maximum: 3 });
    expect(tokenizerFromJSON(JSON.parse(JSON.stringify(word))).encode("b c a")).toEqual(word.encode("b c a"));
    expect(tokenizerFromJSON({ kind: "char", vocabulary: ["b", "a"] }).encode("ab")).toEqual(
      new Int32Array([1, 0]),
    );
  });

  test.each([
    [null, "vocabulary must be an array of at least one token, got nothing"],
    [{ kind: "char", vocabulary: [] }, "vocabulary must be an array of at least one token, got []"],
    [{ kind: "char", vocabulary: "ab" }, 'got "ab"'],
    [{ kind: "char", vocabulary: ["a", 1] }, "got 1 at id 1"],
    [{ kind: "char", vocabulary: ["a", ""] }, 'got "" at id 1'],
    [{ kind: "char", vocabulary: ["a", "bc"] }, 'must be one character, got "bc"'],
    [{ kind: "word", vocabulary: ["a", "b", "a"] }, 'tokens must be distinct, got "a" twice'],
    [{ kind: "bpe", vocabulary: ["a"] }, 'kind must be "char" or "word", got "bpe"'],
    [{ vocabulary: ["a"] }, "got nothing"],
  ])("%j is refused", (json, message) => {
    expect(() => tokenizerFromJSON(json)).toThrow(message);
    expect(() => tokenizerFromJSON(json)).toThrow(/^tokenizer: /);
  });
});
