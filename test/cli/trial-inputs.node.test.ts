// Experiments that read a text: which file, whether it is still the same, and who reads none.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { readInputs, textSettings } from "../../src/cli/trial-inputs";
import { inFreshFolder, run, TINY } from "./heed";

inFreshFolder();

test("a trial reads the text that was named, as long as it is the same", () => {
  writeFileSync("a.txt", "to be or not to be");
  const settings = textSettings("synthesizer-text", { text: "", textDigest: "" }, "a.txt");
  expect(settings.text).toBe(resolve("a.txt"));
  expect(readInputs(settings)).toEqual({ text: "to be or not to be" });
  writeFileSync("a.txt", "to be or not to bee");
  expect(() => readInputs(settings)).toThrow(
    /a\.txt: the text must be the one that the run began with, it has changed/,
  );
  expect(readInputs({ text: "", textDigest: "" })).toEqual({});
  expect(readInputs({ width: 3 })).toEqual({});
});

test("misuse: an experiment without a text, and a text that is not there", async () => {
  writeFileSync("a.txt", "to be");
  const none = await run("experiment", "bigram", "--smoke", "--text", "a.txt");
  expect([none.code, none.stderr]).toEqual([2, "heed: --text: experiment bigram reads no text\n"]);
  const missing = await run("experiment", "synthesizer-text", "--smoke", "--text", "b.txt");
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/^heed: .*b\.txt/);
});

test("train takes every option of the registries, and refuses a mixture of one with the reason", async () => {
  const words = ["train", ...TINY, "--threads", "1", "--attention", "mixture", "--members", "dot-product"];
  const { code, stderr } = await run(...words);
  expect([code, stderr]).toEqual([
    2,
    'heed: mixture: two members at least are needed, one alone would be no mixture, got 1 in "dot-product"\n',
  ]);
  const preset = await run("train", "--preset", "tay");
  expect([preset.code, preset.stderr]).toEqual([
    2,
    'heed: --preset: must be one of paper, mesh, lra, got "tay"\n',
  ]);
});
