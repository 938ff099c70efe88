// What masks make of the matrix of weights: its determinant, its rank, what gets through it, and what differs between a decoder with a
// prefix and one without.
import { describe, expect, test } from "vitest";
import { scope } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { make, run, WIDTH } from "./closed-forms";

describe("the matrix of weights", () => {
  test("causal, of zero scores: 1 / (i + 1), with determinant 1 / n!", () => {
    scope(() => {
      const { weights } = run(make({ mask: "causal" }, 8), new Array(8 * WIDTH).fill(0));
      const determinant = weights.slice(0, 8).reduce((product, row, i) => product * row[i]!, 1);
      expect(determinant).toBeCloseTo(2.480159e-5, 10);
      weights.slice(0, 8).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(value).toBeCloseTo(j <= i ? 1 / (i + 1) : 0, 6);
        });
      });
    });
  });

  test("causal: a positive diagonal, from which forward substitution gives the values back", () => {
    scope(() => {
      const T = 16;
      const { weights } = run(make({ mask: "causal" }, T), noise(T * WIDTH, 7, -1, 1));
      const A = weights.slice(0, T);
      const v = Array.from(noise(T, 8));
      const o = A.map((row) => row.reduce((sum, a, j) => sum + a * v[j]!, 0));
      const found: number[] = [];
      for (const [i, row] of A.entries()) {
        expect(row[i]).toBeGreaterThan(0);
        found.push((o[i]! - found.reduce((sum, value, j) => sum + row[j]! * value, 0)) / row[i]!);
      }
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(v[i]!, 8);
    });
  });

  test("prefix: the prefix sees itself whole, what follows as under a causal mask; of one token or of none it is the causal mask, bit for bit", () => {
    scope(() => {
      const x = noise(6 * WIDTH, 9);
      const { weights } = run(make({ mask: "prefix", prefix: 3 }, 6), x);
      weights.slice(0, 6).forEach((row, i) => {
        expect(row.map((value) => value > 0)).toEqual(row.map((_, j) => j <= Math.max(i, 2)));
      });
      // Under rerope both masks take the composed way, which alone has the prefix.
      const causal = run(make({ mask: "causal", position: "rerope" }, 6), x);
      for (const prefix of [0, 1])
        expect(run(make({ mask: "prefix", prefix, position: "rerope" }, 6), x)).toEqual(causal);
    });
  });

  test("half the heads see what comes before, the others what comes after", () => {
    scope(() => {
      const { weights } = run(make({ mask: "half-heads" }, 5), noise(5 * WIDTH, 9));
      weights.forEach((row, r) => {
        const [head, i] = [Math.floor(r / 5), r % 5];
        expect(row.map((value) => value > 0)).toEqual(row.map((_, j) => (head === 0 ? j <= i : j >= i)));
      });
    });
  });

  test("a window that shows as much as there is equals the causal mask", () => {
    scope(() => {
      const x = noise(6 * WIDTH, 9);
      const whole = run(make({ mask: "causal", position: "rope" }, 6), x);
      expect(run(make({ mask: "sliding-window", window: 6, position: "rope" }, 6), x)).toEqual(whole);
      expect(run(make({ mask: "sliding-window", window: 5, position: "rope" }, 6), x)).not.toEqual(whole);
    });
  });
});
