// The corpus is what its docstring says: reproducible, in agreement, and full of names to copy.
import { describe, expect, test } from "vitest";
import { grammarText } from "../../src/data/grammar";
import {
  actions,
  adjectives,
  beings,
  type Forms,
  places,
  prepositions,
  relations,
  titles,
  uses,
} from "../../src/data/grammar-words";
import { digest } from "../../src/math/digest";

const text = grammarText({ seed: 1 });

describe("grammarText", () => {
  test("has the length that was asked for, and begins like a longer one", () => {
    expect(text.length).toBe(400_000);
    for (const characters of [1, 100, 12_345])
      expect(grammarText({ characters, seed: 1 })).toBe(text.slice(0, characters));
  });

  test("the same bits in Node and in Chromium; another seed, another text", () => {
    expect(digest(Uint8Array.from(text, (character) => character.charCodeAt(0)))).toBe("24f4ea99ed3c389a");
    expect(grammarText({ characters: 200, seed: 2 })).not.toBe(text.slice(0, 200));
  });

  test.each([0, 1.5, NaN, -3])("%d characters are refused", (characters) => {
    expect(() => grammarText({ characters })).toThrow(
      `grammar: characters must be a whole number of at least 1, got ${characters}`,
    );
  });

  test("consists of capitalised sentences in plain characters", () => {
    expect(text).toMatch(/^[A-Za-z ,.!?"\n]+$/);
    expect(text).not.toMatch(/ {2}|\n\n| [.,!?]/);
    const scenes = text.split("\n").slice(0, -1);
    for (const scene of scenes) expect(scene).toMatch(/^[A-Z].*[.?!]"?$/);
    expect(new Set(text).size).toBeGreaterThan(45);
  });
});

describe("agreement", () => {
  type Plural = 0 | 1;
  const either = (forms: readonly string[]) => `(?:${forms.join("|")})`;
  const one = (forms: readonly Forms[], plural: Plural) => either(forms.map((form) => form[plural]));
  // Nouns with one form for both numbers say nothing.
  const nouns = beings.filter(([singular, plural]) => singular !== plural);
  const verbs: Forms[] = [...actions, ...relations, ...uses, ["is", "are"]];
  const adjective = `(?:${either(adjectives)} )?`;
  const subject = (plural: Plural) => `[Tt]he ${adjective}${one(nouns, plural)}`;
  const anyObject = `${either(["the", "some", "two", "many", "these", "an?", "every", "this"])} ${adjective}${either(beings.flat())}`;
  const place = (plural: Plural) => ` ${either(prepositions)} the ${one(places, plural)}`;
  const count = (pattern: string) =>
    [...text.matchAll(new RegExp(`(?:^|[.?!"] |")${pattern}\\b`, "gm"))].length;

  test.each<[string, (number: Plural) => string]>([
    ["next to its noun", () => ""],
    ["across a singular noun", () => place(0)],
    ["across a plural noun", () => place(1)],
    ["across a clause about its noun", (number) => ` that ${one(relations, number)} ${anyObject}`],
    ["across a clause with another subject", () => ` that ${anyObject} ${either(relations.flat())}`],
    ["within a clause", () => " that"],
  ])("the verb agrees %s", (_, between) => {
    for (const [right, wrong] of [
      [0, 1],
      [1, 0],
    ] as const) {
      expect(count(`${subject(right)}${between(right)} ${one(verbs, right)}`)).toBeGreaterThan(10);
      expect(count(`${subject(right)}${between(right)} ${one(verbs, wrong)}`)).toBe(0);
    }
  });
});

test("a name is new in its scene and returns, four times in five within 64 characters", () => {
  const gaps: number[] = [];
  const seen = new Set<string>();
  let again = 0;
  for (const scene of text.split("\n").slice(0, -1)) {
    const names = new Set(
      [...scene.matchAll(new RegExp(`(?:${titles.join("|")}) (\\w+)`, "g"))].map((match) => match[1]!),
    );
    expect([1, 2]).toContain(names.size);
    for (const name of names) {
      const places = [...scene.matchAll(new RegExp(`\\b${name}\\b`, "g"))].map((match) => match.index);
      gaps.push(...places.slice(1).map((place, i) => place - places[i]!));
      if (seen.has(name)) again++;
      seen.add(name);
    }
  }
  expect(gaps.length).toBeGreaterThan(6000);
  expect(gaps.filter((gap) => gap <= 64).length / gaps.length).toBeGreaterThan(0.75);
  expect(again / seen.size).toBeLessThan(0.05);
});
