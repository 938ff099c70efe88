// A tokenizer of a file in the train tab: the run is the command line's to the bit, and each opens what the other saved.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tokenizerFiles } from "../../src/checkpoints/tokenizer-json";
import { grammarText } from "../../src/data/grammar";
import { type VocabularyJSON, wordTokenizer } from "../../src/data/tokenizer";
import { heed } from "./heed";
import { openPage, playground, runEnds, saved, tile, tileReaches, violations, widthOnPhone } from "./page";

const SETTINGS = { layers: "1", heads: "2", width: "16", context: "16", batch: "4", steps: "40" };
const TEXT = grammarText({ characters: 8000 });

const here = playground();
let folder: string;
let files: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "heed-web-"));
  const { tokenizer, settings } = tokenizerFiles(wordTokenizer(TEXT).toJSON() as VocabularyJSON, 16); // it is of kind "word"
  files = Object.entries({
    "tales.txt": TEXT,
    "tokenizer.json": JSON.stringify(tokenizer),
    "tokenizer_config.json": JSON.stringify(settings),
  }).map(([name, content]) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const begin = (page: Page) => page.getByRole("button", { name: "Begin training" });
const drop = (page: Page, paths: string[]) => page.locator("input[type=file]").first().setInputFiles(paths);

test("a dropped tokenizer.json gives the command line's run, and each opens what the other saved", async () => {
  const theirs = join(folder, "theirs");
  const words = Object.entries(SETTINGS).flatMap(([name, word]) => [`--${name}`, word]);
  const given = ["--text", files[0]!, "--tokenizer", files[1]!];
  await heed("train", ...given, ...words, "--build", "portable", "--threads", "1", "--out", theirs);
  const metrics = readFileSync(join(theirs, "metrics.jsonl"), "utf8");

  const { page, errors, requests } = await openPage(
    here.browser,
    `${here.site.address}#train?${new URLSearchParams(SETTINGS)}`,
  );
  await begin(page).and(page.locator(":enabled")).waitFor();
  expect(requests.filter((address) => address.includes("tokenizer"))).toEqual([]);
  await drop(page, files);
  await page.getByText("Tokenizer: tokenizer.json").waitFor();
  await begin(page).click();
  await runEnds(page);
  const zip = await saved(page, () => page.getByRole("button", { name: "Save run" }).click());
  const ours = unzipSync(zip);
  expect(new TextDecoder().decode(ours["metrics.jsonl"])).toBe(metrics);
  mkdirSync(join(folder, "ours"));
  for (const [name, bytes] of Object.entries(ours)) writeFileSync(join(folder, "ours", name), bytes);
  const evaluated = async (run: string) => JSON.parse(await heed("eval", run, "--json", "-")).natsPerToken;
  expect(await evaluated(join(folder, "ours"))).toBe(await evaluated(theirs));

  // The browser's own, after a reload, then the command line's.
  const loss = await tile(page, "Held-out");
  await page.reload();
  await tileReaches(page, "Step", 40);
  await page.getByText("Tokenizer: tokenizer.json").waitFor();
  await page.getByRole("link", { name: "NBCE" }).click();
  await page.getByText("gpt on tales, step 40").waitFor();
  const { page: other, errors: otherErrors } = await openPage(here.browser, `${here.site.address}#train`);
  const theirFiles = readdirSync(theirs).map((name) => join(theirs, name));
  await drop(other, [...theirFiles, files[0]!]);
  await tileReaches(other, "Step", 40);
  expect(await tile(other, "Held-out")).toBe(loss);
  expect([...errors, ...otherErrors]).toEqual([]);
});

test("a link asks for its tokenizer, and a file that is none gives a sentence", async () => {
  const { page, errors } = await openPage(
    here.browser,
    `${here.site.address}#train?${new URLSearchParams({ ...SETTINGS, tokenizer: "tokenizer.json", tokenizerDigest: "0123456789abcdef" })}`,
    { bypassCSP: true },
  );
  await page
    .getByText("This link comes without its tokenizer: tokenizer.json, digest 0123456789abcdef.")
    .waitFor();
  await page.getByText("the tokenizer tokenizer.json must be given, as it is a file").waitFor();
  expect(await begin(page).isDisabled()).toBe(true);
  await page
    .locator("input[type=file]")
    .first()
    .setInputFiles([{ name: "tokenizer.json", mimeType: "", buffer: Buffer.from("[]") }]);
  await page.getByText("tokenizer.json: must hold a JSON object").waitFor();
  await drop(page, files.slice(1));
  await page.getByText("This is another tokenizer than the link's: tokenizer.json").waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await widthOnPhone(page)).toBe(375);
  await begin(page).and(page.locator(":enabled")).waitFor();
  await page.getByRole("button", { name: "Use characters as tokens" }).click();
  await begin(page).click();
  await tileReaches(page, "Step", 40);
  expect(page.url()).not.toContain("tokenizer");
  expect(errors).toEqual([]);
});
