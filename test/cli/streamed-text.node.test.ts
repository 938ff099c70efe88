// Text as it comes: characters of several tokens come whole, with the token that completes them.
import { expect, test } from "vitest";
import { StreamedText } from "../../src/cli/streamed-text";

/** A token for each byte. */
const bytes = { decode: (ids: ArrayLike<number>) => new TextDecoder().decode(Uint8Array.from(ids)) };
const encode = (text: string) => [...new TextEncoder().encode(text)];

test("a character comes with the token that completes it", () => {
  const made = new StreamedText(bytes, encode("é"));
  expect(encode("aé🙂b").map((id) => made.add(id))).toEqual(["a", "", "é", "", "", "", "🙂", "b"]);
  expect(made.end()).toBe("");
  expect(made.text).toBe("aé🙂b");
});

test("what is never completed comes at the end, or with what follows it", () => {
  const made = new StreamedText(bytes);
  const [first] = encode("é");
  expect([first!, ...encode("a"), first!].map((id) => made.add(id))).toEqual(["", "\uFFFDa", ""]);
  expect([made.text, made.unfinished]).toEqual(["\uFFFDa", true]);
  expect(made.end()).toBe("\uFFFD");
  expect([made.text, made.unfinished]).toEqual(["\uFFFDa\uFFFD", false]);
});
