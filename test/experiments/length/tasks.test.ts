// The tasks of the experiments on length: what they ask is what their first lines say.
import { describe, expect, test } from "vitest";
import { IGNORED } from "../../../src/data/batches";
import { flagged, SYMBOLS } from "../../../src/experiments/length/flagged";
import { maskedSizes, maskedWindows, readText, testMasked } from "../../../src/experiments/length/masked";
import { positionBatches, positionTasks } from "../../../src/experiments/length/position-tasks";
import { sequences, sequenceTasks, wholeLength } from "../../../src/experiments/length/sequence-tasks";
import { rng } from "../../../src/tensor/rng";
import { integers, scope, type Tensor, tensor } from "../../../src/tensor/tensor";
import { chunks } from "../../attention/closed-forms";

test("one token is flagged, its symbol is asked for, and the others are Zipf's", () => {
  const [batch, n] = [50, 64];
  const { inputs, targets } = flagged({ batch, n, rng: rng(1) })(3);
  const counts = new Array<number>(SYMBOLS).fill(0);
  chunks(inputs, n).forEach((row, i) => {
    const found = row.filter((id) => id >= SYMBOLS);
    expect(found).toEqual([SYMBOLS + targets[(i + 1) * n - 1]!]);
    for (const id of row) if (id < SYMBOLS) counts[id]! += 1;
  });
  expect(Array.from(targets).filter((target) => target !== IGNORED)).toHaveLength(batch);
  const total = counts.reduce((a, b) => a + b);
  const norm = counts.reduce((sum, _, r) => sum + (r + 1) ** -1.5, 0);
  counts.forEach((count, r) => {
    const p = (r + 1) ** -1.5 / norm;
    expect(Math.abs(count - p * total)).toBeLessThan(4 * Math.sqrt(p * (1 - p) * total));
  });
  expect(flagged({ batch, n, rng: rng(1) })(3)).toEqual({ inputs, targets, batch, context: n });
});

describe("sequences", () => {
  test.each(Object.entries(sequenceTasks))("%s", (name, task) => {
    for (const n of [task.shortest, 7, 12]) {
      const { inputs, targets, context } = sequences(task, { batch: 40, rng: rng(n), lengthOf: () => n })(0);
      expect(context).toBe(wholeLength(task, n));
      const asked = chunks(targets, context);
      chunks(inputs, context).forEach((row, i) => {
        const input = row.slice(0, context - task.slots(n));
        expect(row.slice(input.length).every((id) => id === task.symbols)).toBe(true);
        expect(asked[i]!.slice(0, input.length).every((target) => target === IGNORED)).toBe(true);
        const output = asked[i]!.slice(input.length);
        const changes = input.slice(1).filter((id, j) => id !== input[j]).length;
        const half = input.slice(0, Math.floor(n / 2));
        const hidden = input.indexOf(2);
        const wanted = {
          "before-last": [input.at(-1)],
          "even-pairs": [changes % 2],
          "missing-duplicate": [half[hidden - half.length]],
          reverse: [...input].reverse(),
          "bucket-sort": [...input].sort(),
        }[name];
        expect(output).toEqual(wanted);
        if (name !== "missing-duplicate") return;
        const second = input.slice(half.length, 2 * half.length);
        expect(second.map((id, j) => (id === 2 ? half[j] : id))).toEqual(half);
        expect(input.slice(2 * half.length)).toEqual(n % 2 === 1 ? [3] : []);
      });
    }
  });
});

test("tasks on positions: places, and every second token, with marks around them or not", () => {
  for (const marked of [false, true]) {
    const task = { n: 6, symbols: 5, marked };
    const around = (inner: readonly number[]) => (marked ? [IGNORED, ...inner, IGNORED] : inner);
    for (const name of ["identify", "even"] as const) {
      const { inputs, targets, context } = positionBatches(positionTasks[name], task, {
        ...{ batch: 3, rng: rng(2) },
      })(1);
      const asked = chunks(targets, context);
      chunks(inputs, context).forEach((row, i) => {
        const inner = marked ? row.slice(1, -1) : row;
        if (marked) expect([row[0], row.at(-1)]).toEqual([5, 6]);
        expect(inner.every((id) => id < 5)).toBe(true);
        const even = [inner[1]!, inner[3]!, inner[5]!, 5, 5, 5];
        expect(asked[i]).toEqual(around(name === "even" ? even : [0, 1, 2, 3, 4, 5]));
      });
    }
  }
});

describe("masked characters", () => {
  const data = readText({ characters: 4000 }, {});
  const { vocabulary, outputs } = maskedSizes(data);

  test("a share of 0.15 is hidden behind the last id, and asked for", () => {
    const { inputs, targets } = maskedWindows(data, { batch: 20, context: 50, rng: rng(1) })(2);
    const hidden = Array.from(targets).filter((target) => target !== IGNORED).length;
    expect(Math.abs(hidden - 150)).toBeLessThan(4 * Math.sqrt(1000 * 0.15 * 0.85));
    inputs.forEach((id, i) => {
      expect(id === vocabulary - 1).toBe(targets[i] !== IGNORED);
      expect(targets[i]!).toBeLessThan(outputs);
    });
  });

  test("are tested in the same places at every length", () => {
    const seen: number[][] = [];
    const model = {
      logits(ids: Tensor) {
        seen.at(-1)!.push(...integers(ids));
        const rows = integers(ids).length;
        // Always the second label.
        return tensor(
          Float32Array.from({ length: rows * outputs }, (_, i) => (i % outputs === 1 ? 3 : 0)),
          [...ids.shape, outputs],
        );
      },
      loss: () => tensor([0], []),
    };
    const found = [25, 50, 100, 200].map((n) => {
      seen.push([]);
      return scope(() => testMasked(model, data, { n, longest: 200, rng: rng(5) }));
    });
    for (const ids of seen) expect(ids).toEqual(seen[0]);
    const hidden = seen[0]!.flatMap((id, i) => (id === vocabulary - 1 ? [data.heldOut[i]!] : []));
    const second = hidden.filter((id) => id === 1).length / hidden.length;
    const loss = Math.log(Math.exp(3) + outputs - 1) - 3 * second;
    for (const { accuracy, loss: nats } of found) {
      expect(accuracy).toBe(second);
      expect(nats).toBeCloseTo(loss, 5);
    }
  });
});
