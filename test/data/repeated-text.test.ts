// Lines of letters that repeat a block: a text for whatever trains on texts.
import { expect, test } from "vitest";
import { repeatedText } from "../../src/data/repeated-text";

test("every line repeats a block of 6 to 16 distinct letters", () => {
  const lines = repeatedText({ characters: 64 * 200 })
    .split("\n")
    .slice(1);
  expect(lines).toHaveLength(200);
  for (const line of lines) {
    expect(line).toMatch(/^[a-zA-F]{63}$/);
    const period = line.indexOf(line[0]!, 1);
    expect(period).toBeGreaterThanOrEqual(6);
    expect(period).toBeLessThanOrEqual(16);
    expect(new Set(line.slice(0, period)).size).toBe(period);
    expect(line.slice(period)).toBe(line.slice(0, -period));
  }
  expect(new Set(lines).size).toBe(200);
});

test("a longer text of a seed begins with the shorter one, another seed gives another text", () => {
  const short = repeatedText({ characters: 1000, seed: 3 });
  expect(short).toHaveLength(1000);
  expect(repeatedText({ characters: 5000, seed: 3 }).slice(0, 1000)).toBe(short);
  expect(repeatedText({ characters: 1000, seed: 4 })).not.toBe(short);
});

test("sizes that are no sizes are refused", () => {
  expect(() => repeatedText({ characters: 0 })).toThrow(
    "repeated-text: characters must be a whole number of at least 1, got 0",
  );
});
