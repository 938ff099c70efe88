// `heed nbce` on a run of heed's.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { tokenizerFromJSON } from "../../src/data/tokenizer";
import { nbce } from "../../src/nbce/decode";
import { modelSource } from "../../src/nbce/model-source";
import { loadModel } from "../../src/train/checkpoint";
import { collect } from "../nbce/collect";
import { separate } from "../nbce/separate";
import { inFreshFolder, json, run, TEXT, TINY } from "./heed";

let kept: string;
let folder: string;

beforeAll(async () => {
  kept = mkdtempSync(join(tmpdir(), "heed-"));
  folder = join(kept, "run");
  const text = join(kept, "book.txt");
  writeFileSync(text, TEXT);
  const { code } = await run(
    "train",
    "--text",
    text,
    ...TINY,
    "--context",
    "48",
    "--steps",
    "50",
    "--out",
    folder,
  );
  expect(code).toBe(0);
});
afterAll(() => rmSync(kept, { recursive: true }));
inFreshFolder();
beforeEach(() => {
  writeFileSync("a.txt", "The cat sleeps.");
  writeFileSync("b.txt", "A dog.");
  writeFileSync("long.txt", `The ${"cat and the ".repeat(10)}dog.`);
  writeFileSync("empty.txt", "");
});

const ask = (...words: string[]) => run("nbce", folder, "--question", "The ", "--max-tokens", "20", ...words);

test("streams the text that the library gives, then who spoke; JSON holds the same", async () => {
  const { code, stdout, stderr } = await ask("--contexts", "a.txt", "b.txt", "--json", "out.json");
  expect([code, stderr]).toEqual([0, ""]);
  const result = json("out.json");
  const model = loadModel(readFileSync(join(folder, "model.safetensors")));
  const tokenizer = tokenizerFromJSON(json(join(folder, "heed.json")).tokenizer);
  const rows = ["\n\nThe ", "The cat sleeps.\n\nThe ", "A dog.\n\nThe "].map((text) =>
    Array.from(tokenizer.encode(text)),
  );
  const tokens = await collect(nbce(modelSource(model), rows, { maxTokens: 20 }));
  const ids = tokens.map(({ id }) => id);
  const chosen = tokens.map(({ chosen }) => chosen);
  expect(result).toMatchObject({ command: "nbce", run: folder, contexts: ["a.txt", "b.txt"], ids, chosen });
  expect(result).toMatchObject({ pool: "min-entropy", beta: 0.25, eta: 0.1, topP: 0.95, temperature: 0 });
  expect(result.text).toBe(tokenizer.decode(ids));
  expect(result.entropies).toHaveLength(20);
  const [text, strip] = stdout.split("\n\nwho spoke\n");
  expect(text).toBe(result.text);
  const lines = strip!.split("\n");
  expect(lines[0]!.trim()).toBe(chosen.map((k) => "ab"[k!]).join(""));
  const spoken = (k: number) => chosen.filter((other) => other === k).length;
  expect(lines[1]).toMatch(
    new RegExp(`^ {2}a a\\.txt +${spoken(0)} tokens, mean entropy \\d\\.\\d{3} nats$`),
  );
  expect(lines[2]).toMatch(new RegExp(`^ {2}b b\\.txt +${spoken(1)} tokens, `));
});

test("attention only, which takes no padding: contexts are read one by one, and that is said once", async () => {
  const words = ["--model", "attention-only", "--attention", "random-synthesizer", "--position", "none"];
  const training = ["--text", join(kept, "book.txt"), ...TINY, "--context", "48", "--steps", "50"];
  const trained = await run("train", ...training, ...words, "--out", "one-by-one");
  expect(trained.code).toBe(0);
  const contexts = ["--contexts", "a.txt", "b.txt", "--template", "{context} {question}"];
  const asked = ["--question", "The ", "--max-tokens", "20", "--json", "out.json"];
  const { code, stdout, stderr } = await run("nbce", "one-by-one", ...contexts, ...asked);
  expect([code, stderr]).toEqual([
    0,
    "The contexts are read one by one, which takes longer: random-synthesizer counts positions from the start, and padding before shorter prompts would shift them.\n",
  ]);
  const model = loadModel(readFileSync(join("one-by-one", "model.safetensors")));
  const tokenizer = tokenizerFromJSON(json(join("one-by-one", "heed.json")).tokenizer);
  const rows = [" The ", "The cat sleeps. The ", "A dog. The "].map((text) =>
    Array.from(tokenizer.encode(text)),
  );
  const tokens = await collect(nbce(separate(model), rows, { maxTokens: 20 }));
  const result = json("out.json");
  expect(stdout.startsWith(`${result.text}\n\nwho spoke\n`)).toBe(true);
  expect(result.ids).toEqual(tokens.map(({ id }) => id));
  expect(result.chosen).toEqual(tokens.map(({ chosen }) => chosen));
  for (const [i, { entropies }] of tokens.entries())
    for (const [k, entropy] of entropies.entries())
      expect(Math.abs(result.entropies[i][k] - entropy)).toBeLessThan(1e-5);
});

