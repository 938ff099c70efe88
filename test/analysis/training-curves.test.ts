// Scores of in-context learning, changes of phase and principal components on data whose answers are known.
import { describe, expect, test } from "vitest";
import { inContextScore, lossByIndex, lossSlope, tokenLikelihoods } from "../../src/analysis/in-context";
import { matrix, product, transposed } from "../../src/analysis/matrix";
import { principalComponents } from "../../src/analysis/pca";
import { crossing, largestDrop, phaseChange } from "../../src/analysis/phase-change";

describe("in-context learning", () => {
  // Row r, index i: 4 - ln(i + 1) + r / 2.
  const [N, T] = [3, 20];
  const losses = Float64Array.from(
    { length: N * T },
    (_, at) => 4 - Math.log((at % T) + 1) + Math.floor(at / T) / 2,
  );

  test("is the late loss minus the early one, averaged over rows", () => {
    const byIndex = lossByIndex(losses, T);
    for (let i = 0; i < T; i++) expect(byIndex[i]).toBeCloseTo(4.5 - Math.log(i + 1), 12);
    expect(inContextScore(losses, T, { early: 3, late: 15 })).toBeCloseTo(Math.log(4) - Math.log(16), 12);
  });

  test("a loss that falls with the logarithm of the context has slope -1 everywhere", () => {
    for (const slope of lossSlope(lossByIndex(losses, T))) expect(slope).toBeCloseTo(-1, 10);
    expect(lossSlope([1])).toHaveLength(0);
  });

  test("a vector of likelihoods takes one token from each row", () => {
    expect(Array.from(tokenLikelihoods(losses, T, [0, 2, 19]))).toEqual([
      -losses[0]!,
      -losses[T + 2]!,
      -losses[2 * T + 19]!,
    ]);
  });

  test("refuses rows that are not whole and indices outside of them", () => {
    expect(() => lossByIndex([1, 2, 3], 2)).toThrow("losses must be rows of T, got 3 losses and T = 2");
    expect(() => inContextScore(losses, T, { early: 4, late: 20 })).toThrow(
      "inContextScore: indices must be 0..19, got early 4 and late 20",
    );
    expect(() => tokenLikelihoods(losses, T, [0, 1])).toThrow("losses must be [N, T] for N indices");
    expect(() => tokenLikelihoods(losses, T, [0, 1, 20])).toThrow("indices must be 0..19, got 20 for row 2");
  });
});

describe("a change of phase", () => {
  // Flat at 3, then down by .1 a step from step 100 on, flat at 0 from 130 on.
  const cliff = Array.from({ length: 17 }, (_, i) => {
    const step = 25 * i;
    return [step, Math.min(3, Math.max(0, 3 - 0.1 * (step - 100)))] as const;
  });

  test("lies where the line between snapshots crosses the middle", () => {
    const found = phaseChange(cliff);
    expect(found.none).toBeUndefined();
    // From 3 at 100 over .5 at 125 to 0 at 150.
    expect(found.step).toBeCloseTo(115, 12);
    expect(found.width).toBeCloseTo(135 - 102, 12);
    expect(found.drop).toBeCloseTo(2.5, 12);
  });

  test("is none where the loss stays high, or falls slowly", () => {
    expect(phaseChange(cliff.map(([step, loss]) => [step, 2 + loss / 3] as const))).toEqual({
      drop: expect.closeTo(2.5 / 3, 12),
      none: "the loss is never below 1.5",
    });
    const slow = Array.from({ length: 60 }, (_, i) => [25 * i, 3 - 0.05 * i] as const);
    expect(phaseChange(slow).none).toBe("the loss never falls by 0.3 in 25 steps");
  });

  test("has no width where the loss does not get low enough", () => {
    const half = cliff.map(([step, loss]) => [step, 1 + (loss * 2) / 3] as const);
    expect(phaseChange(half).step).toBeCloseTo(100 + (25 * 1.5) / (5 / 3), 10);
    expect(phaseChange(half).width).toBeUndefined();
  });

  test("scales drops to the stride, and counts nothing where a curve rises", () => {
    expect(
      largestDrop(
        [
          [0, 3],
          [50, 1],
        ],
        25,
      ),
    ).toBe(1);
    expect(
      largestDrop(
        [
          [0, 1],
          [50, 3],
        ],
        25,
      ),
    ).toBe(0);
  });

  test("crossings go up or down, the first one counts", () => {
    const wave = [
      [0, 0],
      [10, 1],
      [20, 0],
      [30, 1],
    ] as const;
    expect(crossing(wave, 0.5, "up")).toBe(5);
    expect(crossing(wave, 0.5, "down")).toBe(15);
    expect(crossing(wave, 2, "up")).toBeUndefined();
    expect(
      crossing(
        [
          [0, 5],
          [1, 6],
        ],
        2,
        "up",
      ),
    ).toBeUndefined();
    expect(() =>
      crossing(
        [
          [10, 0],
          [10, 1],
        ],
        0.5,
        "up",
      ),
    ).toThrow("steps must rise, got 10 and then 10");
  });
});

describe("principal components", () => {
  test("find the plane that points lie in, and its variances", () => {
    // 40 points: 5 along u, 2 along v, in seven dims, around a mean.
    const [u, v] = [[2, 1, 0, 0, 0, 2, 0].map((x) => x / 3), [0, 0, 3, 0, 4, 0, 0].map((x) => x / 5)];
    const along = Array.from({ length: 40 }, (_, i) => [5 * Math.cos(i), 2 * Math.sin(i)] as const);
    const values = along.flatMap(([a, b]) => u!.map((x, j) => a * x + b * v![j]! + j));
    const { coordinates, directions, shares, mean } = principalComponents(matrix(40, 7, values), 3);
    const meanOf = (k: 0 | 1) => along.reduce((sum, point) => sum + point[k], 0) / 40;
    for (let j = 0; j < 7; j++) expect(mean[j]).toBeCloseTo(meanOf(0) * u![j]! + meanOf(1) * v![j]! + j, 10);
    expect(shares[0]! + shares[1]!).toBeCloseTo(1, 10);
    expect(shares[0]).toBeGreaterThan(0.8);
    // What the two coordinates leave out of the distances between points is nothing.
    for (let i = 1; i < 40; i++) {
      const squares = [0, 1].map((k) => (coordinates.values[i * 3 + k]! - coordinates.values[k]!) ** 2);
      const exact = (along[i]![0] - along[0]![0]) ** 2 + (along[i]![1] - along[0]![1]) ** 2;
      expect(squares[0]! + squares[1]!).toBeCloseTo(exact, 9);
    }
    const gram = product(transposed(directions), directions);
    for (const [at, value] of gram.values.entries()) expect(value).toBeCloseTo(at % 4 === 0 ? 1 : 0, 10);
  });

  test("have a sign that does not depend on the library", () => {
    const values = [0, 0, 1, -3, 2, -6];
    const [a, b] = [1, -1].map((sign) =>
      principalComponents(
        matrix(
          3,
          2,
          values.map((x) => sign * x),
        ),
        1,
      ),
    );
    expect(a!.directions.values[1]).toBeCloseTo(3 / Math.sqrt(10), 12);
    expect(b!.directions.values[1]).toBeCloseTo(3 / Math.sqrt(10), 12);
  });

  test("need two points and no more components than there are", () => {
    expect(() => principalComponents(matrix(1, 3), 1)).toThrow("at least two points");
    expect(() => principalComponents(matrix(4, 3), 4)).toThrow(
      "1..3 components are needed, got [4, 3] and 4",
    );
  });
});
