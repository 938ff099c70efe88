// Rows times a factor each, overwriting and accumulating, with factors that repeat.
import { expect, test } from "vitest";
import { checkKernel, inout, input, MATRIX_SIZES, noise, output } from "./battery";

test.each(MATRIX_SIZES)("sscale_rows, rows %i, cols %i", (rows, cols) => {
  const x = noise(rows * cols, 1);
  const y = noise(rows * cols, 2);
  expect(MATRIX_SIZES.some(([count]) => count > 2 * 3)).toBe(true); // the longest period below comes round twice
  for (const period of [1, 2, 3]) {
    const factors = noise(period, 3);
    const scaled = Array.from(x, (value, i) => value * factors[Math.floor(i / cols) % period]!);
    checkKernel({
      buffers: { y: output(rows * cols), x: input(x), factors: input(factors) },
      run: (k, at) => k.sscale_rows(at.y, at.x, at.factors, rows, cols, period, 0),
      expected: { y: scaled },
      tolerance: { relative: 2 ** -24, absolute: 0 },
    });
    checkKernel({
      buffers: { y: inout(y), x: input(x), factors: input(factors) },
      run: (k, at) => k.sscale_rows(at.y, at.x, at.factors, rows, cols, period, 1),
      expected: { y: scaled.map((value, i) => value + y[i]!) },
      // The product is below 4, the sum below 6: half a unit of each.
      tolerance: { relative: 0, absolute: 2 ** -22 + 2 ** -22 },
    });
  }
});
