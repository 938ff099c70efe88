// The toy tasks of the synthesizer experiments: every target is right by the rule that the file draws, and batches repeat.
import { describe, expect, test } from "vitest";
import { type Batch, IGNORED } from "../../src/data/batches";
import { recall, recallSizes } from "../../src/data/recall";
import { reversal, reversalSizes } from "../../src/data/reversal";
import { pairQuestions, pairSizes, pairsWithHoles } from "../../src/data/sentence-pairs";
import { transduction, transductionRules, transductionSizes } from "../../src/data/transduction";
import { translate, translation, translationSizes } from "../../src/data/translation";
import { rng } from "../../src/tensor/rng";

const options = { batch: 50, context: 16, rng: rng(3) };

function rowsOf({ inputs, targets, batch, context }: Batch) {
  return Array.from({ length: batch }, (_, b) => ({
    inputs: [...inputs.slice(b * context, (b + 1) * context)],
    targets: [...targets.slice(b * context, (b + 1) * context)],
  }));
}

describe.each([
  ["translation", translation(options), translationSizes],
  ["reversal", reversal({ ...options, shortest: 8 }), reversalSizes],
  ["recall", recall({ batch: 50, pairs: 12, rng: rng(3) }), recallSizes(12)],
  ["pairs with holes", pairsWithHoles({ batch: 50, rng: rng(3) }), pairSizes],
  ["questions on pairs", pairQuestions({ batch: 50, rng: rng(3) }), pairSizes],
  [
    "transduction",
    transduction({ rule: "sorted", length: 8, batch: 50, rng: rng(3) }),
    { ...transductionSizes(8), outputs: 15 },
  ],
] as const)("%s", (_, batches, { vocabulary, outputs }) => {
  test("the same step gives the same batch, another one another; ids and labels are within their sizes", () => {
    expect(batches(4)).toEqual(batches(4));
    expect(batches(5).inputs).not.toEqual(batches(4).inputs);
    for (const { inputs, targets } of rowsOf(batches(0))) {
      for (const id of inputs) expect(id >= 0 && id < vocabulary).toBe(true);
      for (const label of targets) expect(label >= IGNORED && label < outputs).toBe(true);
    }
  });
});

test("translation: 7 i + 3 mod 24, and noun before adjective turned round, from left to right", () => {
  // Noun 9 and adjective 2 change places; noun 10 and verb 20, adjective 3 and noun 15 stay.
  expect([...translate(Int32Array.of(9, 2, 10, 20, 3, 15))]).toEqual([17, 18, 1, 23, 0, 12]);
  // A noun before a pair is not part of it, nor is an adjective after one.
  expect([...translate(Int32Array.of(8, 9, 1, 2))]).toEqual(
    [8, 9, 1, 2].map((_, i) => (7 * [8, 1, 9, 2][i]! + 3) % 24),
  );
  const lengths = new Set<number>();
  for (const { inputs, targets } of rowsOf(translation(options)(0))) {
    const length = inputs.includes(translationSizes.pad) ? inputs.indexOf(translationSizes.pad) : 16;
    lengths.add(length);
    expect(targets.slice(0, length)).toEqual([...translate(Int32Array.from(inputs.slice(0, length)))]);
    expect(inputs.slice(length).every((id) => id === translationSizes.pad)).toBe(true);
    expect(targets.slice(length).every((label) => label === IGNORED)).toBe(true);
  }
  expect([Math.min(...lengths), Math.max(...lengths), lengths.size]).toEqual([8, 16, 9]);
});

test("translation: without mixing tokens about 0.796 can be right", () => {
  // The likeliest target of each word, counted.
  const counts = new Map<number, Map<number, number>>();
  let all = 0;
  for (let step = 0; step < 200; step++) {
    const { inputs, targets } = translation(options)(step);
    inputs.forEach((id, i) => {
      if (targets[i] === IGNORED) return;
      const of = counts.get(id) ?? new Map<number, number>();
      of.set(targets[i]!, (of.get(targets[i]!) ?? 0) + 1);
      counts.set(id, of);
      all += 1;
    });
  }
  const best = [...counts.values()].reduce((sum, of) => sum + Math.max(...of.values()), 0) / all;
  expect(Math.abs(best - 0.796)).toBeLessThan(0.005); // 120 000 words: one sigma is 0.0012
});

