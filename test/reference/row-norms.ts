// Float64 twins of assembly/row_norms.ts and assembly/smear.ts.
type Values = ArrayLike<number>;

/** e^x / sqrt(sum of e^2x) of every row of [rows, cols]; a row of only -inf gives zeros. */
export function expL2(x: Values, rows: number, cols: number): number[] {
  return byRow(x, rows, cols, (row) => {
    const root = Math.sqrt(row.reduce((sum, value) => sum + Math.exp(2 * value), 0));
    return row.map((value) => (root === 0 ? 0 : Math.exp(value) / root));
  });
}

/** From y: of dx_k = sum_i dy_i dy_i/dx_k with dy_i/dx_k = y_i (delta_ik - y_k²). */
export function expL2Grad(dy: Values, y: Values, rows: number, cols: number): number[] {
  return byRow(y, rows, cols, (row, start) =>
    row.map((_, k) =>
      row.reduce((sum, value, i) => sum + dy[start + i]! * value * ((i === k ? 1 : 0) - row[k]! ** 2), 0),
    ),
  );
}

/** x / (sum of x + epsilon) of every row. */
export function share(x: Values, rows: number, cols: number, epsilon: number): number[] {
  return byRow(x, rows, cols, (row) => {
    const total = row.reduce((sum, value) => sum + value, 0) + epsilon;
    return row.map((value) => value / total);
  });
}

/** From x: of dy_i/dx_k = delta_ik / total - x_i / total². */
export function shareGrad(dy: Values, x: Values, rows: number, cols: number, epsilon: number): number[] {
  return byRow(x, rows, cols, (row, start) => {
    const total = row.reduce((sum, value) => sum + value, 0) + epsilon;
    return row.map((_, k) =>
      row.reduce(
        (sum, value, i) => sum + dy[start + i]! * ((i === k ? 1 : 0) / total - value / total ** 2),
        0,
      ),
    );
  });
}

export interface SmearShape {
  readonly tokens: number;
  readonly heads: number;
  readonly dim: number;
}

/** Token t of [tokens, heads, dim]: gate x_t + (1 - gate) x_(t-1); the first as it is. */
export function smear(x: Values, gates: Values, { tokens, heads, dim }: SmearShape): number[] {
  return Array.from({ length: tokens * heads * dim }, (_, i) => {
    const gate = gates[Math.floor(i / dim) % heads]!;
    return i < heads * dim ? x[i]! : gate * x[i]! + (1 - gate) * x[i - heads * dim]!;
  });
}

/** Gradients with respect to x and to the gates. */
export function smearGrad(dy: Values, x: Values, gates: Values, { tokens, heads, dim }: SmearShape) {
  const row = heads * dim;
  const dx = new Float64Array(tokens * row);
  const dGates = new Float64Array(heads);
  for (let i = 0; i < tokens * row; i++) {
    const head = Math.floor(i / dim) % heads;
    const gate = i < row ? 1 : gates[head]!;
    dx[i]! += gate * dy[i]!;
    if (i < row) continue;
    dx[i - row]! += (1 - gate) * dy[i]!;
    dGates[head]! += dy[i]! * (x[i]! - x[i - row]!);
  }
  return { dx, dGates };
}

function byRow(
  x: Values,
  rows: number,
  cols: number,
  f: (row: number[], start: number) => number[],
): number[] {
  return Array.from({ length: rows }, (_, r) =>
    f(Array.from(x).slice(r * cols, (r + 1) * cols), r * cols),
  ).flat();
}
