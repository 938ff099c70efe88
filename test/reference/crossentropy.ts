// Float64 twins of assembly/crossentropy.ts. logits: [rows, cols], targets: [rows], a negative target is ignored.
type Values = ArrayLike<number>;

export function crossentropy(logits: Values, targets: Values, rows: number, cols: number) {
  const loss = new Float64Array(rows);
  const lse = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let max = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < cols; c++) max = Math.max(max, logits[r * cols + c]!);
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(logits[r * cols + c]! - max);
    lse[r] = max === Number.NEGATIVE_INFINITY ? max : max + Math.log(sum);
    loss[r] = targets[r]! < 0 ? 0 : lse[r]! - logits[r * cols + targets[r]!]!;
  }
  return { loss, lse };
}

/** scale (softmax - onehot), zero on ignored rows. */
export function crossentropyGrad(logits: Values, targets: Values, rows: number, cols: number, scale: number) {
  const { lse } = crossentropy(logits, targets, rows, cols);
  const dlogits = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    if (targets[r]! < 0) continue;
    for (let c = 0; c < cols; c++) {
      const hit = c === targets[r] ? 1 : 0;
      dlogits[r * cols + c] = scale * (Math.exp(logits[r * cols + c]! - lse[r]!) - hit);
    }
  }
  return dlogits;
}