test("reversal: the words of the input from its end", () => {
  for (const { inputs, targets } of rowsOf(reversal({ ...options, shortest: 8 })(1))) {
    const words = inputs.filter((id) => id !== reversalSizes.pad);
    expect(words.length).toBeGreaterThanOrEqual(8);
    expect(targets.slice(0, words.length)).toEqual(words.toReversed());
  }
  expect(reversal(options)(0).inputs.includes(reversalSizes.pad)).toBe(false);
});

test("recall: every key once, and the value beside the one that is asked", () => {
  for (const { inputs, targets } of rowsOf(recall({ batch: 50, pairs: 12, rng: rng(3) })(0))) {
    const keys = inputs.slice(0, 24).filter((_, i) => i % 2 === 0);
    expect(keys.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, key) => key));
    expect(inputs[25]).toBe(24);
    expect(targets[24]).toBe(inputs[2 * keys.indexOf(inputs[24]!) + 1]! - 12);
    expect(targets.filter((label) => label !== IGNORED)).toHaveLength(1);
  }
});

test("pairs: the answer is yes exactly where the topic's synonym is there; half of them are", () => {
  let yes = 0;
  for (const { inputs, targets } of rowsOf(pairQuestions({ batch: 400, rng: rng(5) })(0))) {
    const topic = inputs[1]! - 24;
    const related = inputs.slice(8).includes(36 + topic);
    yes += related ? 1 : 0;
    expect(targets[1]).toBe(related ? 49 : 48);
    expect(inputs.slice(8).filter((id) => id >= 36 && id < 48)).toHaveLength(1);
    expect(targets.filter((label) => label !== IGNORED)).toHaveLength(1);
  }
  expect(Math.abs(yes - 200)).toBeLessThan(50); // five sigma
});

test("holes: what was there is the target, and neighbours follow the rule", () => {
  const HOLE = 50;
  let holes = 0;
  for (const { inputs, targets } of rowsOf(pairsWithHoles({ batch: 200, rng: rng(5) })(0))) {
    inputs.forEach((id, i) => {
      if (id === HOLE) holes += 1;
      expect(targets[i] === IGNORED).toBe(id !== HOLE);
    });
    const whole = inputs.map((id, i) => (id === HOLE ? targets[i]! : id));
    expect([whole[0], whole[7]]).toEqual([48, 49]);
    for (let i = 2; i < 6; i++)
      expect((whole[i + 1]! - 5 * whole[i]! + 240) % 24).toSatisfy((d: number) => d >= 1 && d <= 3);
  }
  expect(Math.abs(holes / (200 * 12) - 0.15)).toBeLessThan(0.04); // five sigma
});

test.each([
  () => translation({ ...options, shortest: 17 }),
  () => translation({ ...options, shortest: 0 }),
  () => reversal({ ...options, shortest: 1.5 }),
])("lengths that do not fit are refused", (make) => {
  expect(make).toThrow("whole numbers 1 <= shortest <= context must hold");
});

test("recall of no pairs is refused", () => {
  expect(() => recall({ batch: 1, pairs: 0, rng: rng(1) })).toThrow(
    "recall: pairs must be a whole number of at least 1, got 0",
  );
});

describe("transduction", () => {
  const make = { batch: 30, length: 7, rng: rng(5) };
  test.each(transductionRules)(
    "%s: an input, its end, and the outputs one place ahead of where they are told",
    (rule) => {
      for (const { inputs, targets } of rowsOf(transduction({ ...make, rule })(2))) {
        const x = inputs.slice(0, 7);
        const y = targets.slice(7);
        expect(inputs).toEqual([...x, 15, ...y.slice(0, -1)]);
        expect(targets.slice(0, 7)).toEqual(new Array(7).fill(IGNORED));
        const wanted = {
          reversed: x.map((_, i) => x[6 - i]),
          sorted: x.map((_, i) =>
            x.find((v) => x.filter((w) => w < v).length <= i && x.filter((w) => w <= v).length > i),
          ),
          "prefix-sums": x.map((_, i) => x.slice(0, i + 1).reduce((a, b) => a + b) % 5),
        };
        expect(y).toEqual(wanted[rule]);
      }
    },
  );

  test("rules see the same inputs, and a length below 1 is refused", () => {
    const inputs = transductionRules.map((rule) =>
      rowsOf(transduction({ ...make, rule })(0)).map((row) => row.inputs.slice(0, 8)),
    );
    expect(inputs[1]).toEqual(inputs[0]);
    expect(inputs[2]).toEqual(inputs[0]);
    expect(() => transduction({ ...make, rule: "sorted", length: 0 })).toThrow(
      "transduction: length must be a whole number of at least 1, got 0",
    );
  });
});
