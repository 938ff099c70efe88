// What the experiments on naive Bayes stand on: documents whose answers are right, and gradients that are slopes.
import { describe, expect, test } from "vitest";
import { IGNORED } from "../../src/data/batches";
import { attend, lossOf, mix, PARTS, pool, randomBayes } from "../../src/experiments/nbce/pooled-bayes";
import { type RecallTask, recallBatches, recallVocabulary } from "../../src/experiments/nbce/recall-task";
import { rng } from "../../src/tensor/rng";

describe("documents to look values up in", () => {
  const task: RecallTask = { keys: 20, values: 5, phrases: 3 };
  const words = recallVocabulary(task);
  const sizes = { batch: 200, context: 32, pairs: 4, rng: rng(1) };

  test("every answer is the value of the asked key, or a phrase where the key is not there; nothing else is learned", () => {
    const { inputs, targets, batch, context } = recallBatches(task, sizes)(3);
    const tally = { known: 0, unknown: 0 };
    const counts = new Map<number, number>();
    for (let row = 0; row < batch; row++) {
      const ids = Array.from(inputs.subarray(row * context, (row + 1) * context));
      const wanted = Array.from(targets.subarray(row * context, (row + 1) * context));
      const first = ids.indexOf(words.ask);
      expect(first % 2).toBe(0);
      const pairs = new Map<number, number>();
      for (let i = 0; i < first; i += 2) {
        expect(ids[i]! < task.keys && words.isValue(ids[i + 1]!) && !pairs.has(ids[i]!)).toBe(true);
        pairs.set(ids[i]!, ids[i + 1]!);
      }
      counts.set(pairs.size, (counts.get(pairs.size) ?? 0) + 1);
      const asked = new Set<number>();
      const end = wanted.findLastIndex((target) => target !== IGNORED) + 2;
      for (let i = first + 1; i < end; i += 2) {
        const [key, answer] = [ids[i]!, ids[i + 1]!];
        expect(wanted.slice(i, i + 2)).toEqual([answer, IGNORED]);
        expect(key < task.keys && !asked.has(key)).toBe(true);
        asked.add(key);
        const value = pairs.get(key);
        if (value === undefined) expect(words.isPhrase(answer)).toBe(true);
        else expect(answer).toBe(value);
        tally[value === undefined ? "unknown" : "known"] += 1;
      }
      // All keys that are there are asked for, as there is room.
      expect([...pairs.keys()].every((key) => asked.has(key))).toBe(true);
      expect(asked.size).toBeGreaterThan(0);
      expect(
        [...wanted.slice(0, first + 1), ...wanted.slice(end)].every((target) => target === IGNORED),
      ).toBe(true);
    }
    expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(counts.get(4)! / batch).toBeGreaterThan(0.5); // half, and a fifth of the others
    // A quarter, and what documents without any pairs are asked.
    const share = tally.unknown / (tally.known + tally.unknown);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.45);
  });

  test("a step has its batch, whatever was asked before", () => {
    const [one, other] = [recallBatches(task, sizes), recallBatches(task, sizes)];
    one(1);
    expect(one(7)).toEqual(other(7));
    expect(one(7)).not.toEqual(one(8));
  });
});

test.each([
  ["attention", attend],
  ["pooled naive Bayes", pool],
  ["a mixture", mix],
] as const)("%s: gradients are the slopes of the loss", (_, read) => {
  const model = randomBayes(6, 3, 0.7, rng(2));
  const sequences = [Int32Array.of(1, 4, 1, 2, 5), Int32Array.of(0, 3, 3)];
  const { gradients } = lossOf(model, sequences, read);
  const step = 1e-5;
  for (const part of PARTS) {
    for (const [i, gradient] of gradients[part].entries()) {
      const at = (by: number) => {
        model[part][i]! += by;
        const { loss } = lossOf(model, sequences, read);
        model[part][i]! -= by;
        return loss;
      };
      expect(Math.abs((at(step) - at(-step)) / (2 * step) - gradient)).toBeLessThan(1e-8);
    }
  }
});
