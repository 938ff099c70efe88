// The NBCE tab: a model that was trained in the page, or came as a folder of Hugging Face's, answers from the context that knows.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { heed } from "./heed";
import { answered, type NbceSite, nbceSite, openWithRun } from "./nbce-run";
import { focused, openPage, tabTo, tileReaches, violations, widthOnPhone } from "./page";

let site: NbceSite;

beforeAll(async () => {
  site = await nbceSite();
});

afterAll(() => site?.close());

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
  const { page, errors } = await openPage(
    site.browser,
    `${site.address}#train?${new URLSearchParams(words)}`,
    {
      bypassCSP: true,
    },
  );
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 300);
  await page.getByRole("link", { name: "NBCE" }).click();
  await page.getByText("gpt on repeated-text, step 300").waitFor();
  const contexts = ["gfedcbagfedcba", "zyxwvutzyxwvut", "mnopqrsmnopqrs"];
  for (const [index, text] of contexts.entries()) {
    await page.getByLabel(`context ${index + 1}`, { exact: true }).fill(text);
  }
  const ask = async (question: string) => {
    await page.getByLabel("question", { exact: true }).fill(question);
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
  const [run, model] = [join(site.folder, "run"), join(site.folder, "hf")];
  const tiny = "--layers 1 --heads 2 --width 16 --context 64 --position learned --steps 20".split(" ");
  await heed("train", ...tiny, "--build", "portable", "--threads", "1", "--out", run);
  await heed("export", run, "--format", "hf", "--out", model);
  const contexts = ["The cat sleeps.", "A dog runs."];
  const files = contexts.map((text, index) => {
    const file = join(site.folder, `${index}.txt`);
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
  const { page, errors } = await openPage(site.browser, `${site.address}#nbce?${new URLSearchParams(words)}`);
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
  const { page, errors } = await openWithRun(site, words("800"));
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
  const { page, errors } = await openWithRun(site, { question: "The ", contexts: JSON.stringify(contexts) });
  await answered(page, 8);
  const section = page.getByLabel("Answer", { exact: true });
  const before = await section.innerText();
  await page.getByRole("button", { name: "Remove context 1" }).click();
  const question = page.getByLabel("question", { exact: true });
  await question.fill("A dog ");
  expect(await section.innerText()).toBe(
    before.replace("3 contexts", "3 contexts. The form has changed since."),
  );
  await question.fill("The ");
  expect(await section.innerText()).toContain("changed since");
  await page.getByRole("button", { name: "One more context" }).click();
  for (const [index, text] of contexts.entries())
    await page.getByLabel(`context ${index + 1}`, { exact: true }).fill(text);
  expect(await section.innerText()).toBe(before);
  expect(errors).toEqual([]);
});
