// `heed generate` and `heed eval` on a run of heed's.
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inFreshFolder, json, PROCESS_MS, run, start, TEXT, TINY } from "./heed";

let kept: string;
let folder: string;

beforeAll(async () => {
  kept = mkdtempSync(join(tmpdir(), "heed-"));
  folder = join(kept, "run");
  const text = join(kept, "book.txt");
  writeFileSync(text, `${TEXT}007\n`);
  const { code } = await run("train", "--text", text, ...TINY, "--steps", "50", "--out", folder);
  expect(code).toBe(0);
});
afterAll(() => rmSync(kept, { recursive: true }));
inFreshFolder();

const generate = (...words: string[]) => run("generate", folder, "--max-tokens", "60", ...words);

test("the seed decides the text, and the prompt stays what was typed", async () => {
  const [first, second, other] = [
    await generate("--prompt", "007", "--seed", "3"),
    await generate("--prompt", "007", "--seed", "3"),
    await generate("--prompt", "007", "--seed", "4"),
  ];
  expect([first!.code, first!.stderr]).toEqual([0, ""]);
  expect(first!.stdout).toMatch(/^007[\s\S]{60}\n$/);
  expect(second).toEqual(first);
  expect(other!.stdout).not.toBe(first!.stdout);
});

test("temperature 0 and top-k 1 take the likeliest token whatever the seed", async () => {
  const texts = [
    await generate("--temperature", "0", "--seed", "1"),
    await generate("--temperature", "0", "--seed", "2"),
    await generate("--top-k", "1", "--seed", "3"),
    await generate("--top-p", "1e-9", "--seed", "4"),
  ];
  expect(texts[0]!.stdout).toMatch(/^\n[\s\S]{60}\n$/);
  expect(new Set(texts.map(({ stdout }) => stdout)).size).toBe(1);
});

test("--json - leaves stdout to one object; a file leaves it to the text", async () => {
  const { stdout, stderr } = await generate("--prompt", "The ", "--json", "-");
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ command: "generate", run: folder, prompt: "The ", seed: 1 });
  expect(result.ids).toHaveLength(60);
  expect(stderr).toBe(`The ${result.text}\n`);
  const filed = await generate("--prompt", "The ", "--json", "text.json");
  expect(filed.stdout).toBe(stderr);
  expect(json("text.json")).toEqual(result);
});

test(
  "a reader that stops reading ends it quietly",
  async () => {
    const { process, ended } = start("generate", folder, "--max-tokens", "5000");
    process.stdout!.once("data", () => process.stdout!.destroy());
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, ""]);
  },
  PROCESS_MS,
);

test("eval gives the result's held-out loss exactly, and of another text its own", async () => {
  const { metrics } = json(join(folder, "result.json"));
  const { code, stdout } = await run("eval", folder, "--json", "-");
  expect(code).toBe(0);
  const { natsPerToken, perplexity, tokens } = JSON.parse(stdout);
  expect({ natsPerToken, perplexity, tokens }).toEqual(metrics.heldOut);
  expect((await run("eval", folder)).stdout).toBe(
    `${natsPerToken.toFixed(4)} nats per token, perplexity ${perplexity.toFixed(2)}, over the ${tokens} held-out tokens of book\n`,
  );
  writeFileSync("other.txt", "the the the the ".repeat(40));
  const other = JSON.parse((await run("eval", folder, "--text", "other.txt", "--json", "-")).stdout);
  expect([other.text, other.tokens]).toEqual(["other", 63]);
  expect(other.natsPerToken).not.toBe(natsPerToken);
});

test("a run whose folder was moved still generates; its results are not needed", async () => {
  cpSync(folder, "moved", { recursive: true });
  for (const file of ["checkpoint.safetensors", "result.json", "report.html", "metrics.jsonl"])
    rmSync(`moved/${file}`);
  expect(existsSync("moved/model.safetensors")).toBe(true);
  const words = ["--max-tokens", "60", "--prompt", "A"];
  expect((await run("generate", "moved", ...words)).stdout).toBe((await generate("--prompt", "A")).stdout);
});
