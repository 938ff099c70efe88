// Float64 twins of assembly/norm.ts. x, y, dy: [rows, cols]; gain, bias: [cols], undefined means absent.
type Values = ArrayLike<number>;

/** stats: [rows, 2] = mean, 1 / sqrt(variance + eps). */
export function layernorm(
  x: Values,
  gain: Values | undefined,
  bias: Values | undefined,
  rows: number,
  cols: number,
  eps: number,
) {
  const y = new Float64Array(rows * cols);
  const stats = new Float64Array(rows * 2);
  for (let r = 0; r < rows; r++) {
    let mean = 0;
    for (let c = 0; c < cols; c++) mean += x[r * cols + c]! / cols;
    let variance = 0;
    for (let c = 0; c < cols; c++) variance += (x[r * cols + c]! - mean) ** 2 / cols;
    const rstd = 1 / Math.sqrt(variance + eps);
    stats[2 * r] = mean;
    stats[2 * r + 1] = rstd;
    for (let c = 0; c < cols; c++) {
      y[r * cols + c] = (x[r * cols + c]! - mean) * rstd * (gain?.[c] ?? 1) + (bias?.[c] ?? 0);
    }
  }
  return { y, stats };
}

export function layernormGrad(
  dy: Values,
  x: Values,
  gain: Values | undefined,
  rows: number,
  cols: number,
  eps: number,
) {
  const { stats } = layernorm(x, gain, undefined, rows, cols, eps);
  const dx = new Float64Array(rows * cols);
  const dgain = new Float64Array(cols);
  const dbias = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    const mean = stats[2 * r]!;
    const rstd = stats[2 * r + 1]!;
    const unit = (c: number): number => (x[r * cols + c]! - mean) * rstd;
    const weighted = (c: number): number => dy[r * cols + c]! * (gain?.[c] ?? 1);
    let meanW = 0;
    let meanWu = 0;
    for (let c = 0; c < cols; c++) {
      meanW += weighted(c) / cols;
      meanWu += (weighted(c) * unit(c)) / cols;
      dgain[c]! += dy[r * cols + c]! * unit(c);
      dbias[c]! += dy[r * cols + c]!;
    }
    for (let c = 0; c < cols; c++) dx[r * cols + c] = rstd * (weighted(c) - meanW - unit(c) * meanWu);
  }
  return { dx, dgain, dbias };
}

/** stats: [rows] = 1 / sqrt(mean square + eps). */
export function rmsnorm(x: Values, gain: Values | undefined, rows: number, cols: number, eps: number) {
  const y = new Float64Array(rows * cols);
  const stats = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let square = 0;
    for (let c = 0; c < cols; c++) square += x[r * cols + c]! ** 2 / cols;
    stats[r] = 1 / Math.sqrt(square + eps);
    for (let c = 0; c < cols; c++) y[r * cols + c] = x[r * cols + c]! * stats[r]! * (gain?.[c] ?? 1);
  }
  return { y, stats };
}

export function rmsnormGrad(
  dy: Values,
  x: Values,
  gain: Values | undefined,
  rows: number,
  cols: number,
  eps: number,
) {
  const { stats } = rmsnorm(x, gain, rows, cols, eps);
  const dx = new Float64Array(rows * cols);
  const dgain = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    const rstd = stats[r]!;
    let meanWu = 0;
    for (let c = 0; c < cols; c++) {
      const unit = x[r * cols + c]! * rstd;
      meanWu += (dy[r * cols + c]! * (gain?.[c] ?? 1) * unit) / cols;
      dgain[c]! += dy[r * cols + c]! * unit;
    }
    for (let c = 0; c < cols; c++) {
      const weighted = dy[r * cols + c]! * (gain?.[c] ?? 1);
      dx[r * cols + c] = rstd * (weighted - x[r * cols + c]! * rstd * meanWu);
    }
  }
  return { dx, dgain };
}
