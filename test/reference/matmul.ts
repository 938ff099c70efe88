// Float64 twin of the matrix product: C = alpha A B + beta C, plain loops over strided arrays.

export interface Strided {
  readonly values: ArrayLike<number>;
  readonly rowStride: number;
  readonly columnStride: number;
}

export interface Product {
  readonly a: Strided;
  readonly b: Strided;
  /** Rows of C, columns of C, length of the sums. */
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha?: number;
  readonly beta?: number;
  /** C before, row-major [m, n]; only read when beta is not 0. */
  readonly c?: ArrayLike<number>;
}

/** C after, row-major [m, n]. */
export function matmul({ a, b, m, n, k, alpha = 1, beta = 0, c }: Product): Float64Array {
  const result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += element(a, i, p) * element(b, p, j);
      result[i * n + j] = alpha * sum + (beta === 0 ? 0 : beta * c![i * n + j]!);
    }
  }
  return result;
}

function element({ values, rowStride, columnStride }: Strided, row: number, column: number): number {
  return values[row * rowStride + column * columnStride]!;
}
