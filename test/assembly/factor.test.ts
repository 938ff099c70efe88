// Products of entries picked by index, and their gradient.
import { describe, test } from "vitest";
import { checkKernel, ids, inout, input, noise, output, SIZES } from "./battery";

/** A product, or a sum of a few, of values below 3. */
const TOLERANCE = { relative: 2 ** -23, absolute: 8 * 2 ** -23 };

/** Rows of a hold 3 values, of b 2; columns pick them by remainder and by quotient. */
describe.each(SIZES.flatMap((cols) => [0, 1, 2, 5].map((rows) => [rows, cols] as const)))(
  "%i rows of %i",
  (rows, cols) => {
    const aRow = Array.from({ length: rows }, (_, i) => 3 * i);
    const bRow = Array.from({ length: rows }, (_, i) => 2 * (rows - 1 - i));
    const aCol = Array.from({ length: cols }, (_, j) => j % 3);
    const bCol = Array.from({ length: cols }, (_, j) => Math.floor(j / 3) % 2);
    const [a, b] = [noise(3 * rows + 3, 1), noise(2 * rows + 2, 2)];
    const dy = noise(rows * cols, 3);
    const [da, db] = [noise(a.length, 4), noise(b.length, 5)];
    const indices = { aRow: ids(aRow), aCol: ids(aCol), bRow: ids(bRow), bCol: ids(bCol) };
    const pairs = dy.length === 0 ? [] : Array.from(dy, (_, n) => [Math.floor(n / cols), n % cols] as const);
    const at = ([i, j]: readonly [number, number]) => [aRow[i]! + aCol[j]!, bRow[i]! + bCol[j]!] as const;

    test("sgather_mul", () => {
      checkKernel({
        buffers: { y: output(rows * cols), a: input(a), b: input(b), ...indices },
        run: (k, p) => k.sgather_mul(p.y, p.a, p.b, p.aRow, p.aCol, p.bRow, p.bCol, rows, cols),
        expected: { y: pairs.map(at).map(([i, j]) => a[i]! * b[j]!) },
        tolerance: TOLERANCE,
      });
    });

    test("sgather_mul_grad adds to both gradients", () => {
      const [toA, toB] = [Float64Array.from(da), Float64Array.from(db)];
      pairs.map(at).forEach(([i, j], n) => {
        toA[i]! += dy[n]! * b[j]!;
        toB[j]! += dy[n]! * a[i]!;
      });
      checkKernel({
        buffers: { da: inout(da), db: inout(db), dy: input(dy), a: input(a), b: input(b), ...indices },
        run: (k, p) =>
          k.sgather_mul_grad(p.da, p.db, p.dy, p.a, p.b, p.aRow, p.aCol, p.bRow, p.bCol, rows, cols),
        expected: { da: toA, db: toB },
        tolerance: TOLERANCE,
      });
    });
  },
);
