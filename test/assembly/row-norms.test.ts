// The other normalisers of attention rows, and smeared keys.
import { describe, expect, test } from "vitest";
import { add } from "../reference/elementwise";
import { expL2, expL2Grad, share, shareGrad, smear, smearGrad } from "../reference/row-norms";
import {
  checkKernel,
  expectClose,
  inout,
  input,
  MATRIX_SIZES,
  noise,
  output,
  plus,
  runKernel,
} from "./battery";

const { NEGATIVE_INFINITY } = Number;
const EPSILON = 2 ** -10;

describe.each(MATRIX_SIZES)("rows %i, cols %i", (rows, cols) => {
  const size = rows * cols;
  const [dx, dy] = [noise(size, 2), noise(size, 3)];
  /** A sum of n terms is off by n/2 half units, a quotient and an exponential by one each. */
  const relative = (8 + cols) * 2 ** -24;

  test("sexp_l2 and its gradient, which accumulates", () => {
    const x = noise(size, 1, -8, 8);
    const y = expL2(x, rows, cols);
    const tolerance = { relative: relative + 2 ** -20, absolute: 1e-37 }; // differences of logits below 16
    for (const aliased of [false, true]) {
      const buffers = { y: aliased ? inout(x) : output(size), x: input(x) };
      checkKernel({
        buffers,
        run: (k, at) => k.sexp_l2(at.y, aliased ? at.y : at.x, rows, cols),
        expected: { y },
        tolerance,
      });
    }
    const weights = Float32Array.from(y);
    checkKernel({
      buffers: { dx: inout(dx), dy: input(dy), y: input(weights) },
      run: (k, at) => k.sexp_l2_grad(at.dx, at.dy, at.y, rows, cols),
      expected: { dx: add(dx, expL2Grad(dy, weights, rows, cols)) },
      tolerance: { relative: 2 ** -23, absolute: 16 * 2 ** -24 },
    });
  });

  test("sexp_l2: masked entries weigh nothing, a wholly masked row gives zeros, large logits stay finite", () => {
    const x = noise(size, 1, -8, 8).map((value, i) =>
      i < cols || i % 3 === 0 ? NEGATIVE_INFINITY : value + (i % 2 ? 1e4 : -1e4),
    );
    const { y } = runKernel({ y: output(size), x: input(x) }, (k, at) => k.sexp_l2(at.y, at.x, rows, cols));
    const shifted = Array.from({ length: rows }, (_, r) => {
      const row = Array.from(x).slice(r * cols, (r + 1) * cols);
      const top = Math.max(...row);
      return row.map((value) => (top === NEGATIVE_INFINITY ? value : value - top));
    }).flat();
    expectClose(y, expL2(shifted, rows, cols), { relative: 2 ** -19, absolute: 1e-37 });
    expect(y.every((value, i) => x[i] !== NEGATIVE_INFINITY || value === 0)).toBe(true);
  });

  test("sshare and its gradient, which accumulates", () => {
    const x = noise(size, 4, 0, 3);
    const y = share(x, rows, cols, EPSILON);
    const totals = Array.from({ length: rows }, (_, r) =>
      x.slice(r * cols, (r + 1) * cols).reduce((sum, value) => sum + value, EPSILON),
    );
    checkKernel({
      buffers: { y: output(size), totals: output(rows), x: input(x) },
      run: (k, at) => k.sshare(at.y, at.totals, at.x, rows, cols, EPSILON),
      expected: { y, totals },
      tolerance: { relative, absolute: 0 },
    });
    checkKernel({
      buffers: {
        dx: inout(dx),
        dy: input(dy),
        y: input(Float32Array.from(y)),
        totals: input(Float32Array.from(totals)),
      },
      run: (k, at) => k.sshare_grad(at.dx, at.dy, at.y, at.totals, rows, cols),
      expected: { dx: add(dx, shareGrad(dy, x, rows, cols, EPSILON)) },
      tolerance: {
        relative: 4 * relative,
        absolute: 16 * 2 ** -24 * Math.max(1, ...totals.map((t) => 1 / t)),
      },
    });
  });

  test("sshare of a row without anything: zeros, and a finite gradient", () => {
    const zeros = new Float32Array(size);
    const made = runKernel({ y: output(size), totals: output(rows), x: input(zeros) }, (k, at) =>
      k.sshare(at.y, at.totals, at.x, rows, cols, 1e-6),
    );
    expect(made.y.every((value) => value === 0)).toBe(true);
    const { dx: slope } = runKernel(
      { dx: inout(zeros), dy: input(dy), y: input(made.y), totals: input(made.totals) },
      (k, at) => k.sshare_grad(at.dx, at.dy, at.y, at.totals, rows, cols),
    );
    expect(slope.every(Number.isFinite)).toBe(true);
  });
});

test.each([0, 1, 2, 5].flatMap((tokens) => [1, 4, 11].map((dim) => [tokens, dim] as const)))(
  "ssmear and its gradient, %i tokens, %i channels",
  (tokens, dim) => {
    const heads = 3;
    const shape = { tokens, heads, dim };
    const size = tokens * heads * dim;
    // Caches have more rows than there are tokens.
    const [x, gates] = [noise(size + heads * dim, 1), noise(heads, 2, 0, 1)];
    const [dy, dx, dGates] = [noise(size, 3), noise(size, 4), noise(heads, 5)];
    checkKernel({
      buffers: { y: output(size), x: input(x), gates: input(gates) },
      run: (k, at) => k.ssmear(at.y, at.x, at.gates, tokens, heads, dim),
      expected: { y: smear(x, gates, shape) },
      tolerance: { relative: 2 ** -22, absolute: 2 ** -23 },
    });
    const slopes = smearGrad(dy, x, gates, shape);
    const expected = { dx: plus(dx, slopes.dx), dGates: plus(dGates, slopes.dGates) };
    const tolerance = { relative: 2 ** -21, absolute: (8 + tokens * dim) * 2 ** -22 };
    checkKernel({
      buffers: { dx: inout(dx), dGates: inout(dGates), dy: input(dy), x: input(x), gates: input(gates) },
      run: (k, at) => k.ssmear_grad(at.dx, at.dGates, at.dy, at.x, at.gates, tokens, heads, dim),
      expected,
      tolerance,
    });
    for (const wanted of ["dx", "dGates"] as const) {
      checkKernel({
        buffers: {
          [wanted]: inout(wanted === "dx" ? dx : dGates),
          dy: input(dy),
          x: input(x),
          gates: input(gates),
        },
        run: (k, at) =>
          k.ssmear_grad(at.dx ?? 0, at.dGates ?? 0, at.dy!, at.x!, at.gates!, tokens, heads, dim),
        expected: { [wanted]: expected[wanted] },
        tolerance,
      });
    }
  },
);
