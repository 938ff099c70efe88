// What an address says of contexts, without a page: readable, deflated or left out, and read again by whoever has the address.
import { describe, expect, test } from "vitest";
import { grammarText } from "../../src/data/grammar";
import { rng } from "../../src/tensor/rng";
import { placeHash, readPlace } from "../../src/web/address";
import { contextsWords, leavesOut, readContexts } from "../../src/web/nbce/contexts-words";

/** The same words after they have been an address. */
function passedOn(contexts: readonly string[]) {
  const hash = placeHash({ tab: "nbce", words: { ...contextsWords(contexts) } });
  return { hash, words: readPlace(hash).words };
}

/** No two letters tell anything of each other: what deflates worst. */
function noise(characters: number): string {
  const random = rng(1);
  return Array.from({ length: characters }, () =>
    String.fromCharCode(33 + Math.floor(94 * random.uniform())),
  ).join("");
}

describe.each<[string, readonly string[], "contexts" | "deflated"]>([
  ["short", ["gfedcbagfedcba", "mnopqrsmnopqrs"], "contexts"],
  ["empty", [""], "contexts"],
  ["long", [grammarText({ characters: 4000 }), "A dog."], "deflated"],
  ["signs that are escaped", ["naïve 東京 🙂\t= + % # ? ".repeat(80), "\uFEFF\uD800"], "deflated"],
  ["long and the same over and over", ["The cat sleeps. ".repeat(10_000)], "deflated"],
])("%s contexts", (_, contexts, form) => {
  test(`are ${form} in the address, of at most 3,500 characters and no more than they had as they are`, () => {
    const { hash, words } = passedOn(contexts);
    expect(Object.keys(words)).toEqual(form === "contexts" ? ["contexts"] : ["digest", "deflated"]);
    const readable = placeHash({ tab: "nbce", words: { contexts: JSON.stringify(contexts) } });
    expect(hash.length).toBeLessThanOrEqual(
      Math.min(readable.length, 3500 + "#nbce?digest=&deflated=".length + 16),
    );
    expect(leavesOut(words)).toBe(false);
    expect(readContexts(words, ["others"])).toEqual({ contexts });
  });
});

test("what does not deflate is in the address as long as it fits, and left out from there on", () => {
  const at = (characters: number) => contextsWords([noise(characters)]);
  const sizes = [900, 1800, 2600, 3000, 4000, 300_000];
  for (const words of sizes.map(at))
    expect(placeHash({ tab: "", words: { ...words } }).length).toBeLessThan(3600);
  expect(leavesOut(at(4000))).toBe(true);
  expect(leavesOut(at(300_000))).toBe(true);
  expect(leavesOut(at(900))).toBe(false);
});

describe("contexts too long for a link", () => {
  const contexts = [grammarText({ characters: 100_000 }), noise(5000), "A dog."];
  const { hash, words } = passedOn(contexts);

  test("are left out: how many they are, and their digest", () => {
    expect(hash).toMatch(/^#nbce\?digest=[0-9a-f]{16}&count=3$/);
    expect(leavesOut(words)).toBe(true);
  });

  test("stay where they are here; elsewhere there are as many fields for them", () => {
    expect(readContexts(words, contexts)).toEqual({ contexts });
    const lack = { words, count: 3, damaged: false };
    expect(readContexts(words, [...contexts, "A cat."])).toEqual({ contexts: ["", "", ""], lack });
  });
});

test.each<[string, Readonly<Record<string, string>>]>([
  ["JSON that was cut off", { contexts: '["one","tw' }],
  ["no list", { contexts: '{"one":1}' }],
  ["an empty list", { contexts: "[]" }],
  ["deflated and cut off", { deflated: "eJy", digest: "0123456789abcdef" }],
  ["deflated and of other signs", { deflated: "%%%%", digest: "0123456789abcdef" }],
  ["too long to be deflated", { deflated: "A".repeat(5000), digest: "0123456789abcdef" }],
  ["without its digest", { deflated: contextsWords([grammarText({ characters: 4000 })]).deflated! }],
])("an address with %s is damaged: an empty field", (_, words) => {
  const lack = { words, count: 1, damaged: true };
  expect(readContexts(words, ["mine"])).toEqual({ contexts: [""], lack });
});

test("the number of fields is bounded, and an address that says nothing of contexts leaves them alone", () => {
  const fields = (count: string) => readContexts({ digest: "0123456789abcdef", count }, [])?.contexts.length;
  expect(["3", "0", "-1", "x", "1e9", "2.5"].map(fields)).toEqual([3, 1, 1, 1, 100, 2]);
  expect(readContexts({ question: "who?" }, ["mine"])).toBeUndefined();
});
