// The runs that the train tab offers do what it says of them.
import { expect, test } from "vitest";
import { bigramEntropy } from "../../src/data/floors";
import { grammarText } from "../../src/data/grammar";
import { namedCorpus } from "../../src/data/named-corpus";
import { openPage, playground, runEnds, savedFile, tile, tileReaches } from "./page";

const here = playground();

/** The page after the example of this title has taken all its steps. */
async function ended(title: string, steps: number) {
  const { page } = await openPage(here.browser, `${here.site.address}#train`);
  await page.getByRole("button", { name: title }).click();
  // In stretches, none of which takes long on a busy machine either.
  for (let step = 50; step <= steps; step += 50) await tileReaches(page, "Step", step);
  await runEnds(page);
  return page;
}

test("two layers learn to copy, between steps 100 and 200", async () => {
  const page = await ended("Two layers learn to copy", 600);
  expect(await tile(page, "Induction")).toBeGreaterThanOrEqual(0.8);
  expect(await page.locator(".tiles .link").innerText()).toMatch(/^L1/);
  const lines = (await savedFile(page, "metrics.jsonl")).trim().split("\n");
  const losses = lines.map((line) => JSON.parse(line).loss).filter((loss) => loss !== undefined);
  const around = (step: number) => losses.slice(step - 6, step + 5).reduce((a, b) => a + b) / 11;
  expect(around(100) - around(200)).toBeGreaterThan(1);
  expect(Math.abs(around(200) - around(590))).toBeLessThan(0.3);
});

test.each([
  { title: "One layer does not", least: 0, most: 0.3 },
  { title: "One layer of smeared keys does", least: 0.8, most: 1 },
])("$title", async ({ title, least, most }) => {
  const induction = await tile(await ended(title, 600), "Induction");
  expect(induction).toBeGreaterThanOrEqual(least);
  expect(induction).toBeLessThanOrEqual(most);
});

test("the grammar is learnt beyond pairs of letters, and no worse without products of queries and keys", async () => {
  const { heldOut } = namedCorpus(grammarText(), { name: "grammar", tokenizer: "char", context: 64 });
  const gpt = await tile(await ended("Sentences of a small grammar", 300), "Held-out");
  expect(gpt).toBeLessThan(bigramEntropy(heldOut));
  const random = await tile(await ended("Attention that never looks at a token", 300), "Held-out");
  expect(random).toBeLessThan(gpt + 0.05);
});
