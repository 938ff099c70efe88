// The train tab: what learns there learns the same as on the command line, survives reloads and broken files, and leaves the page free.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../scripts/serve-site";
import { heed } from "./heed";
import { beginAndPause, launch, openPage, runEnds, saved, tile, tileReaches } from "./page";

/** One layer whose keys are mixed with the ones before learns to copy in about a hundred steps. */
const INDUCTION = { data: "repeated-text", layers: "1", heads: "2", width: "32", smear: "yes", lr: "0.01" };

let browser: Browser;
let isolated: Site;
let plain: Site;
let folder: string;

beforeAll(async () => {
  [browser, isolated, plain] = await Promise.all([
    launch(),
    serveSite({ isolated: true }),
    serveSite({ isolated: false }),
  ]);
  folder = mkdtempSync(join(tmpdir(), "heed-web-"));
});

afterAll(async () => {
  await browser?.close();
  isolated?.close();
  plain?.close();
  rmSync(folder, { recursive: true, force: true });
});

function link(site: Site, words: Readonly<Record<string, string>>): string {
  return `${site.address}#train?${new URLSearchParams(words)}`;
}

test.each([
  { isolation: true, threads: "2", told: "2 threads (as asked)" },
  { isolation: false, threads: "auto", told: "1 thread (more need a page that is cross-origin isolated)" },
])("the induction task is learnt with isolation $isolation", async ({ isolation, threads, told }) => {
  const { page, requests, errors } = await openPage(
    browser,
    link(isolation ? isolated : plain, { ...INDUCTION, steps: "200", threads }),
    { serviceWorkers: "block" },
  );
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolation);
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 1);
  expect(await page.getByText("parameters,").innerText()).toContain(told);
  await tileReaches(page, "Induction", 0.8);
  await expect.poll(() => page.locator(".heads button").count()).toBe(2);
  expect(errors).toEqual([]);
  expect(
    requests.filter((address) => !address.startsWith(isolation ? isolated.address : plain.address)),
  ).toEqual([]);
});

test("a run in the tab is the command line's to the bit, and each opens what the other saved", async () => {
  const settings = { ...INDUCTION, steps: "240" };
  const words = Object.entries(settings).flatMap(([name, word]) => [`--${name}`, word]);
  const theirs = join(folder, "theirs");
  await heed("train", ...words, "--build", "portable", "--threads", "1", "--out", theirs);
  const metrics = readFileSync(join(theirs, "metrics.jsonl"), "utf8");

  const { page, errors } = await openPage(browser, link(isolated, settings));
  // Interrupted on the way, by a pause and by a reload.
  await beginAndPause(page, 20);
  const paused = await tile(page, "Step");
  await page.reload();
  await tileReaches(page, "Step", 1);
  expect(await tile(page, "Step")).toBe(paused);
  await page.getByRole("button", { name: "Go on" }).click();
  await runEnds(page);

  const files = unzipSync(await saved(page, () => page.getByRole("button", { name: "Save run" }).click()));
  expect(new TextDecoder().decode(files["metrics.jsonl"])).toBe(metrics);
  expect(metrics).toMatch(/^\{"step":50,"loss":\d/m);
  const ours = join(folder, "ours");
  mkdirSync(ours);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(ours, name), bytes);
  const evaluated = async (run: string) => JSON.parse(await heed("eval", run, "--json", "-")).natsPerToken;
  expect(await evaluated(ours)).toBe(await evaluated(theirs));

  const loss = await tile(page, "Held-out");
  const names = ["heed.json", "checkpoint.safetensors", "metrics.jsonl"];
  const { page: other } = await openPage(browser, link(isolated, {})); // no run is here that has the same figures
  await other.locator("input[type=file]").setInputFiles(names.map((name) => join(theirs, name)));
  await tileReaches(other, "Step", 240);
  expect(await tile(other, "Held-out")).toBe(loss);
  expect(errors).toEqual([]);
});

test("settings that do not go together are refused with the reason, and no run begins", async () => {
  const { page } = await openPage(browser, link(isolated, {}));
  await page.locator("select[name=attention]").selectOption("random-synthesizer");
  await page.locator("select[name=position]").selectOption("rope");
  const reason = "position rope works on queries and keys, which random-synthesizer has not";
  await page.getByText(reason).waitFor();
  expect(await page.getByRole("button", { name: "Begin training" }).isDisabled()).toBe(true);
  await page.locator("select[name=position]").selectOption("learned");
  await page.getByText(reason).waitFor({ state: "detached" });
  expect(page.url()).toContain("#train?attention=random-synthesizer&position=learned");
});

