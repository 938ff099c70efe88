// The experiments tab: every entry of the registry is there, and one comes to the command line's verdicts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { experiments } from "../../src/experiments";
import type { Result } from "../../src/experiments/result";
import { shellWords } from "../cli/heed";
import { heed } from "./heed";
import { changeAddress, openPage, playground, runAndAsk, saved, violations, widthOnPhone } from "./page";

/** With signs that addresses and shells read as their own. */
const PROMPT = "to be & 'not' $question";

const here = playground();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "heed-web-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("an experiment comes to its verdicts, and its result is the command line's", async () => {
  const { page, errors, requests } = await openPage(
    here.browser,
    `${here.site.address}#experiments?name=bigram&size=smoke`,
    {
      bypassCSP: true,
    },
  );
  const names = page.locator("select[name=name] option");
  await names.first().waitFor({ state: "attached" });
  expect((await names.allInnerTexts()).sort()).toEqual(Object.keys(experiments).sort());
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("heading", { name: "Claims" }).waitFor();
  expect(await page.locator(".claims .pass").count()).toBe(2);
  expect(await page.locator("svg.plot").count()).toBeGreaterThan(2);
  expect(await violations(page)).toEqual([]);
  expect(await widthOnPhone(page)).toBe(375);

  const bytes = await saved(page, () => page.getByRole("button", { name: "Save result.json" }).click());
  const ours: Result = JSON.parse(new TextDecoder().decode(bytes));
  await heed("experiment", "bigram", "--smoke", "--out", folder);
  const theirs: Result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
  expect(timeless(ours)).toEqual(timeless(theirs));
  expect(errors).toEqual([]);
  expect(requests.filter((address) => !address.startsWith(here.site.address))).toEqual([]);
});

test("a text and a prompt of one's own are what the command line makes of them", async () => {
  const text = join(folder, "the prince's.txt");
  writeFileSync(text, "to be or 'not' to be & that is the $question\n".repeat(300));
  const { page, errors } = await openPage(
    here.browser,
    `${here.site.address}#experiments?${new URLSearchParams({ name: "heads-on-text", size: "smoke", prompt: PROMPT })}`,
  );
  await page.locator("input[type=file]").waitFor();
  expect(await widthOnPhone(page)).toBe(375);
  await page.locator("input[type=file]").setInputFiles(text);
  await page.getByText("text the prince's.txt, 13,500 characters").waitFor();
  expect(page.url()).toContain("prompt=to+be+%26");
  expect(await widthOnPhone(page)).toBe(375);
  await page.getByRole("button", { name: "Run" }).click();
  const readout = page.locator(".viewer .readout").first();
  await readout.waitFor();
  await page.locator(".viewer .heads button").first().focus();
  await page.keyboard.press("Shift+ArrowLeft");
  expect(await readout.innerText()).toMatch(/^dest 22 'n' ← src 0 't': \d\.\d\d/);

  const bytes = await saved(page, () => page.getByRole("button", { name: "Save result.json" }).click());
  const ours: Result = JSON.parse(new TextDecoder().decode(bytes));
  // As the report says: the file by its name, which is all that the page knows.
  const words = shellWords(await page.locator(".report pre").innerText());
  expect(words).toEqual(expect.arrayContaining(["--text", "the prince's.txt", "--prompt", PROMPT]));
  const there = words.map((word) => (word === "the prince's.txt" ? text : word));
  await heed(...there, "--out", join(folder, "heads"));
  const theirs: Result = JSON.parse(readFileSync(join(folder, "heads", "result.json"), "utf8"));
  expect(ours.trials.map(({ metrics }) => metrics)).toEqual(theirs.trials.map(({ metrics }) => metrics));
  expect(ours.claims).toEqual(theirs.claims);
  expect(errors).toEqual([]);
});

test("a file that is no text is refused in a sentence, and one that is read slowly leaves a prompt typed meanwhile", async () => {
  const { page, errors } = await openPage(
    here.browser,
    `${here.site.address}#experiments?name=heads-on-text`,
  );
  const file = page.locator("input[type=file]");
  const alert = page.getByRole("alert");
  const give = (name: string, bytes: Buffer) =>
    file.setInputFiles({ name, mimeType: "text/plain", buffer: bytes });
  await file.waitFor();
  await give("latin.txt", Buffer.from("café\n".repeat(400), "latin1"));
  await alert.filter({ hasText: /^latin\.txt: must be a text in UTF-8$/ }).waitFor();

  await page.evaluate(() => {
    const own = Blob.prototype.arrayBuffer;
    let read = 0;
    Blob.prototype.arrayBuffer = async function () {
      await new Promise((resolve) => Object.assign(globalThis, { goOn: resolve }));
      if (read++ === 0) throw new DOMException("it was moved", "NotReadableError");
      return own.call(this);
    };
  });
  const goOn = () => page.evaluate(() => (globalThis as unknown as { goOn: () => void }).goOn());
  await give("moved.txt", Buffer.from("to be\n"));
  await goOn();
  await alert.filter({ hasText: "moved.txt: this browser cannot read it: it was moved" }).waitFor();

  await give("slow.txt", Buffer.from("to be or not to be\n".repeat(400)));
  const prompt = page.getByLabel("prompt");
  await prompt.fill("to be");
  await prompt.blur();
  expect(await alert.count()).toBe(0);
  await goOn();
  await page.getByText("text slow.txt, 7,600 characters").waitFor();
  expect(await prompt.inputValue()).toBe("to be");
  expect(page.url()).toContain("prompt=to+be");
  expect(errors).toEqual([]);
});

