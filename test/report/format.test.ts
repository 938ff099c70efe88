// Numbers as people read them; smoothing and thinning of curves.
import { describe, expect, test } from "vitest";
import { count, duration, inWords, nats, plural, short } from "../../src/report/format";
import { smooth, spread, thin } from "../../src/report/series";

test("names of programs are words; symbols and what are words already stay", () => {
  expect(["heldOutLoss", "learningRate", "hDiscrete", "rowSumY"].map(inWords)).toEqual([
    "held out loss",
    "learning rate",
    "h discrete",
    "row sum Y",
  ]);
  const kept = ["lr", "beta2", "etaY", "logN", "HWFA loss at 64", "ReRoPE loss at 64", "ioURL", ""];
  expect(kept.map(inWords)).toEqual(kept);
});

test("counts, short numbers, losses, durations", () => {
  expect([0, 999, 1000, 1234567.4].map(count)).toEqual(["0", "999", "1,000", "1,234,567"]);
  expect([0, 0.5, 3.14259, -2, 12345.6, 0.00001234, 1e12, 2e-7].map((value) => short(value))).toEqual([
    "0",
    "0.5",
    "3.143",
    "−2",
    "12,346",
    "1.23e-5",
    "1e12",
    "2e-7",
  ]);
  expect([Number.NaN, Number.POSITIVE_INFINITY].map((value) => short(value))).toEqual(["–", "∞"]);
  expect(nats(1.61)).toBe("1.610");
  expect([0.25, 9.94, 59.6, 72, 3725].map(duration)).toEqual([
    "0.25 s",
    "9.9 s",
    "1 min",
    "1 min 12 s",
    "1 h 2 min",
  ]);
  expect(duration(Number.NaN)).toBe("–");
  expect([plural(1, "step"), plural(2000, "step")]).toEqual(["1 step", "2,000 steps"]);
});

describe("curves", () => {
  const line = Array.from({ length: 101 }, (_, x) => ({ x, y: 3 - 2 * x }));

  test("smoothing leaves a straight line as it is, but for its leaning end", () => {
    const smoothed = smooth(line, 10);
    expect(smoothed.map(({ x }) => x)).toEqual(line.map(({ x }) => x));
    for (const [index, { y }] of smoothed.slice(0, -5).entries()) expect(y).toBeCloseTo(line[index]!.y, 10);
    expect(smoothed.at(-1)!.y).toBeCloseTo(3 - 2 * 97.5, 10);
  });

  test("smoothing is the mean of the window and skips what is not finite", () => {
    const ys = [0, 6, Number.NaN, 3, 9, 0, 0];
    const smoothed = smooth(
      ys.map((y, x) => ({ x, y })),
      3,
    );
    expect(smoothed).toEqual([
      { x: 0, y: 0 },
      { x: 1, y: 3 },
      { x: 3, y: 6 },
      { x: 4, y: 4 },
      { x: 5, y: 3 },
      { x: 6, y: 0 },
    ]);
    expect(smooth([], 5)).toEqual([]);
  });

  test("thinning keeps extremes and order", () => {
    const noisy = Array.from({ length: 5000 }, (_, x) => ({
      x,
      y: x === 1234 ? 99 : x === 4000 ? -99 : x % 7,
    }));
    const thinned = thin(noisy, 500);
    expect(thinned.length).toBeLessThanOrEqual(500);
    expect(thinned.some(({ y }) => y === 99) && thinned.some(({ y }) => y === -99)).toBe(true);
    expect(thinned.every((point, index) => index === 0 || point.x > thinned[index - 1]!.x)).toBe(true);
    expect(thin(line, 200)).toBe(line);
  });

  test("spreading keeps both ends", () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
    expect(spread([1, 2], 3)).toEqual([1, 2]);
  });
});
