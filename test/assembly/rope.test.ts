// Rotary position embedding and its gradient.
import { describe, expect, test } from "vitest";
import { add } from "../reference/elementwise";
import { rope } from "../reference/rope";
import { checkKernel, expectClose, inout, input, noise, output, SIZES } from "./battery";

/** Two products and a sum of values below 3. */
const TOLERANCE = { relative: 2 ** -23, absolute: 4 * 2 ** -23 };

const shapes = [
  ...SIZES.map((half) => [2, 3, 2, 2 * half + 3, 2 * half] as const),
  ...SIZES.map((half) => [1, 2, 3, 2 * half, 2 * half] as const),
  [0, 2, 2, 8, 8],
  [2, 0, 2, 8, 8],
  [2, 2, 0, 8, 8],
  [2, 2, 1, 11, 0],
] as const;

describe.each(shapes)(
  "batch %i, tokens %i, heads %i, dim %i, rotary %i",
  (batch, tokens, heads, dim, rotary) => {
    const shape = { batch, tokens, heads, dim, rotary };
    const size = batch * tokens * heads * dim;
    const angles = noise((tokens * rotary) / 2, 1, 0, 6);
    const cos = angles.map(Math.cos);
    const sin = angles.map(Math.sin);
    const x = noise(size, 2);
    const dx = noise(size, 3);

    test("srope", () => {
      const expected = { y: rope(x, cos, sin, shape) };
      checkKernel({
        buffers: { y: output(size), x: input(x), cos: input(cos), sin: input(sin) },
        run: (k, at) => k.srope(at.y, at.x, at.cos, at.sin, batch, tokens, heads, dim, rotary),
        expected,
        tolerance: TOLERANCE,
      });
      checkKernel({
        buffers: { y: inout(x), cos: input(cos), sin: input(sin) },
        run: (k, at) => k.srope(at.y, at.y, at.cos, at.sin, batch, tokens, heads, dim, rotary),
        expected,
        tolerance: TOLERANCE,
      });
    });

    test("srope_grad accumulates the inverse rotation", () => {
      checkKernel({
        buffers: { dx: inout(dx), dy: input(x), cos: input(cos), sin: input(sin) },
        run: (k, at) => k.srope_grad(at.dx, at.dy, at.cos, at.sin, batch, tokens, heads, dim, rotary),
        expected: { dx: add(dx, rope(x, cos, sin, shape, -1)) },
        tolerance: TOLERANCE,
      });
    });
  },
);

test("the twin turns (1, 0) by a quarter into (0, 1), and its gradient is the transpose", () => {
  const shape = { batch: 1, tokens: 1, heads: 1, dim: 4, rotary: 4 };
  expect(Array.from(rope([1, 1, 0, 0], [0, 1], [1, 0], shape))).toEqual([0, 1, 1, 0]);
  const [x, dy] = [noise(4, 4), noise(4, 5)];
  const [cos, sin] = [
    [Math.cos(1), Math.cos(2)],
    [Math.sin(1), Math.sin(2)],
  ];
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    add(a, b).reduce((sum, _, i) => sum + a[i]! * b[i]!, 0);
  const [forward, backward] = [dot(rope(x, cos!, sin!, shape), dy), dot(x, rope(dy, cos!, sin!, shape, -1))];
  expectClose([forward], [backward], { relative: 0, absolute: 1e-14 });
});
