// Packing: copies matrices with any strides into the panels that the register tile reads in order.

/** Rows rounded up to whole panels of A. */
export function padded_rows(rows: i32): i32 {
  return (rows + 3) & ~3;
}

/** Columns rounded up to whole panels of B. */
export function padded_columns(columns: i32): i32 {
  return (columns + 7) & ~7;
}

/** Panels of A: for every 4 rows [k][4] of alpha A[i, p]; missing rows are zero. Strides in elements. */
export function pack_rows(to: usize, a: usize, rows: i32, k: i32, rs: i32, cs: i32, alpha: f32): void {
  const scale = f32x4.splat(alpha);
  const line = (<usize>rs) << 2;
  for (let i = 0; i < rows; i += 4) {
    pack_lanes(to, 16, a, rows - i, k, line, (<usize>cs) << 2, scale);
    to += (<usize>k) << 4;
    a += line << 2;
  }
}

/**
 * Rows of the next panel of A when `left` are left: 6 where tiles may be tall, 4 where that fills whole tiles or wastes less. The
 * portable build has no tall tiles: a product and a sum take one register more than there are.
 */
export function panel_rows(left: i32, tall: i32): i32 {
  return ASC_FEATURE_RELAXED_SIMD && tall && left > 4 && left !== 7 && left !== 8 ? 6 : 4;
}

/** Floats that pack_panels may write for these rows and depth. */
export function panels_size(rows: i32, k: i32): i32 {
  return (rows + 5) * k;
}

/** Panels of A for tiles of panel_rows rows: [k][height] of alpha A[i, p]; missing rows are zero. Strides in elements. */
export function pack_panels(
  to: usize,
  a: usize,
  rows: i32,
  k: i32,
  rs: i32,
  cs: i32,
  alpha: f32,
  tall: i32,
): void {
  const scale = f32x4.splat(alpha);
  const line = (<usize>rs) << 2;
  const step = (<usize>cs) << 2;
  while (rows > 0) {
    const height = panel_rows(rows, tall);
    pack_lanes(to, (<usize>height) << 2, a, rows, k, line, step, scale);
    if (height === 6) pack_pair(to + 16, 24, a + (line << 2), rows - 4, k, line, step, scale);
    to += (<usize>(height * k)) << 2;
    a += line * height;
    rows -= height;
  }
}

/** Panels of B: for every 8 columns [k][8] of alpha B[p, j]; missing columns are zero. Strides in elements. */
export function pack_columns(to: usize, b: usize, k: i32, columns: i32, rs: i32, cs: i32, alpha: f32): void {
  const scale = f32x4.splat(alpha);
  const line = (<usize>cs) << 2;
  const step = (<usize>rs) << 2;
  for (let j = 0; j < columns; j += 8) {
    if (cs === 1 && j + 8 <= columns) {
      copy_eight(to, b, k, step, scale);
    } else {
      pack_lanes(to, 32, b, columns - j, k, line, step, scale);
      pack_lanes(to + 16, 32, b + (line << 2), columns - j - 4, k, line, step, scale);
    }
    to += (<usize>k) << 5;
    b += line << 3;
  }
}

/** to[p][0..3] = scale * x[lane][p]; lanes from `count` on are zero. All steps in bytes: between p of to, lanes of x, p of x. */
function pack_lanes(
  to: usize,
  to_step: usize,
  x: usize,
  count: i32,
  k: i32,
  line: usize,
  step: usize,
  scale: v128,
): void {
  if (count >= 4 && line === 4) {
    for (; k > 0; k--) {
      v128.store(to, f32x4.mul(scale, v128.load(x)));
      to += to_step;
      x += step;
    }
    return;
  }
  if (count >= 4 && step === 4) {
    for (; k >= 4; k -= 4) {
      transpose_4x4(to, to_step, x, line, scale);
      to += to_step << 2;
      x += 16;
    }
  }
  for (; k > 0; k--) {
    let lanes = f32x4.splat(0);
    if (count > 0) lanes = v128.load32_zero(x);
    if (count > 1) lanes = f32x4.replace_lane(lanes, 1, load<f32>(x + line));
    if (count > 2) lanes = f32x4.replace_lane(lanes, 2, load<f32>(x + 2 * line));
    if (count > 3) lanes = f32x4.replace_lane(lanes, 3, load<f32>(x + 3 * line));
    v128.store(to, f32x4.mul(scale, lanes));
    to += to_step;
    x += step;
  }
}

/** Like pack_lanes for lanes 0 and 1 alone: count is 1 or more. */
function pack_pair(
  to: usize,
  to_step: usize,
  x: usize,
  count: i32,
  k: i32,
  line: usize,
  step: usize,
  scale: v128,
): void {
  if (count >= 2 && line === 4) {
    for (; k > 0; k--, to += to_step, x += step) {
      v128.store64_lane(to, f32x4.mul(scale, v128.load64_zero(x)), 0);
    }
    return;
  }
  if (count >= 2 && step === 4) {
    for (; k >= 4; k -= 4, to += to_step << 2, x += 16) {
      const x0 = f32x4.mul(scale, v128.load(x));
      const x1 = f32x4.mul(scale, v128.load(x + line));
      const low = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
      const high = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
      v128.store64_lane(to, low, 0);
      v128.store64_lane(to + to_step, low, 1);
      v128.store64_lane(to + 2 * to_step, high, 0);
      v128.store64_lane(to + 3 * to_step, high, 1);
    }
  }
  for (; k > 0; k--, to += to_step, x += step) {
    let lanes = v128.load32_zero(x);
    if (count > 1) lanes = f32x4.replace_lane(lanes, 1, load<f32>(x + line));
    v128.store64_lane(to, f32x4.mul(scale, lanes), 0);
  }
}

function copy_eight(to: usize, x: usize, k: i32, step: usize, scale: v128): void {
  for (; k > 0; k--) {
    v128.store(to, f32x4.mul(scale, v128.load(x)));
    v128.store(to, f32x4.mul(scale, v128.load(x, 16)), 16);
    to += 32;
    x += step;
  }
}

/** to[p][i] = scale * from[i][p] for i, p < 4; row steps in bytes. */
export function transpose_4x4(to: usize, to_step: usize, from: usize, from_step: usize, scale: v128): void {
  const x0 = f32x4.mul(scale, v128.load(from));
  const x1 = f32x4.mul(scale, v128.load(from + from_step));
  const x2 = f32x4.mul(scale, v128.load(from + 2 * from_step));
  const x3 = f32x4.mul(scale, v128.load(from + 3 * from_step));
  store_transposed(to, to_step, x0, x1, x2, x3);
}

/** to[p][i] = lane p of xi; rows of `to` are step bytes apart. */
export function store_transposed(to: usize, step: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + 2 * step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}