test("a broken file gives a sentence where it was dropped, and the run that was there goes on", async () => {
  const { page } = await openPage(browser, link(isolated, { ...INDUCTION, steps: "100000" }));
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 20);
  const file = (name: string, text: string) => ({ name, mimeType: "", buffer: Buffer.from(text) });
  const files = page.locator("input[type=file]");
  await files.setInputFiles([file("run.zip", "this is no archive")]);
  await page.locator(".drop .error", { hasText: "run.zip: invalid zip data" }).waitFor();
  await files.setInputFiles([file("run.zip", "nor is this")]); // and at once the next
  await files.setInputFiles([file("heed.json", "{"), file("checkpoint.safetensors", "??")]);
  await page.locator(".drop .error", { hasText: "heed.json: " }).waitFor();
  const then = await tile(page, "Step");
  await tileReaches(page, "Step", then + 50);
  expect(await page.locator(".drop .error").innerText()).toContain("heed.json: "); // until something is done
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("heed.json: ").waitFor({ state: "detached" });
});

test("what cannot be done is said beside what was pressed", async () => {
  const { page } = await openPage(
    browser,
    link(isolated, { layers: "1", heads: "1", width: "8", context: "8", steps: "100000" }),
  );
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 1);
  await page.getByLabel("tokens").fill("x");
  await page.getByRole("button", { name: "Sample" }).click();
  await page.getByText('tokens: must be a whole number of at least 1, got "x"').waitFor();
  // Typed while the run goes on, and the page with it.
  await page.locator(".run").getByLabel("learning rate").fill("fast");
  const then = await tile(page, "Step");
  await tileReaches(page, "Step", then + 50);
  await page.locator(".run").getByLabel("learning rate").press("Enter");
  await page.getByText('learning rate: must be a number above 0, got "fast"').waitFor();
  await expect.poll(() => page.locator(".run").getByLabel("learning rate").inputValue()).toBe("0.003");
  await page.getByLabel("temperature").fill("-3");
  await page.getByRole("button", { name: "Sample" }).click();
  const said = page.getByText("temperature: must be");
  await said.waitFor();
  await page.getByRole("button", { name: "Sample" }).scrollIntoViewIfNeeded();
  const [box, button] = [
    await said.boundingBox(),
    await page.getByRole("button", { name: "Sample" }).boundingBox(),
  ];
  expect(Math.abs(box!.y - button!.y)).toBeLessThan(100);
});

test("a run that diverges says so again, goes back, and goes on at a lower rate", async () => {
  const { page, errors } = await openPage(
    browser,
    link(isolated, { layers: "1", heads: "1", width: "16", context: "16", steps: "20", lr: "30000" }),
  );
  await page.getByRole("button", { name: "Begin training" }).click();
  const said = page.getByText(
    /gave NaN or infinity.*where that does not help, go back to a checkpoint first$/,
  );
  await said.waitFor();
  await page.locator(".seek").fill("0");
  await expect.poll(() => tile(page, "Step")).toBe(0);
  await page.getByRole("button", { name: "Go on" }).click();
  await said.waitFor();
  await page.locator(".seek").fill("0");
  await expect.poll(() => tile(page, "Step")).toBe(0);
  await page
    .getByText("where that does not help, go back to a checkpoint first")
    .waitFor({ state: "detached" });
  await page.locator(".run").getByLabel("learning rate").fill("0.001");
  await page.locator(".run").getByLabel("learning rate").press("Enter");
  await page.getByRole("button", { name: "Go on" }).click();
  await tileReaches(page, "Step", 20);
  expect(errors).toEqual([]);
});

