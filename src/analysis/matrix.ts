// Matrices of float64, row-major: the little that the analysis of weights needs. What learns uses tensors and kernels instead.

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row after row. */
  readonly values: Float64Array;
}

/**
 * A matrix from values in row-major order, which are copied; of zeros without them.
 * @throws Error when there are not rows x columns values
 */
export function matrix(rows: number, columns: number, values?: ArrayLike<number>): Matrix {
  if (values && values.length !== rows * columns) {
    throw new Error(`matrix: [${rows}, ${columns}] holds ${rows * columns} values, got ${values.length}`);
  }
  return { rows, columns, values: values ? Float64Array.from(values) : new Float64Array(rows * columns) };
}

/** A B. Throws an Error unless the inner dims match. */
export function product(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) throw new Error(`product: inner dims must match, got ${show(a)} and ${show(b)}`);
  const n = b.columns;
  const out = matrix(a.rows, n);
  for (let i = 0; i < a.rows; i++) {
    const row = out.values.subarray(i * n, (i + 1) * n);
    for (let k = 0; k < a.columns; k++) {
      const factor = a.values[i * a.columns + k]!;
      if (factor === 0) continue; // patterns are half zeros, one-hot rows nearly all
      const from = k * n;
      for (let j = 0; j < n; j++) row[j]! += factor * b.values[from + j]!;
    }
  }
  return out;
}

export function transposed({ rows, columns, values }: Matrix): Matrix {
  const out = matrix(columns, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) out.values[j * rows + i] = values[i * columns + j]!;
  return out;
}

/** a + factor b. Throws an Error unless the shapes are the same. */
export function plus(a: Matrix, b: Matrix, factor = 1): Matrix {
  if (a.rows !== b.rows || a.columns !== b.columns)
    throw new Error(`plus: shapes must be the same, got ${show(a)} and ${show(b)}`);
  return { ...a, values: a.values.map((value, i) => value + factor * b.values[i]!) };
}

/** A view of row `index`: writing to it writes to the matrix. */
export function rowOf({ columns, values }: Matrix, index: number): Float64Array {
  return values.subarray(index * columns, (index + 1) * columns);
}

/** [3, 4], as errors show it. */
export function show({ rows, columns }: Matrix): string {
  return `[${rows}, ${columns}]`;
}
