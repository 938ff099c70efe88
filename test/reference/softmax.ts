// Float64 twins of assembly/softmax.ts. All arrays are [rows, cols].
type Values = ArrayLike<number>;

/** softmax of every row; a row of only -inf gives zeros. */
export function softmax(x: Values, rows: number, cols: number): Float64Array {
  const y = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    let max = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < cols; c++) max = Math.max(max, x[r * cols + c]!);
    if (max === Number.NEGATIVE_INFINITY) continue;
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[r * cols + c]! - max);
    for (let c = 0; c < cols; c++) y[r * cols + c] = Math.exp(x[r * cols + c]! - max) / sum;
  }
  return y;
}

/** Gradient with respect to the logits, from the weights y = softmax(x). */
export function softmaxGrad(dy: Values, y: Values, rows: number, cols: number): Float64Array {
  const dx = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    let inner = 0;
    for (let c = 0; c < cols; c++) inner += dy[r * cols + c]! * y[r * cols + c]!;
    for (let c = 0; c < cols; c++) dx[r * cols + c] = y[r * cols + c]! * (dy[r * cols + c]! - inner);
  }
  return dx;
}