test("what is no text is refused when it is dropped, and a paste counts at once", async () => {
  const { page } = await openPage(browser, link(isolated, {}));
  const files = page.locator("input[type=file]");
  const drop = (...list: [name: string, content: Buffer][]) =>
    files.setInputFiles(list.map(([name, buffer]) => ({ name, mimeType: "", buffer })));
  const text = Buffer.from("to be or not to be, that is the question\n".repeat(40));
  await drop(["latin.txt", Buffer.from([99, 97, 102, 0xe9])]);
  await page.getByText("latin.txt: must be a text in UTF-8").waitFor();
  await drop(["empty.txt", Buffer.from(" ")]);
  await page.getByText("empty.txt: must hold a text").waitFor();
  await drop(["a.txt", text], ["b.txt", text]);
  await page.getByText("one text at a time, got 2 files").waitFor();
  await drop(["notes", text]);
  await page.getByText("Text: notes").waitFor();
  await page.getByRole("button", { name: "Use generated data" }).click();
  await page.locator("textarea[name=text]").evaluate((area, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", pasted);
    area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text.toString());
  await page.getByText("Text: pasted.txt").waitFor();
});

test("a text of one's own trains, goes back to a checkpoint, and speaks", async () => {
  const { page } = await openPage(
    browser,
    link(isolated, {
      ...{ layers: "1", heads: "2", width: "16", context: "16", steps: "60" },
      data: "repeated-text", // instead of which the text comes
    }),
  );
  const text = "to be or not to be, that is the question\n".repeat(40);
  await page
    .locator("input[type=file]")
    .setInputFiles([{ name: "hamlet.txt", mimeType: "text/plain", buffer: Buffer.from(text) }]);
  await page.getByText("hamlet.txt").waitFor();
  await page.getByRole("button", { name: "Begin training" }).click();
  await runEnds(page);
  const ended = await tile(page, "Held-out");
  await page.locator(".seek").fill("0");
  await page.getByText("back to the checkpoint of step 0").waitFor();
  await expect.poll(() => tile(page, "Step")).toBe(0);
  await page.getByRole("button", { name: "Go on" }).click();
  await runEnds(page);
  expect(await tile(page, "Held-out")).toBe(ended);
  expect(await page.locator(".run code").innerText()).not.toContain("--data");
  expect(await page.getByLabel("prompt").inputValue()).toBe("to "); // which the model can read
  await page.getByLabel("prompt").fill("to be");
  await page.getByLabel("tokens").fill("40");
  await page.getByRole("button", { name: "Sample" }).click();
  await page.waitForFunction(() => document.querySelector(".sample")?.textContent?.length === 45);
});

test("a sample is told as it comes, and stops", async () => {
  const { page } = await openPage(
    browser,
    link(isolated, { layers: "1", heads: "1", width: "8", context: "8", steps: "20" }),
  );
  await page.getByRole("button", { name: "Begin training" }).click();
  await runEnds(page);
  await page.getByLabel("tokens").fill("10000000");
  await page.getByRole("button", { name: "Sample" }).click();
  const length = () => page.locator(".sample").evaluate((sample) => sample.textContent?.length ?? 0);
  await page.waitForFunction(() => (document.querySelector(".sample")?.textContent?.length ?? 0) > 1000);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Sample" }).waitFor();
  const stopped = await length();
  await page.locator(".seek").fill("0"); // answered after whatever was still to be told
  await expect.poll(() => tile(page, "Step")).toBe(0);
  expect(await length()).toBe(stopped);
  expect((await page.locator(".sample").boundingBox())?.height).toBeLessThan(1000);
});

test("a head is opened from its score, and dragging the slider shows the model as it was", async () => {
  const { page, errors } = await openPage(
    browser,
    link(isolated, { layers: "2", heads: "2", width: "8", context: "8", steps: "100" }),
  );
  await page.getByRole("button", { name: "Begin training" }).click();
  await runEnds(page);
  const best = page.locator(".tiles .link");
  const name = await best.innerText();
  await best.click();
  await page.locator(".heads button[aria-checked=true]", { hasText: name }).waitFor();
  const slider = page.locator(".seek");
  await slider.evaluate((input: HTMLInputElement) => {
    for (const at of ["3", "12", "7"]) {
      input.value = at;
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  });
  await page.getByText("back to the checkpoint of step 35").waitFor();
  await page.getByText("forgets the steps after it, 13 of them").waitFor();
  await page.waitForFunction(() => /^35\D/.test(document.querySelector(".tiles dd")?.textContent ?? ""));
  expect(await slider.inputValue()).toBe("7");
  expect(errors).toEqual([]);
});

test("memory after 3,000 steps is that after 300", async () => {
  const { page } = await openPage(
    browser,
    link(isolated, { layers: "1", heads: "1", width: "8", context: "8", batch: "2", steps: "3000" }),
  );
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 300);
  const early = await tile(page, "Memory");
  await tileReaches(page, "Step", 3000);
  expect(await tile(page, "Memory")).toBe(early);
});