test("a report stands under its own question only, and is found again from others", async () => {
  const { page, errors } = await openPage(
    here.browser,
    `${here.site.address}#experiments?name=naive-bayes-attention`,
  );
  // Another is asked for as soon as it runs; what is said of that ends with the run.
  await runAndAsk(page, "#experiments?name=bigram");
  const heading = page.getByRole("heading", { name: "Report of naive-bayes-attention, smoke size" });
  await heading.waitFor();
  expect(await page.getByText("is running: stop it").count()).toBe(0);
  await page.locator("select[name=name]").selectOption("bigram");
  await page.getByRole("heading", { name: experiments.bigram.question }).waitFor();
  expect(await page.getByRole("heading", { name: "Claims" }).count()).toBe(0);
  expect(await heading.count()).toBe(0);
  await page.getByRole("link", { name: "naive-bayes-attention, smoke size" }).click();
  await heading.waitFor();
  expect(await page.getByRole("heading", { name: "Claims" }).count()).toBe(1);
  expect(await page.locator("select[name=name]").inputValue()).toBe("naive-bayes-attention");
  expect(errors).toEqual([]);
});

test("an address of something that there is not is said in a sentence, and the first experiment can be run", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#experiments?name=zzz&size=huge`);
  await page.getByText("There is no experiment “zzz”; this is bigram.").waitFor();
  await page.getByRole("heading", { name: experiments.bigram.question }).waitFor();
  expect(await page.locator("select[name=name]").inputValue()).toBe("bigram");
  expect(await page.getByRole("button", { name: "Run" }).isEnabled()).toBe(true);
  expect(page.url()).toContain("#experiments?name=bigram&size=smoke");
  await changeAddress(page, "#experiments?name=heads-on-text&prompt=abc");
  await expect.poll(() => page.getByLabel("prompt").inputValue()).toBe("abc");
  await changeAddress(page, "#experiments?name=heads-on-text&size=full");
  await expect.poll(() => page.getByLabel("prompt").inputValue()).toBe(""); // a link's alone
  await changeAddress(page, "#experiments?size=huge");
  await page.getByText("There is no size “huge”: smoke or full.").waitFor();
});

test("a run keeps its name whatever the address says, and goes on from the trials that Stop kept", async () => {
  const { page } = await openPage(
    here.browser,
    `${here.site.address}#experiments?name=scan-snap-rates&size=full`,
  );
  const done = page.getByText(/^\d+ of 710 trials done$/);
  const number = async () => Number.parseInt(await done.innerText(), 10);
  await page.getByRole("button", { name: "Run" }).click();
  // A trial is done before it is kept: the first of several is both.
  await expect.poll(number).toBeGreaterThan(3);
  await page.getByText(/scan-snap-rates, full size: .*, \d+ running, .*\d+ s so far/).waitFor();
  await changeAddress(page, "#experiments?name=bigram");
  await page.getByText("scan-snap-rates, full size is running: stop it to choose another.").waitFor();
  expect(await page.locator("select[name=name]").inputValue()).toBe("scan-snap-rates");
  expect(page.url()).toContain("name=scan-snap-rates");
  await page.getByRole("button", { name: "Stop" }).click();
  const said = await page
    .getByText(/stopped: \d+ of 710 trials are kept, Run goes on from there/)
    .innerText();
  expect(await page.getByText("is running: stop it").count()).toBe(0);
  const kept = Number(/(\d+) of/.exec(said)?.[1]);
  expect(kept).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Run" }).click();
  await done.waitFor();
  expect(await number()).toBeGreaterThanOrEqual(kept);
});

test("a report at smoke size says so, and runs at full size", async () => {
  const { page } = await openPage(
    here.browser,
    `${here.site.address}#experiments?name=naive-bayes-attention`,
  );
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("Smoke size: it shows that the experiment runs.").waitFor();
  await page.getByText("which takes at most 20 s of one core").waitFor();
  expect(await page.locator("summary", { hasText: "1 not judged at this size" }).count()).toBe(1);
  await Promise.all([
    page.getByText(/of 6 trials done/).waitFor(),
    page.getByRole("button", { name: "Run at full size" }).click(),
  ]);
  expect(page.url()).toContain("size=full");
});

test("reports that are replaced leave no listeners behind", async () => {
  const { page } = await openPage(
    here.browser,
    `${here.site.address}#experiments?name=heads-on-text&size=smoke`,
  );
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const run = async () => {
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.locator(".viewer .heads button").first().waitFor();
  };
  const listeners = async () => {
    for (let turn = 0; turn < 2; turn++) await run();
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "JSEventListeners")?.value;
  };
  const before = await listeners();
  expect(before).toBeGreaterThan(0);
  // Two reports would leave 18, were they not freed; a browser may keep one or another a while.
  expect(await listeners()).toBeLessThan(before! + 9);
});

/** Without what two runs never have in common: where, when and how long. */
function timeless({ stamp, trials, ...rest }: Result) {
  const { host: _, date: __, ...known } = stamp;
  return { ...rest, stamp: known, trials: trials.map(({ seconds: _, ...trial }) => trial) };
}
