// Correlations against values that can be worked out by hand.
import { expect, test } from "vitest";
import { pearson, spearman } from "../../src/experiments/correlation";

test("Pearson's correlation of lines is one, and of what has nothing in common nought", () => {
  expect(pearson([1, 2, 3], [10, 20, 30])).toBeCloseTo(1, 14);
  expect(pearson([1, 2, 3], [6, 4, 2])).toBeCloseTo(-1, 14);
  expect(pearson([-1, 0, 1], [1, -2, 1])).toBeCloseTo(0, 14);
  // Deviations (-1.5, -.5, .5, 1.5) and (-1, -1, 1, 1): 4 / sqrt(5 * 4).
  expect(pearson([1, 2, 3, 4], [0, 0, 2, 2])).toBeCloseTo(4 / Math.sqrt(20), 14);
  expect(pearson([1, 1], [0, 3])).toBeNaN();
});

test("Spearman's sees the order alone, and equal values share a rank", () => {
  expect(spearman([1, 10, 100, 1000], [1, 2, 3, 4])).toBeCloseTo(1, 14);
  expect(spearman([1, 2, 3, 4], [4, 3, 2, -50])).toBeCloseTo(-1, 14);
  // Ranks 1.5, 1.5, 3 against 1, 2, 3: 1.5 / sqrt(1.5 * 2).
  expect(spearman([5, 5, 6], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(3), 14);
});
