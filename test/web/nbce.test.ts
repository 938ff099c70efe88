// The NBCE tab: a model that was trained in the page, or came as a folder of Hugging Face's, answers from the context that knows.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../scripts/serve-site";
import { heed } from "./heed";
import { focused, launch, openPage, tabTo, tileReaches, violations, widthOnPhone } from "./page";

let browser: Browser;
let site: Site;

beforeAll(async () => {
  [browser, site] = await Promise.all([launch(), serveSite({ isolated: true })]);
});

afterAll(async () => {
  await browser?.close();
  site?.close();
});

test("a model trained in the tab answers a planted question from the right context", async () => {
  const words = {
    data: "repeated-text",
    layers: "1",
    heads: "2",
    width: "32",
    smear: "yes",
    lr: "0.01",
    steps: "300",
  };
  const { page, errors } = await openPage(browser, `${site.address}#train?${new URLSearchParams(words)}`, {
    bypassCSP: true,
  });
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 300);
  await page.getByRole("link", { name: "NBCE" }).click();
  await page.getByText("gpt on repeated-text, step 300").waitFor();
  const contexts = ["gfedcbagfedcba", "zyxwvutzyxwvut", "mnopqrsmnopqrs"];
  for (const [index, text] of contexts.entries()) {
    await page.getByLabel(`context ${index + 1}`, { exact: true }).fill(text);
  }
  const ask = async (question: string) => {
    await page.getByLabel("question").fill(question);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".strip .speaker").length === 8);
    await page.getByRole("button", { name: "Ask" }).waitFor();
    const speakers = await page.locator(".strip .speaker").allInnerTexts();
    return {
      answer: await page.locator(".strip .token").allInnerTexts(),
      speakers: speakers.slice(0, 4).join(""),
    };
  };
  const planted = await ask("mno");
  expect(planted.answer.slice(0, 4)).toEqual(["p", "q", "r", "s"]);
  expect(planted.speakers).toBe("cccc");
  const other = await ask("gfe");
  expect(other.answer.slice(0, 4)).toEqual(["d", "c", "b", "a"]);
  expect(other.speakers).toBe("aaaa");
  expect(page.url()).toContain("question=gfe");
  expect(await violations(page)).toEqual([]);
  expect(await widthOnPhone(page)).toBe(375);
  expect(errors).toEqual([]);
});

test("a folder of Hugging Face's answers as on the command line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "heed-web-"));
  try {
    const [run, model] = [join(folder, "run"), join(folder, "hf")];
    const tiny = "--layers 1 --heads 2 --width 16 --context 64 --position learned --steps 20".split(" ");
    await heed("train", ...tiny, "--build", "portable", "--threads", "1", "--out", run);
    await heed("export", run, "--format", "hf", "--out", model);
    const contexts = ["The cat sleeps.", "A dog runs."];
    const files = contexts.map((text, index) => {
      const file = join(folder, `${index}.txt`);
      writeFileSync(file, text);
      return file;
    });
    const asked = ["--question", "The ", "--max-tokens", "8", "--build", "portable", "--threads", "1"];
    const theirs = JSON.parse(await heed("nbce", model, "--contexts", ...files, ...asked, "--json", "-"));

    const words = {
      contexts: JSON.stringify(contexts),
      question: "The ",
      template: "{context}\n\n{question}",
    };
    const { page, errors } = await openPage(browser, `${site.address}#nbce?${new URLSearchParams(words)}`);
    await page.locator("input[type=file]").setInputFiles(readdirSync(model).map((name) => join(model, name)));
    await page.getByText("Model: gpt2, 64 tokens at once").waitFor();
    await page.getByRole("button", { name: "Ask" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".strip .speaker").length === 8);
    const speakers = await page.locator(".strip .speaker").allInnerTexts();
    expect(await page.locator(".sample").textContent()).toBe(`The ${theirs.text}`);
    expect(speakers.map((letter) => "ab".indexOf(letter))).toEqual(theirs.chosen);
    expect(errors).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("keys alone stop an answer, the button keeps the focus, and the next question is answered", async () => {
  const folder = mkdtempSync(join(tmpdir(), "heed-web-"));
  try {
    const run = join(folder, "run");
    const tiny = "--layers 1 --heads 2 --width 16 --context 1000 --batch 1 --steps 1".split(" ");
    await heed("train", ...tiny, "--build", "portable", "--threads", "1", "--out", run);
    const address = (maxTokens: string) =>
      `#nbce?${new URLSearchParams({ question: "The ", contexts: JSON.stringify(["A cat.", "A dog."]), maxTokens })}`;
    const { page, errors } = await openPage(browser, site.address + address("800"), { bypassCSP: true });
    await page.locator("input[type=file]").setInputFiles(readdirSync(run).map((name) => join(run, name)));
    await page.getByText("Model: gpt on grammar").waitFor();
    await tabTo(page, "Ask");
    await page.keyboard.press("Enter");
    const speakers = page.locator(".strip .speaker");
    await speakers.nth(3).waitFor();
    expect(await focused(page)).toBe("Stop");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Ask" }).waitFor();
    expect(await focused(page)).toBe("Ask");
    const made = await speakers.count();
    expect(made).toBeLessThan(800);

    await page.evaluate((hash) => {
      location.hash = hash;
    }, address("3"));
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll(".strip .speaker").length === 3);
    await page.getByRole("button", { name: "Ask" }).waitFor();
    expect(await focused(page)).toBe("Ask");
    expect(errors).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a link holds contexts, question and template, whatever they are made of", async () => {
  const contexts = [`two lines\nand "quotes" & 'more' \\n`, "naïve 東京 🙂\t= + % # ? 100%25", "  kept\n\n"];
  const { page, errors } = await openPage(
    browser,
    `${site.address}#nbce?question=who?&contexts=%5B%22one%22%5D`,
  );
  const question = page.getByLabel("question");
  expect(await question.inputValue()).toBe("who?");
  await page.getByText("How they are put together").click();
  await page.getByLabel("maxTokens").fill("5");
  await page.getByLabel("template").fill("{context}\n\n{question} &");
  await question.fill("a & b = c? #1 🙂");
  await page.getByRole("button", { name: "One more context" }).click();
  await page.getByRole("button", { name: "One more context" }).click();
  for (const [index, text] of contexts.entries())
    await page.getByLabel(`context ${index + 1}`, { exact: true }).fill(text);
  const seen = () =>
    page
      .locator("form")
      .evaluate((form) =>
        [...form.querySelectorAll<HTMLInputElement>("textarea, input[name], select")].map(
          ({ value }) => value,
        ),
      );
  const before = await seen();
  expect(before.slice(0, 5)).toEqual([...contexts, "a & b = c? #1 🙂", "{context}\n\n{question} &"]);
  // Nothing has left the last field: what stands in it is in the address all the same.
  await page.waitForFunction(() => location.hash.includes("kept"));
  await page.reload();
  await question.waitFor();
  expect(await seen()).toEqual(before);

  // Another tab and back: the address tells it again.
  const address = page.url();
  await page.getByRole("link", { name: "Bench" }).click();
  await page.getByRole("link", { name: "NBCE" }).click();
  await question.waitFor();
  expect(page.url()).toBe(address);
  await page.reload();
  await question.waitFor();
  expect(await seen()).toEqual(before);
  expect(errors).toEqual([]);
});
