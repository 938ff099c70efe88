// `heed train` from a text to its results.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { files, inFreshFolder, json, PROCESS_MS, run, shellWords, start, TEXT, TINY } from "./heed";

const RUN_FILES = [
  "checkpoint.safetensors",
  "heed.json",
  "metrics.jsonl",
  "model.safetensors",
  "report.html",
  "result.json",
];
const losses = (folder: string) =>
  readFileSync(`${folder}/metrics.jsonl`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((line) => "loss" in line)
    .map((line): number => line.loss);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

inFreshFolder();

test(
  "a run on generated text leaves its files in runs/, tells its steps in plain lines, and learns",
  async () => {
    const { code, stdout, stderr } = await start("train", ...TINY, "--steps", "100", "--json", "-").ended;
    expect(code).toBe(0);
    expect(readdirSync("runs/grammar-gpt-1").sort()).toEqual(RUN_FILES);

    expect(stdout.split("\n")).toHaveLength(2);
    const result = JSON.parse(stdout);
    expect(result).toEqual(json("runs/grammar-gpt-1/result.json"));
    expect(result.metrics.floors.bigram).toBeLessThan(result.metrics.floors.unigram);
    expect(result.metrics.heldOut.tokens).toBe(39_999);

    expect(stderr).toMatch(
      /^gpt with 3,968 parameters; grammar: 360,000 tokens of 53 kinds; portable build;/,
    );
    expect(stderr).toMatch(/^train 100\/100 \| loss \d\.\d{3} \| tokens\/s \d+ \| ETA 0 s$/m);
    expect(stderr).toContain(`held-out loss  ${result.metrics.heldOut.natsPerToken.toFixed(4)} nats`);
    expect(stderr).toContain("npm run -s heed -- generate runs/grammar-gpt-1");
    expect(stderr).not.toContain("\u001b");

    const recorded = losses("runs/grammar-gpt-1");
    expect(recorded).toHaveLength(100);
    expect(recorded.at(-1)).toBe(result.metrics.loss);
    expect(mean(recorded.slice(0, 10)) - mean(recorded.slice(-10))).toBeGreaterThan(0.5);
  },
  PROCESS_MS,
);

test("the same seed twice on a text file gives the same numbers, another seed others", async () => {
  writeFileSync("a book.txt", TEXT);
  const words = ["train", "--text", "a book.txt", ...TINY, "--steps", "40", "--dropout", "0.1"];
  for (const name of ["first", "second"]) {
    const { code, stdout } = await run(...words, "--out", name, "--json", `${name}.json`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n.*│[\s\S]*\n\nheld-out loss .*\nfloors .*\nspeed .*\nreport .*\ntry .*\n$/);
  }
  await run(...words, "--seed", "2");
  expect(readdirSync(".").sort()).toEqual([
    "a book.txt",
    "first",
    "first.json",
    "runs",
    "second",
    "second.json",
  ]);
  expect(readdirSync("runs")).toEqual(["a book-gpt-2"]);
  const [first, second, other] = ["first", "second", "runs/a book-gpt-2"];
  expect(json("second.json").metrics).toEqual(json("first.json").metrics);
  expect(json("second.json").sample).toEqual(json("first.json").sample);
  for (const file of ["metrics.jsonl", "model.safetensors", "checkpoint.safetensors"]) {
    expect(readFileSync(`${second}/${file}`).equals(readFileSync(`${first}/${file}`))).toBe(true);
  }
  expect(json(`${other}/result.json`).metrics.lossDigest).not.toBe(json("first.json").metrics.lossDigest);
  expect(readFileSync("first/report.html", "utf8")).toContain("train --text");
});

test("the report stands where --report says, too, and the line in it trains the same model", async () => {
  writeFileSync("it's a book.txt", TEXT);
  const words = ["train", "--text", "it's a book.txt", ...TINY, "--steps", "3"];
  const { code, stdout } = await run(...words, "--out", "run", "--report", "my book.html");
  expect(code).toBe(0);
  expect(stdout).toContain("\nreport         my book.html\n");
  const report = readFileSync("my book.html", "utf8");
  expect(readFileSync("run/report.html", "utf8")).toBe(report);

  const texts = [...parseHTML(report).document.querySelectorAll("pre")].map(({ textContent }) => textContent);
  const line = texts.find((text) => text.startsWith("\nnpm run"))!;
  expect((await run(...shellWords(line.slice(1)), "--out", "again")).code).toBe(0);
  expect(readFileSync("again/model.safetensors").equals(readFileSync("run/model.safetensors"))).toBe(true);
});

test("a default folder that exists is left alone: the next free name is taken", async () => {
  writeFileSync("book.txt", TEXT);
  const words = ["train", "--text", "book.txt", ...TINY, "--steps", "1"];
  await run(...words);
  const before = files();
  await run(...words);
  expect(readdirSync("runs").sort()).toEqual(["book-gpt-1", "book-gpt-1-2"]);
  expect(files()).toMatchObject(before);
});

test("words are tokens where they are asked for, and every variant of the parts trains", async () => {
  writeFileSync("book.txt", TEXT);
  const variants = [
    "--tokenizer word",
    "--position rope --norm rmsnorm --activation silu",
    "--position none --norm none --scale one",
    "--layers 0",
    "--optimizer sgd --lr 0.1",
  ];
  for (const [index, variant] of variants.entries()) {
    const out = String(index);
    const { code, stderr } = await run(
      ...["train", "--text", "book.txt", ...TINY, ...variant.split(" "), "--steps", "30", "--out", out],
    );
    expect(stderr).toContain("train 30/30");
    expect(code).toBe(0);
    const recorded = losses(out);
    expect(mean(recorded.slice(-5))).toBeLessThan(mean(recorded.slice(0, 5)));
  }
});

test("a run that diverges says where, keeps its last good checkpoint, and leaves no results", async () => {
  writeFileSync("book.txt", TEXT);
  const words = ["train", "--text", "book.txt", ...TINY, "--steps", "30", "--out", "run"];
  const { code, stdout, stderr } = await run(...words, ..."--optimizer sgd --lr 1e9 --clip 1e30".split(" "));
  expect(code).toBe(1);
  expect(stdout).toBe("");
  const sentence =
    /^heed: train: step (\d+) gave NaN or infinity, first in (.+); lower the learning rate or clip the gradients; the last good checkpoint is run\/checkpoint\.safetensors$/;
  const said = sentence.exec(stderr.trim().split("\n").at(-1)!);
  expect(said).not.toBeNull();
  expect(losses("run")).toHaveLength(Number(said![1]) - 1);
  expect(readdirSync("run").sort()).toEqual(["checkpoint.safetensors", "heed.json", "metrics.jsonl"]);
  // Going on from that checkpoint meets the same step again.
  const again = await run("train", "--resume", "run");
  expect([again.code, again.stderr.trim().split("\n").at(-1)]).toEqual([1, said![0]]);
});
