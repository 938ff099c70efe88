// Rows times a factor each: what a scale or a normaliser that counts the visible sources does to logits and weights.
import { saxpy, sscale } from "./elementwise";

/**
 * y = beta y + factors[r mod period] x on every row r; y, x: [rows, cols], factors: [period], beta 0 (y is not read) or 1.
 * y may alias x.
 */
export function sscale_rows(
  y: usize,
  x: usize,
  factors: usize,
  rows: i32,
  cols: i32,
  period: i32,
  beta: i32,
): void {
  const row_bytes: usize = cols << 2;
  for (let r = 0, f = 0; r < rows; r++, y += row_bytes, x += row_bytes) {
    const factor = load<f32>(factors + (f << 2));
    if (beta === 0) sscale(y, x, factor, cols);
    else saxpy(y, x, factor, cols);
    f = f + 1 === period ? 0 : f + 1;
  }
}
