// Lines of sums: right or wrong, of pairs that training has or has not, and where their answers are asked.
import { describe, expect, test } from "vitest";
import { isHeldOutSum, sumIds, sumsSizes, sumToken, toldSums } from "../../src/data/told-sums";
import { rng } from "../../src/tensor/rng";

describe.each([
  ["trained", "right"],
  ["held-out", "right"],
  ["held-out", "wrong"],
] as const)("%s pairs, %s answers", (pairs, answers) => {
  const { inputs, targets, asked, sums, batch, context } = toldSums({
    batch: 100,
    rng: rng(1),
    pairs,
    answers,
  })(0);

  test("16 lines a sequence, and answers are asked after the second number", () => {
    expect(context + 1).toBe(sumsSizes.context);
    for (let row = 0; row < batch; row++) {
      const at = row * context;
      const words = [...inputs.subarray(at, at + context), targets[at + context - 1]!].map(sumToken);
      expect(words[0]).toBe("<bos>");
      const told = new Map<string, string>();
      for (let line = 0; line < 16; line++) {
        const [a, b, answer] = words.slice(1 + 3 * line, 4 + 3 * line);
        expect([a, b, answer].map((word) => word!.at(-1))).toEqual(["+", "=", ";"]);
        const [x, y, z] = [a, b, answer].map((word) => Number.parseInt(word!, 10));
        expect(isHeldOutSum(x!, y!)).toBe(pairs === "held-out");
        expect(z === x! + y!).toBe(answers === "right");
        const place = at + 3 * line + 2;
        expect(sumToken(inputs[place]!)).toBe(b);
        expect(sumToken(targets[place]!)).toBe(answer);
        expect(sumToken(sums[place]!)).toBe(`${x! + y!} ;`);
        const before = told.get(`${a}${b}`);
        expect(asked[place]).toBe(before === undefined ? 1 : 2);
        if (before !== undefined) expect(answer).toBe(before);
        told.set(`${a}${b}`, answer!);
      }
      expect(told.size).toBeLessThanOrEqual(6);
      expect(asked.subarray(at, at + context).filter((kind) => kind > 0)).toHaveLength(16);
    }
  });
});

test("text becomes tokens and back, and the article's sum is held out", () => {
  const text = "48 + 76 = 124 ; 40 + 79 =";
  expect(Array.from(sumIds(text), sumToken)).toEqual(["<bos>", "48 +", "76 =", "124 ;", "40 +", "79 ="]);
  expect(isHeldOutSum(48, 76)).toBe(true);
  expect(() => sumIds("48 + 51")).toThrow('+ = or ; after each, got "48 + 51"');
  expect(() => sumIds("80 +")).toThrow('a number before + must be 40 to 79, got "80 +"');
  expect(() => sumIds("48 + 76 = 79 ;")).toThrow("must be 80 to 158");
  expect(() => toldSums({ batch: 0, rng: rng(0), pairs: "trained", answers: "right" })).toThrow("got 0");
});
