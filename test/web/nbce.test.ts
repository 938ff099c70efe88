// The NBCE tab: a model that was trained in the page, or came as a folder of Hugging Face's, answers from the context that knows.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../scripts/serve-site";
import { heed } from "./heed";
import {
  focused,
  launch,
  openPage,
  tabTo,
  tileReaches,
  violations,
  type Watched,
  widthOnPhone,
} from "./page";

let browser: Browser;
let site: Site;
let folder: string;
/** The files of a run that has learnt nothing: characters of the grammar's sentences, a thousand at once. */
let run: string[];

beforeAll(async () => {
  [browser, site] = await Promise.all([launch(), serveSite({ isolated: true })]);
  folder = mkdtempSync(join(tmpdir(), "heed-web-"));
  const out = join(folder, "grammar");
  const tiny = "--layers 1 --heads 2 --width 16 --context 1000 --batch 1 --steps 1".split(" ");
  await heed("train", ...tiny, "--build", "portable", "--threads", "1", "--out", out);
  run = readdirSync(out).map((name) => join(out, name));
});

afterAll(async () => {
  await browser?.close();
  site?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The tab with that run; the words of a question are those of its address. */
async function openWithRun(words: Readonly<Record<string, string>>): Promise<Watched> {
  const watched = await openPage(browser, `${site.address}#nbce?${new URLSearchParams(words)}`, {
    bypassCSP: true,
  });
  await watched.page.locator("input[type=file]").setInputFiles(run);
  await watched.page.getByText("Model: gpt on grammar").waitFor();
  return watched;
}

/** Presses Ask and waits for an answer of so many tokens. */
async function answered(page: Page, tokens: number): Promise<void> {
  await page.getByRole("button", { name: "Ask" }).click();
  await page.waitForFunction(
    (tokens) => document.querySelectorAll(".strip .speaker").length === tokens,
    tokens,
  );
  await page.getByRole("button", { name: "Ask" }).waitFor();
}

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
    await answered(page, 8);
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
  await answered(page, 8);
  const speakers = await page.locator(".strip .speaker").allInnerTexts();
  expect(await page.locator(".sample").textContent()).toBe(`The ${theirs.text}`);
  expect(speakers.map((letter) => "ab".indexOf(letter))).toEqual(theirs.chosen);
  expect(errors).toEqual([]);
});

test("keys alone stop an answer, the button keeps the focus, and the next question is answered", async () => {
  const words = (maxTokens: string) => ({
    question: "The ",
    contexts: JSON.stringify(["A cat.", "A dog."]),
    maxTokens,
  });
  const { page, errors } = await openWithRun(words("800"));
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

  await page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    `#nbce?${new URLSearchParams(words("3"))}`,
  );
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".strip .speaker").length === 3);
  await page.getByRole("button", { name: "Ask" }).waitFor();
  expect(await focused(page)).toBe("Ask");
  expect(errors).toEqual([]);
});

test("an answer stays what it was when the form changes, and says that it has changed", async () => {
  const contexts = ["A cat sleeps.", "A dog runs.", "The man sees a dog."];
  const { page, errors } = await openWithRun({ question: "The ", contexts: JSON.stringify(contexts) });
  await answered(page, 8);
  const section = page.getByLabel("Answer", { exact: true });
  const before = await section.innerText();
  await page.getByRole("button", { name: "Remove context 1" }).click();
  const question = page.getByLabel("question");
  await question.fill("A dog ");
  expect(await section.innerText()).toBe(before.replace("“The ”", "“The ”. The form has changed since."));
  await question.fill("The ");
  expect(await section.innerText()).toContain("changed since");
  await page.getByRole("button", { name: "One more context" }).click();
  for (const [index, text] of contexts.entries())
    await page.getByLabel(`context ${index + 1}`, { exact: true }).fill(text);
  expect(await section.innerText()).toBe(before);
  expect(errors).toEqual([]);
});

test("what goes wrong is said beside what was used, until something else is done", async () => {
  const { page, errors } = await openWithRun({ question: "Überall", contexts: JSON.stringify(["A cat."]) });
  await page.setViewportSize({ width: 1200, height: 400 });
  const alerts = () => page.getByRole("alert").filter({ hasText: /./ }).allInnerTexts();
  const besideAsk = page.locator("p:has(> button.main) + [role=alert]");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByText(/character "Ü"/).waitFor();
  expect(await alerts()).toEqual([await besideAsk.innerText()]);
  expect(await besideAsk.evaluate((alert) => alert.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
  await page.getByLabel("question").fill("The ");
  expect(await alerts()).toEqual([]);

  await page.locator("input[type=file]").setInputFiles(run.filter((name) => name.endsWith(".jsonl")));
  await page.getByText(/heed.json and checkpoint.safetensors are needed/).waitFor();
  expect(await alerts()).toEqual([await page.locator(".drop [role=alert]").innerText()]);
  await answered(page, 8);
  expect(await alerts()).toEqual([]);
  expect(errors).toEqual([]);
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
