// The NBCE tab's form: what it refuses and how it says so, long texts in pieces, and links to what it holds.
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grammarText } from "../../src/data/grammar";
import { answered, type NbceSite, nbceSite, openWithRun } from "./nbce-run";
import { openPage, violations, widthOnPhone } from "./page";

let site: NbceSite;

beforeAll(async () => {
  site = await nbceSite();
});

afterAll(() => site?.close());

test("what goes wrong is said beside what was used, until something else is done", async () => {
  const { page, errors } = await openWithRun(site, {
    question: "Überall",
    contexts: JSON.stringify(["A cat."]),
  });
  await page.setViewportSize({ width: 1200, height: 400 });
  const alerts = () => page.getByRole("alert").filter({ hasText: /./ }).allInnerTexts();
  const besideAsk = page.locator("p:has(> button.main) + [role=alert]");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByText(/character "Ü"/).waitFor();
  expect(await alerts()).toEqual([await besideAsk.innerText()]);
  expect(await besideAsk.evaluate((alert) => alert.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
  await page.getByLabel("question", { exact: true }).fill("The ");
  expect(await alerts()).toEqual([]);

  await page.locator("input[type=file]").setInputFiles(site.run.filter((name) => name.endsWith(".jsonl")));
  await page.getByText(/heed.json and checkpoint.safetensors are needed/).waitFor();
  expect(await alerts()).toEqual([await page.locator(".drop [role=alert]").innerText()]);
  await answered(page, 8);
  expect(await alerts()).toEqual([]);
  expect(errors).toEqual([]);
});

test("an answer stays when the next question is refused", async () => {
  const contexts = JSON.stringify(["A cat.", "A dog."]);
  const { page, errors } = await openWithRun(site, { question: "The ", contexts });
  await answered(page, 8);
  const section = page.getByLabel("Answer", { exact: true });
  const before = await section.innerText();
  await page.getByLabel("tokens to answer").fill("-1");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByRole("alert").filter({ hasText: "must be a whole number of at least 1" }).waitFor();
  expect(await section.innerText()).toBe(
    before.replace("2 contexts", "2 contexts. The form has changed since."),
  );
  await page.getByLabel("tokens to answer").fill("3");
  await answered(page, 3);
  expect(errors).toEqual([]);
});

test("a long text is cut into pieces that fit, on request and by a link", async () => {
  const long = "The cat sleeps. ".repeat(125);
  const { page, errors } = await openWithRun(site, {
    question: "The ",
    contexts: JSON.stringify(["A dog.", long]),
  });
  await page.getByRole("button", { name: "Ask" }).click();
  const cut = page.getByRole("button", { name: "Cut it into pieces that fit" });
  await cut.waitFor();
  expect(await page.getByRole("alert").filter({ hasText: /./ }).allInnerTexts()).toEqual([
    'context 2: its prompt must leave room for the tokens to come, has 2004 of at most 992 tokens, 1012 too many; the button below cuts it into pieces that fit, "tokens to answer" asks for fewer',
  ]);
  await cut.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Ask" }).and(page.locator(":focus")).waitFor();
  const names = ["context 1", ...[1, 2, 3].map((part) => `context 2 (${part} of 3)`)];
  const rows = () => page.locator(".strip tbody th").allInnerTexts();
  expect(await rows()).toEqual(names.map((name, k) => `${"abcd"[k]} ${name}`));
  expect(await page.locator(".strip .speaker").count()).toBe(8);
  expect(await violations(page)).toEqual([]);
  expect(await widthOnPhone(page)).toBe(375);

  await page.reload();
  await page.locator("input[type=file]").setInputFiles(site.run);
  await page.getByText("Model: gpt on grammar").waitFor();
  await answered(page, 8);
  expect(await rows()).toEqual(names.map((name, k) => `${"abcd"[k]} ${name}`));
  expect(errors).toEqual([]);
});

test("many pieces: a row for who spoke and for the surest, numbers for letters", async () => {
  const long = "The cat sleeps. ".repeat(1320);
  const { page, errors } = await openWithRun(site, {
    ...{ question: "The ", contexts: JSON.stringify([long]) },
    ...{ maxTokens: "800", split: "true" },
  });
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".strip .speaker").nth(3).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Ask" }).waitFor();
  // 21,120 characters in pieces of at most 1000 - 800 - 4.
  await page.getByText("answers “The ” from 108 contexts").waitFor();
  const first = page.locator(".strip").first();
  const marks = await first.locator(".speaker").allInnerTexts();
  const names = await first.locator("tbody th").allInnerTexts();
  const spoken = (mark: string) => marks.filter((other) => other === mark).length;
  const counts = [...new Set(marks)].map(spoken).sort((a, b) => b - a);
  expect(names).toHaveLength(12);
  for (const mark of marks)
    if (spoken(mark) > (counts[12] ?? 0)) expect(names).toContain(`${mark} context 1 (${mark} of 108)`);
  expect(await widthOnPhone(page)).toBe(375);
  expect(errors).toEqual([]);
});

test("what is refused is named as the form names it", async () => {
  const contexts = JSON.stringify(["A cat.", "A dog."]);
  const { page, errors } = await openWithRun(site, { question: "The ", contexts });
  await page.getByText("How they are put together").click();
  const refused = async (label: string, word: string, message: string) => {
    const field = page.getByLabel(label);
    const before = await field.inputValue();
    await field.fill(word);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByRole("alert").filter({ hasText: message }).waitFor();
    await field.fill(before);
  };
  await refused("tokens to answer", "0", 'tokens to answer: must be a whole number of at least 1, got "0"');
  await refused(
    "tokens to answer",
    "999",
    'question: must leave room for a context, got 4 tokens of 1 beside those to come; shorten it, or ask for fewer with "tokens to answer"',
  );
  await refused("(beta)", "", 'weight of no context (beta): must be a number at least -1, got ""');
  await refused("(eta)", "-1", '(eta): must be a number at least 0, got "-1"');
  await refused("(topP)", "2", '(topP): must be a number above 0 and at most 1, got "2"');
  await refused("context 2", "", "context 2: a context must hold at least one token, got none");
  await answered(page, 8);
  expect(errors).toEqual([]);
});

test("a link holds contexts, question and template, whatever they are made of", async () => {
  const contexts = [`two lines\nand "quotes" & 'more' \\n`, "naïve 東京 🙂\t= + % # ? 100%25", "  kept\n\n"];
  const { page, errors } = await openPage(
    site.browser,
    `${site.address}#nbce?question=who?&contexts=%5B%22one%22%5D`,
  );
  const question = page.getByLabel("question", { exact: true });
  expect(await question.inputValue()).toBe("who?");
  await page.getByText("How they are put together").click();
  await page.getByLabel("tokens to answer").fill("5");
  await page.getByLabel("(topP)").fill("0.5");
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
  expect(before.slice(0, 6)).toEqual([...contexts, "a & b = c? #1 🙂", "5", "{context}\n\n{question} &"]);
  expect(before.at(-1)).toBe("0.5");
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

test("long contexts are deflated in the link; those too long for it are left out, which both sides are told", async () => {
  const context = (page: Page, number: number) => page.getByLabel(`context ${number}`, { exact: true });
  const start = `${site.address}#nbce?${new URLSearchParams({ question: "The ", contexts: '["A cat.","A dog."]' })}`;
  const { page, errors } = await openPage(site.browser, start, { bypassCSP: true });
  await context(page, 2).waitFor();
  expect(page.url()).toContain("contexts=");
  const long = grammarText({ characters: 5000 });
  await context(page, 2).fill(long);
  await page.waitForURL((url) => url.hash.includes("deflated="));
  expect(page.url().length).toBeLessThan(4000);
  await page.reload();
  await context(page, 2).waitFor();
  expect(await context(page, 1).inputValue()).toBe("A cat.");
  expect(await context(page, 2).inputValue()).toBe(long);
  expect(await page.getByText("Too long for a link").count()).toBe(0);

  const longer = grammarText({ characters: 100_000 });
  await context(page, 2).fill(longer);
  await page.getByText("Too long for a link: the address leaves these contexts out").waitFor();
  expect(page.url().length).toBeLessThan(250);
  expect(await violations(page)).toEqual([]);
  // Another tab and back: they are still here.
  await page.getByRole("link", { name: "Bench" }).click();
  await page.goBack();
  await context(page, 2).waitFor();
  expect(await context(page, 2).inputValue()).toBe(longer);

  const { page: other, errors: others } = await openPage(site.browser, page.url(), { bypassCSP: true });
  const note = other.locator("form [role=status]");
  await note.waitFor();
  expect(await note.innerText()).toBe(
    "This link comes without its 2 contexts, which are too long for it: paste them here to ask the same.",
  );
  expect(other.url()).toBe(page.url());
  expect(await other.getByLabel("question", { exact: true }).inputValue()).toBe("The ");
  expect(await context(other, 1).inputValue()).toBe("");
  expect(await violations(other)).toEqual([]);
  await context(other, 1).fill("A cat.");
  await note.filter({ hasText: "These are not the contexts that the link was made for." }).waitFor();
  await context(other, 2).fill(longer);
  await note.filter({ hasText: "Too long for a link" }).waitFor();
  expect(other.url()).toBe(page.url());
  expect(await widthOnPhone(other)).toBe(375);
  expect([...errors, ...others]).toEqual([]);
});

test("a link whose contexts were cut off says so, until something is written", async () => {
  const { page, errors } = await openPage(
    site.browser,
    `${site.address}#nbce?question=who&contexts=%5B%22one%22%2C%22t`,
  );
  const note = page.locator("form [role=status]");
  await note.filter({ hasText: "The contexts in this link are damaged, or were cut off" }).waitFor();
  await page.getByLabel("context 1", { exact: true }).fill("A cat.");
  await note.waitFor({ state: "detached" });
  expect(new URL(page.url()).hash).toContain("contexts=%5B%22A+cat.%22%5D");
  expect(errors).toEqual([]);
});