test("options reach the step; without one speaker the strip says so; seeds decide", async () => {
  const mean = await ask(
    "--contexts",
    "a.txt",
    "b.txt",
    "--pool",
    "mean",
    "--beta",
    "1",
    "--json",
    "mean.json",
  );
  expect(mean.stdout).toContain(`who spoke\n  ${"·".repeat(20)}\n`);
  expect(json("mean.json")).toMatchObject({
    pool: "mean",
    beta: 1,
    chosen: Array.from({ length: 20 }, () => null),
  });
  const sampled = (seed: string) => ask("--contexts", "a.txt", "--temperature", "1", "--seed", seed);
  const [first, again, other] = [await sampled("1"), await sampled("1"), await sampled("2")];
  expect(again.stdout).toBe(first.stdout);
  expect(other.stdout).not.toBe(first.stdout);
});

test("contexts that do not fit: which, by how much, and cut on request", async () => {
  const { code, stdout, stderr } = await ask("--contexts", "a.txt", "long.txt");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toBe(
    "heed: long.txt: its prompt must leave room for the tokens to come, has 134 of at most 28 tokens, 106 too many; --split cuts it into pieces that fit, --max-tokens asks for fewer\n",
  );
  const split = await ask("--contexts", "a.txt", "long.txt", "--split", "--json", "out.json");
  expect([split.code, split.stderr]).toEqual([0, ""]);
  const { contexts } = json("out.json");
  expect(contexts).toEqual(["a.txt", ...[1, 2, 3, 4, 5, 6].map((part) => `long.txt (${part} of 6)`)]);
});

test.each<[string[], string]>([
  [["--contexts", "missing.txt"], "missing.txt: there is no such file"],
  [["--contexts", "a.txt", "empty.txt"], "empty.txt: a context must hold at least one token, got none"],
  [["--contexts", "empty.txt", "--split"], "empty.txt: a context must hold at least one token, got none"],
  [
    ["--contexts", "a.txt", "--template", "{context}"],
    "--template: nbce: the template must hold a question as {question}",
  ],
  [
    ["--contexts", "a.txt", "--template", "{context}{question}", "--question", ""],
    "--question: must hold at least one token",
  ],
  [["--contexts", "a.txt", "--question", "é"], '--question: tokenizer: character "é"'],
  [
    ["--contexts", "a.txt", "--max-tokens", "44"],
    "--question: must leave room for a context, got 6 tokens of 4 beside those to come",
  ],
  [
    ["--contexts", "a.txt", "--max-tokens", "60"],
    "--max-tokens: must leave room for the question and a context, ask for at least 19 tokens fewer",
  ],
  [["--contexts", "a.txt", "--temperature", "-1"], '--temperature: must be a number at least 0, got "-1"'],
  [["--contexts", "a.txt", "--beta", "-2"], '--beta: must be a number at least -1, got "-2"'],
  [["--contexts", "a.txt", "--eta", "-2"], '--eta: must be a number at least 0, got "-2"'],
  [["--contexts", "a.txt", "--top-p", "0"], '--top-p: must be a number above 0 and at most 1, got "0"'],
  [
    ["--contexts", "a.txt", "--pool", "mena"],
    '--pool: must be one of min-entropy, mean, max, weighted, got "mena"; did you mean mean?',
  ],
  [[], "required option '--contexts <file...>' not specified"],
])("refused, with nothing written: %j", async (words, message) => {
  const { code, stdout, stderr } = await ask(...words, "--json", "out.json");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(`heed: ${message}`);
  expect(existsSync("out.json")).toBe(false);
});

test("a text in another code is refused by name", async () => {
  writeFileSync("latin.txt", Uint8Array.from([0xe9, 0x74, 0xe9]));
  const { code, stderr } = await ask("--contexts", "latin.txt");
  expect([code, stderr.startsWith("heed: latin.txt: must be text in UTF-8")]).toEqual([2, true]);
});

test("a folder that is no model", async () => {
  cpSync("a.txt", "copy.txt");
  const { code, stderr } = await run("nbce", ".", "--contexts", "copy.txt", "--question", "x");
  expect(code).toBe(2);
  expect(stderr).toContain("heed: .: must be a folder that heed trained in");
});
