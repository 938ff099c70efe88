// Float64 twins of assembly/elementwise.ts.
type Values = ArrayLike<number>;

export const add = (a: Values, b: Values): Float64Array => Float64Array.from(a, (value, i) => value + b[i]!);
export const sub = (a: Values, b: Values): Float64Array => Float64Array.from(a, (value, i) => value - b[i]!);
export const mul = (a: Values, b: Values): Float64Array => Float64Array.from(a, (value, i) => value * b[i]!);
export const scale = (x: Values, alpha: number): Float64Array =>
  Float64Array.from(x, (value) => alpha * value);

/** y + a b. */
export const mulAdd = (y: Values, a: Values, b: Values): Float64Array =>
  Float64Array.from(y, (value, i) => value + a[i]! * b[i]!);

/** y + alpha x. */
export const axpy = (y: Values, x: Values, alpha: number): Float64Array =>
  Float64Array.from(y, (value, i) => value + alpha * x[i]!);

/** x [rows, cols] + bias [cols] on every row. */
export const addBias = (x: Values, bias: Values): Float64Array =>
  Float64Array.from(x, (value, i) => value + bias[i % bias.length]!);

/** Column sums of dy [rows, cols]. */
export function columnSum(dy: Values, rows: number, cols: number): Float64Array {
  const sums = new Float64Array(cols);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) sums[c]! += dy[r * cols + c]!;
  return sums;
}

export function sum(x: Values): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]!;
  return total;
}

export function sumSquares(x: Values): number {
  return sum(mul(x, x));
}

export function firstNonfinite(x: Values): number {
  return Array.from(x).findIndex((value) => !Number.isFinite(value));
}
