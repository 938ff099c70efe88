// Links to runs: what stands in the address makes the same run again.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { grammarText } from "../../src/data/grammar";
import { heed } from "./heed";
import {
  openPage,
  playground,
  runEnds,
  savedFile,
  tile,
  tileReaches,
  violations,
  widthOnPhone,
} from "./page";

const SMALL = { layers: "1", heads: "2", width: "16", context: "16", batch: "4" };

const here = playground();

function link(words: Readonly<Record<string, string>>): string {
  return `${here.site.address}#train?${new URLSearchParams(words)}`;
}

async function begin(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 1);
}

async function goOnTo(page: Page, step: number): Promise<void> {
  await page.getByRole("button", { name: "Go on" }).click();
  await tileReaches(page, "Step", step);
}

test("a rate that was changed by hand stands in the link and on the command line, and both give the same losses", async () => {
  const steps = 200;
  const { page, errors } = await openPage(here.browser, link({ ...SMALL, steps: String(steps) }));
  await begin(page);
  await runEnds(page);
  await page.locator(".seek").fill("10");
  await page.getByText("back to the checkpoint of step 100").waitFor();
  const step = 100;
  await expect.poll(() => tile(page, "Step")).toBe(step);
  await page.locator(".run").getByLabel("learning rate").fill("0.02");
  await page.locator(".run").getByLabel("learning rate").press("Enter");
  await page.waitForURL((url) => url.hash.includes("rates="));
  expect(new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("rates")).toBe(`${step}:0.02`);
  await page.reload();
  await tileReaches(page, "Step", 1);
  expect(await page.locator(".run").getByLabel("learning rate").inputValue()).toBe("0.02");
  await goOnTo(page, steps);
  const byHand = await savedFile(page, "metrics.jsonl");
  const command = await page.locator("pre code").innerText();

  // Whoever goes back takes the same course again.
  await page.locator(".seek").fill("0");
  await page.getByText("back to the checkpoint of step 0").waitFor();
  await expect.poll(() => page.locator(".run").getByLabel("learning rate").inputValue()).toBe("0.003");
  await goOnTo(page, steps);
  expect(await savedFile(page, "metrics.jsonl")).toBe(byHand);
  expect(errors).toEqual([]);
  const course = page.url();
  // Unless they say that they do not want to.
  await page.locator(".seek").fill("0");
  await page.getByText(`The learning rate becomes 0.02 at step ${step}.`).waitFor();
  await page.getByRole("button", { name: "Leave it at 0.003" }).click();
  await page.waitForURL((url) => !url.hash.includes("rates="));
  await page.getByText("The learning rate becomes").waitFor({ state: "detached" });

  const { page: other } = await openPage(here.browser, course);
  await begin(other);
  await tileReaches(other, "Step", steps);
  expect(await savedFile(other, "metrics.jsonl")).toBe(byHand);

  const folder = mkdtempSync(join(tmpdir(), "heed-web-"));
  try {
    const out = join(folder, "run");
    await heed(...command.split(" ").slice(1), "--build", "portable", "--threads", "1", "--out", out);
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toBe(byHand);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a short text stands in the link, which makes the same run of it elsewhere", async () => {
  const text = "Ein Kästchen, \uFEFFein 🐈, and to be or not to be: that is the question?\n".repeat(60);
  const { page, errors } = await openPage(here.browser, link({ ...SMALL, steps: "20" }));
  await page.getByLabel("pasted").fill(text);
  await begin(page);
  await runEnds(page);
  expect(page.url().length).toBeLessThan(1000);
  const metrics = await savedFile(page, "metrics.jsonl");
  // A reload finds the run, and the form its text.
  await page.reload();
  await tileReaches(page, "Step", 20);
  await page.getByText("short enough for a link").waitFor();
  expect(await page.getByText("pasted.txt").count()).toBeGreaterThan(0);

  const { page: other, errors: otherErrors } = await openPage(here.browser, page.url());
  await other.getByText(`${text.length.toLocaleString("en")} characters`).waitFor();
  expect(other.url()).toBe(page.url());
  await begin(other);
  await tileReaches(other, "Step", 20);
  expect(await savedFile(other, "pasted.txt")).toBe(text);
  expect(await savedFile(other, "metrics.jsonl")).toBe(metrics);
  expect([...errors, ...otherErrors]).toEqual([]);
});

test("a link without its long text asks for it, by name and digest, instead of training on something else", async () => {
  const file = (content: string) => ({
    name: "tales.txt",
    mimeType: "text/plain",
    buffer: Buffer.from(content),
  });
  const text = grammarText({ characters: 100_000 });
  const { page } = await openPage(here.browser, link({ ...SMALL, steps: "20" }));
  await page.locator("input[type=file]").setInputFiles([file(text)]);
  await page.getByText("too long for a link").waitFor();
  await begin(page);
  await tileReaches(page, "Step", 20);
  const metrics = await savedFile(page, "metrics.jsonl");
  expect(page.url().length).toBeLessThan(200);

  const { page: other, errors } = await openPage(here.browser, page.url(), { bypassCSP: true });
  const start = other.getByRole("button", { name: "Begin training" });
  await other.getByText(/^This link comes without its text: tales.txt, digest [0-9a-f]{16}\./).waitFor();
  await other.locator("input[name=layers]").waitFor();
  expect(await start.isDisabled()).toBe(true);
  await other.locator("input[type=file]").setInputFiles([file(`${text} `)]);
  await other.getByText("This is another text than the link's: tales.txt").waitFor();
  expect(await violations(other)).toEqual([]);
  expect(await widthOnPhone(other)).toBe(375);
  await other.locator("input[type=file]").setInputFiles([file(text)]);
  await other.getByText("This is another text").waitFor({ state: "detached" });
  await begin(other);
  await tileReaches(other, "Step", 20);
  expect(await savedFile(other, "metrics.jsonl")).toBe(metrics);
  expect(other.url()).toBe(page.url());
  expect(errors).toEqual([]);
});

test.each([
  ["cut off", "eJy"],
  ["of other signs", "%%%%"],
  ["empty", ""],
  ["too long", "A".repeat(5000)],
])("a link whose text is %s says so, and the page lives on", async (_, deflated) => {
  const words = { ...SMALL, steps: "20", text: "tales.txt", digest: "0123456789abcdef", deflated };
  const { page, errors } = await openPage(here.browser, link(words));
  await page.getByText("The text in this link is damaged, or was cut off: tales.txt").waitFor();
  await page.locator("input[name=layers]").waitFor();
  expect(await page.getByRole("button", { name: "Begin training" }).isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Use generated data" }).click();
  expect(page.url()).not.toContain("tales");
  await begin(page);
  await tileReaches(page, "Step", 20);
  expect(errors).toEqual([]);
});
