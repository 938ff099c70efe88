// The elementary functions against float64 over dense points, with the bounds that assembly/math.ts states.
import { describe, expect, test } from "vitest";
import * as reference from "../reference/math";
import { checkKernel, input, noise, output, runKernel, UNROLLED_SIZES } from "./battery";

const twins = {
  vexp: reference.exp,
  vlog: reference.log,
  vtanh: reference.tanh,
  verf: reference.erf,
  vsin: reference.sin,
  vcos: reference.cos,
} as const;
type Name = keyof typeof twins;
// The keys of an object literal are its names.
const names = Object.keys(twins) as Name[];

interface Bound {
  readonly name: Name;
  readonly points: Float32Array;
  readonly ulps?: number;
  readonly absolute?: number;
}

const bounds: readonly Bound[] = [
  { name: "vexp", points: dense(-87.32, 88.7228), ulps: 1 },
  { name: "vexp", points: everyScale(-30, 5, [-1, 1]), ulps: 1 },
  { name: "vlog", points: everyScale(-126, 127, [1]), ulps: 0.9 },
  { name: "vlog", points: dense(0.5, 2), ulps: 0.9 },
  { name: "vtanh", points: dense(-10, 10), ulps: 1.3 },
  { name: "vtanh", points: everyScale(-60, 6, [-1, 1]), ulps: 1.3 },
  { name: "verf", points: dense(-5, 5), ulps: 1.2 },
  { name: "verf", points: everyScale(-60, 4, [-1, 1]), ulps: 1.2 },
  { name: "vsin", points: dense(0, 6.2831853), absolute: 1e-7 },
  { name: "vcos", points: dense(0, 6.2831853), absolute: 1e-7 },
];

describe("measured error", () => {
  for (const { name, points, ulps, absolute } of bounds) {
    const range = `${points[0]?.toPrecision(3)} .. ${points.at(-1)?.toPrecision(3)}`;
    test(`${name} on ${range} is within ${ulps ? `${ulps} ulp` : absolute}`, () => {
      const measured = worst(name, points);
      if (ulps) expect(measured.ulps).toBeLessThanOrEqual(ulps);
      if (absolute) expect(measured.absolute).toBeLessThanOrEqual(absolute);
    });
  }
});

const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number;
const special: Record<Name, readonly (readonly [x: number, y: number])[]> = {
  vexp: [
    [0, 1],
    [-0, 1],
    [-INFINITY, 0],
    [-1e4, 0],
    [-3e38, 0],
    [88.73, INFINITY],
    [1e4, INFINITY],
    [INFINITY, INFINITY],
    [NAN, NAN],
  ],
  vlog: [
    [1, 0],
    [0, -INFINITY],
    [INFINITY, INFINITY],
    [-1, NAN],
    [-INFINITY, NAN],
    [NAN, NAN],
    [2 ** -149, Math.fround(-149 * Math.LN2)],
  ],
  vtanh: [
    [0, 0],
    [-0, -0],
    [INFINITY, 1],
    [-INFINITY, -1],
    [100, 1],
    [NAN, NAN],
  ],
  verf: [
    [0, 0],
    [-0, -0],
    [INFINITY, 1],
    [-INFINITY, -1],
    [4, 1],
    [NAN, NAN],
  ],
  vsin: [
    [0, 0],
    [NAN, NAN],
  ],
  vcos: [
    [0, 1],
    [NAN, NAN],
  ],
};

test.each(names)("%s at its special values", (name) => {
  const points = special[name].map(([x]) => x);
  const { y } = runKernel({ y: output(points.length), x: input(points) }, (k, at) =>
    k[name](at.y, at.x, points.length),
  );
  expect(Array.from(y)).toEqual(special[name].map(([, wanted]) => wanted));
});

test.each(names)("%s goes through the size battery", (name) => {
  for (const n of UNROLLED_SIZES) {
    const x = noise(n, n + 1, 0.01, 6);
    checkKernel({
      buffers: { y: output(n), x: input(x) },
      run: (k, at) => k[name](at.y, at.x, n),
      expected: { y: Array.from(x, twins[name]) },
      tolerance: { relative: 2 ** -22, absolute: 1e-7 },
    });
  }
});

test("the float64 erf agrees with published digits", () => {
  const table = [
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.9, 0.9999589021219005],
    [3.5, 0.9999992569016276],
  ] as const;
  for (const [x, wanted] of table) expect(Math.abs(reference.erf(x) - wanted)).toBeLessThanOrEqual(1e-15);
});

/** Largest error of a kernel over the points, in units in the last place of the float32 result and absolute. */
function worst(name: Name, points: Float32Array) {
  const n = points.length;
  const { y } = runKernel({ y: output(n), x: input(points) }, (k, at) => k[name](at.y, at.x, n));
  let ulps = 0;
  let absolute = 0;
  for (let i = 0; i < n; i++) {
    const wanted = twins[name](points[i]!);
    const error = Math.abs(y[i]! - wanted);
    if (!Number.isFinite(error)) throw new Error(`${name}(${points[i]}) is ${y[i]}, wanted ${wanted}`);
    absolute = Math.max(absolute, error);
    ulps = Math.max(ulps, error / ulpOf(wanted));
  }
  return { ulps, absolute };
}

/** Spacing of the normal float32 numbers around `value`. */
function ulpOf(value: number): number {
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(value), 2 ** -126)));
  return 2 ** (exponent - 23);
}

/** Evenly spaced points, both ends included. */
function dense(low: number, high: number, count = 200_000): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

/** 997 points in every binade from 2^from to 2^(to + 1). */
function everyScale(from: number, to: number, signs: readonly number[]): Float32Array {
  const points: number[] = [];
  for (let e = from; e <= to; e++) {
    for (let i = 0; i < 997; i++) for (const sign of signs) points.push(sign * 2 ** e * (1 + i / 997));
  }
  return Float32Array.from(points);
}
