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

  test("eight lines a sequence, and answers are asked after each =", () => {
    expect(context + 1).toBe(sumsSizes.context);
    for (let row = 0; row < batch; row++) {
      const at = row * context;
      const words = [...inputs.subarray(at, at + context), targets[at + context - 1]!].map(sumToken);
      expect(words[0]).toBe("<bos>");
      const told = new Map<string, string>();
      for (let line = 0; line < 8; line++) {
        const [a, plus, b, equals, answer, end] = words.slice(1 + 6 * line, 7 + 6 * line);
        expect([plus, equals, end]).toEqual(["+", "=", ";"]);
        const sum = Number(a) + Number(b);
        expect(isHeldOutSum(Number(a), Number(b))).toBe(pairs === "held-out");
        expect(Number(answer) === sum).toBe(answers === "right");
        const place = at + 6 * line + 4;
        expect(sumToken(inputs[place]!)).toBe("=");
        expect(sumToken(targets[place]!)).toBe(answer);
        expect(sumToken(sums[place]!)).toBe(String(sum));
        const before = told.get(`${a}+${b}`);
        expect(asked[place]).toBe(before === undefined ? 1 : 2);
        if (before !== undefined) expect(answer).toBe(before);
        told.set(`${a}+${b}`, answer!);
      }
      expect(told.size).toBeLessThanOrEqual(4);
      expect(asked.subarray(at, at + context).filter((kind) => kind > 0)).toHaveLength(8);
    }
  });
});

test("text becomes tokens and back, and the article's sum is held out", () => {
  const text = "48 + 76 = 124 ; 0 + 198 =";
  expect(Array.from(sumIds(text), sumToken)).toEqual(["<bos>", ...text.split(" ")]);
  expect(isHeldOutSum(48, 76)).toBe(true);
  expect(() => sumIds("48 - 1")).toThrow('numbers of 0 to 198, +, = and ;, got "-"');
  expect(() => toldSums({ batch: 0, rng: rng(0), pairs: "trained", answers: "right" })).toThrow("got 0");
});
