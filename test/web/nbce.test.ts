// The NBCE tab: a model that was trained in the page, or came as a folder of Hugging Face's, answers from the context that knows.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { heed } from "./heed";
import { answered, type NbceSite, nbceSite, openWithRun } from "./nbce-run";
import {
  beginAndPause,
  changeAddress,
  focused,
  openPage,
  runEnds,
  saved,
  tabTo,
  tile,
  tileReaches,
  violations,
  widthOnPhone,
} from "./page";

/** As the page computes. */
const PLAIN = ["--build", "portable", "--threads", "1"];

let site: NbceSite;

beforeAll(async () => {
  site = await nbceSite();
});

afterAll(() => site?.close());

/** The texts, for the command line. */
function textFiles(texts: readonly string[]): string[] {
  return texts.map((text, index) => {
    const file = join(site.folder, `${index}.txt`);
    writeFileSync(file, text);
    return file;
  });
}

test("the example's link leads to a model that answers it right; each question is asked of what it has learnt by then", async () => {
  const { page, errors } = await openPage(site.browser, `${site.address}#nbce`, { bypassCSP: true });
  await page.getByRole("link", { name: "One layer of smeared keys does" }).click();
  await beginAndPause(page, 1);
  await page.getByRole("link", { name: "NBCE" }).click();
  const model = page.getByText(/Model: attention-only on repeated-text, step \d+,/);
  const stepOf = async () => Number(/step (\d+)/.exec(await model.innerText())![1]);
  await model.waitFor();
  expect(await stepOf()).toBeLessThan(600);
  await page.getByRole("link", { name: "Train" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("link", { name: "NBCE" }).click();
  // The tab is not left.
  const ask = async (question: string) => {
    await page.getByLabel("question", { exact: true }).fill(question);
    await answered(page, 8);
    const first = async (row: string) =>
      (await page.locator(`.strip .${row}`).allInnerTexts()).slice(0, 4).join("");
    return { answer: await first("token"), speakers: await first("speaker") };
  };
  await expect
    .poll(
      async () => {
        await answered(page, 8);
        return stepOf();
      },
      { timeout: 120_000 }, // 600 steps beside what answers
    )
    .toBe(600);
  await page.getByText("attention-only on repeated-text, step 600 answers “mno” from 3 contexts").waitFor();
  expect(await ask("mno")).toEqual({ answer: "pqrs", speakers: "bbbb" });
  expect(await ask("gfe")).toEqual({ answer: "dcba", speakers: "aaaa" });
  expect(await ask("zyx")).toEqual({ answer: "wvut", speakers: "cccc" });
  expect(page.url()).toContain("question=zyx");
  expect(await violations(page)).toEqual([]);
  expect(await widthOnPhone(page)).toBe(375);
  expect(errors).toEqual([]);
});

test("a run in a second tab of the browser, which lives in memory alone, answers as it stands", async () => {
  const training = (seed: string) =>
    `${site.address}#train?${new URLSearchParams({ layers: "1", heads: "2", width: "16", steps: "60", lr: "0.01", seed })}`;
  const { page: first, errors } = await openPage(site.browser, training("1"));
  await first.getByRole("button", { name: "Begin training" }).click();
  await runEnds(first);
  const second = await first.context().newPage();
  await second.goto(training("2"));
  await second.getByRole("button", { name: "Begin training" }).click();
  await second.getByText("Another tab keeps its run in this browser").waitFor();
  await runEnds(second);
  const folder = join(site.folder, "in-memory");
  mkdirSync(folder);
  const zip = await saved(second, () => second.getByRole("button", { name: "Save run" }).click());
  for (const [name, bytes] of Object.entries(unzipSync(zip))) writeFileSync(join(folder, name), bytes);
  const contexts = ["A dog runs. ", "The cat sees a man. "];
  const asked = ["--question", "The ", "--max-tokens", "8", "--template", "{context}{question}", ...PLAIN];
  const theirs = JSON.parse(
    await heed("nbce", folder, "--contexts", ...textFiles(contexts), ...asked, "--json", "-"),
  );

  await changeAddress(
    second,
    `#nbce?${new URLSearchParams({ question: "The ", contexts: JSON.stringify(contexts) })}`,
  );
  await second.getByText("Model: gpt on grammar, step 60").waitFor();
  await answered(second, 8);
  const answer = second.getByLabel("Answer", { exact: true });
  expect(await answer.locator(".sample").textContent()).toBe(`The ${theirs.text}`);
  // Back at its beginning, the run has learnt nothing.
  await second.getByRole("link", { name: "Train" }).click();
  await second.locator(".seek").fill("0");
  await expect.poll(() => tile(second, "Step")).toBe(0);
  await second.getByRole("link", { name: "NBCE" }).click();
  await second.getByText("Model: gpt on grammar, step 0").waitFor();
  await answered(second, 8);
  await second.getByText("gpt on grammar, step 0 answers “The ” from 2 contexts").waitFor();
  expect(errors).toEqual([]);
});

test("the model is named as it stands when its training begins and pauses, and the tab says while it goes on", async () => {
  const words = { layers: "1", heads: "1", width: "8", context: "64", steps: "100000" };
  const { page } = await openPage(site.browser, `${site.address}#train?${new URLSearchParams(words)}`);
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 50);
  await page.getByRole("link", { name: "NBCE" }).click();
  const goesOn = page.getByText("The run goes on: Ask takes it as it stands then.");
  await goesOn.waitFor();
  await page.getByRole("link", { name: "Train" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).waitFor();
  const step = await tile(page, "Step");
  await page.getByRole("link", { name: "NBCE" }).click();
  await page.getByText(`Model: gpt on grammar, step ${step},`).waitFor();
  await goesOn.waitFor({ state: "detached" });
});

test("the figure says what it shows: who is framed, and that without one speaker nobody is", async () => {
  const contexts = JSON.stringify(["A cat sleeps.", "A dog runs."]);
  const { page, errors } = await openWithRun(site, { question: "The ", contexts, eta: "0.3" });
  await answered(page, 8);
  const framed = page.locator(".strip .spoke");
  const legend = page.locator(".legend");
  const caption = page.locator("figcaption");
  expect(await framed.count()).toBe(8);
  expect(await legend.innerText()).toContain("spoke");
  expect(await caption.innerText()).toContain("another takes over where it is surer by more than 0.3 nats");
  await page.getByText("How they are put together").click();
  await page.getByLabel("(pool)").selectOption("mean");
  await page.getByRole("button", { name: "Ask" }).click();
  await caption.filter({ hasText: "No context speaks alone, as the pool mean takes the mean" }).waitFor();
  expect(await framed.count()).toBe(0);
  expect(await legend.innerText()).not.toContain("spoke");

  // A long answer goes on in another table.
  await page.getByLabel("tokens to answer").fill("100");
  await answered(page, 100);
  const tables = await page.locator(".strip").all();
  const columns = tables.map((table) => table.locator(".token").count());
  expect(await Promise.all(columns)).toEqual([36, 36, 28]);
  expect(await page.locator(".strip .cell").count()).toBe(200);
  const words = (await page.locator(".strip .token").allInnerTexts()).join("").replaceAll("␣", " ");
  expect(await page.locator(".sample").textContent()).toBe(`The ${words}`);
  expect(errors).toEqual([]);
});

test("a folder of Hugging Face's answers as on the command line", async () => {
  const [run, model] = [join(site.folder, "run"), join(site.folder, "hf")];
  const tiny = "--layers 1 --heads 2 --width 16 --context 64 --position learned --steps 20".split(" ");
  await heed("train", ...tiny, ...PLAIN, "--out", run);
  await heed("export", run, "--format", "hf", "--out", model);
  const contexts = ["The cat sleeps.", "A dog runs."];
  const asked = ["--question", "The ", "--max-tokens", "8", ...PLAIN, "--json", "-"];
  const theirs = JSON.parse(await heed("nbce", model, "--contexts", ...textFiles(contexts), ...asked));

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

test.each([
  ["random-synthesizer", "gpt", ["--attention", "random-synthesizer"]],
  ["rope", "gpt", ["--attention", "linear-elu", "--position", "rope"]],
  ["prefix", "attention-only", ["--model", "attention-only", "--mask", "prefix", "--prefix", "4"]],
])(
  "%s counts positions from the start: contexts are read one by one, as on the command line",
  async (counting, kind, words) => {
    const run = join(site.folder, counting);
    const tiny = "--layers 1 --heads 2 --width 16 --context 64 --lr 0.01 --steps 20".split(" ");
    await heed("train", ...tiny, ...words, ...PLAIN, "--out", run);
    const contexts = ["A dog runs. ", "The cat sees a man. "];
    const asked = ["--question", "The ", "--max-tokens", "12", "--template", "{context}{question}", ...PLAIN];
    const theirs = JSON.parse(
      await heed("nbce", run, "--contexts", ...textFiles(contexts), ...asked, "--json", "-"),
    );

    const link = { question: "The ", contexts: JSON.stringify(contexts), maxTokens: "12" };
    const { page, errors } = await openPage(
      site.browser,
      `${site.address}#nbce?${new URLSearchParams(link)}`,
    );
    await page.locator("input[type=file]").setInputFiles(readdirSync(run).map((file) => join(run, file)));
    await page.getByText(`Model: ${kind} on grammar`).waitFor();
    await page.getByText(`are read one by one, which takes longer: ${counting} counts positions`).waitFor();
    await answered(page, 12);
    const speakers = await page.locator(".strip .speaker").allInnerTexts();
    const entropies = page
      .locator(".strip tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map(({ title }) => title)));
    expect(await page.locator(".sample").textContent()).toBe(`The ${theirs.text}`);
    expect(speakers.map((letter) => "ab".indexOf(letter))).toEqual(theirs.chosen);
    expect(await entropies).toEqual(
      contexts.map((_, k) => theirs.entropies.map((each: number[]) => `${each[k]!.toFixed(3)} nats`)),
    );
    expect(errors).toEqual([]);
  },
);

test("keys alone stop an answer, the button keeps the focus, and the next question is answered", async () => {
  // In many pieces: of those an answer takes many seconds.
  const contexts = JSON.stringify(["The cat sleeps. ".repeat(250)]);
  const words = (maxTokens: string) => ({ question: "The ", contexts, split: "true", maxTokens });
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

  await changeAddress(page, `#nbce?${new URLSearchParams(words("3"))}`);
  await expect.poll(() => page.getByLabel("tokens to answer").inputValue()).toBe("3");
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
