// Changes of the learning rate on the way: each holds from its step on, resumed runs included, and what is no change is refused.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withRate } from "../../src/cli/rates";
import { inFreshFolder, run, TINY } from "./heed";

inFreshFolder();

async function ratesOf(out: string, ...words: readonly string[]): Promise<number[]> {
  const { code, stderr } = await run("train", ...TINY, "--steps", "12", "--out", out, ...words);
  if (code !== 0) throw new Error(stderr);
  const lines = readFileSync(`${out}/metrics.jsonl`, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line).learningRate).filter((rate) => rate !== undefined);
}

test("a change is the schedule of the other rate from its step on", async () => {
  const changed = await ratesOf("changed", "--lr", "0.01", "--rates", "4:0.002,9:0.005");
  const [first, second, third] = [
    await ratesOf("first", "--lr", "0.01"),
    await ratesOf("second", "--lr", "0.002"),
    await ratesOf("third", "--lr", "0.005"),
  ];
  expect(changed).toEqual([...first.slice(0, 4), ...second.slice(4, 9), ...third.slice(9)]);
  expect(JSON.parse(readFileSync("changed/heed.json", "utf8")).settings).toMatchObject({
    lr: 0.01,
    rates: "4:0.002,9:0.005",
  });
});

test("a rate that is set replaces what was to come, and setting it back leaves nothing", () => {
  const planned = { lr: 0.01, rates: "4:0.002,9:0.005" };
  expect(withRate(planned, { step: 6, rate: 0.003 })).toBe("4:0.002,6:0.003");
  expect(withRate(planned, { step: 4, rate: 0.003 })).toBe("4:0.003");
  expect(withRate(planned, { step: 9, rate: 0.002 })).toBe("4:0.002");
  expect(withRate({ lr: 0.01, rates: "4:0.002" }, { step: 4, rate: 0.01 })).toBe("");
});

test.each([
  ["120", 'must be changes like 120:0.003,300:0.001, got "120"'],
  ["1:2:3", 'must be changes like 120:0.003,300:0.001, got "1:2:3"'],
  ["x:0.1", 'must be a whole number of at least 0, got "x"'],
  ["5:0", 'must be a number above 0, got "0"'],
  ["5:0.1,5:0.2", "steps must rise, got 5 after 5"],
])("changes %s are refused", async (word, reason) => {
  const { code, stderr } = await run("train", ...TINY, "--rates", word);
  expect(code).toBe(2);
  expect(stderr).toContain(reason);
});
