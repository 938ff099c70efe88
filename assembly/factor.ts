// Products of entries picked by index: what attention logits that are outer products of two short vectors are made of.

/**
 * y[i, j] = a[a_row[i] + a_col[j]] * b[b_row[i] + b_col[j]], y: [rows, cols], all indices i32. The index of each factor is a part for
 * the row plus a part for the column, which takes in tiling, repeating, and a factor that belongs to the column's token.
 */
export function sgather_mul(
  y: usize,
  a: usize,
  b: usize,
  a_row: usize,
  a_col: usize,
  b_row: usize,
  b_col: usize,
  rows: i32,
  cols: i32,
): void {
  const col_bytes: usize = cols << 2;
  for (let i = 0; i < rows; i++, a_row += 4, b_row += 4) {
    const from_a = a + ((<usize>load<u32>(a_row)) << 2);
    const from_b = b + ((<usize>load<u32>(b_row)) << 2);
    for (let j: usize = 0; j < col_bytes; j += 4, y += 4) {
      store<f32>(
        y,
        load<f32>(from_a + ((<usize>load<u32>(a_col + j)) << 2)) *
          load<f32>(from_b + ((<usize>load<u32>(b_col + j)) << 2)),
      );
    }
  }
}

/** da[...] += dy b[...] and db[...] += dy a[...], in the order of i, then j. */
export function sgather_mul_grad(
  da: usize,
  db: usize,
  dy: usize,
  a: usize,
  b: usize,
  a_row: usize,
  a_col: usize,
  b_row: usize,
  b_col: usize,
  rows: i32,
  cols: i32,
): void {
  const col_bytes: usize = cols << 2;
  for (let i = 0; i < rows; i++, a_row += 4, b_row += 4) {
    const row_a = (<usize>load<u32>(a_row)) << 2;
    const row_b = (<usize>load<u32>(b_row)) << 2;
    for (let j: usize = 0; j < col_bytes; j += 4, dy += 4) {
      const at_a = row_a + ((<usize>load<u32>(a_col + j)) << 2);
      const at_b = row_b + ((<usize>load<u32>(b_col + j)) << 2);
      const g = load<f32>(dy);
      store<f32>(da + at_a, load<f32>(da + at_a) + g * load<f32>(b + at_b));
      store<f32>(db + at_b, load<f32>(db + at_b) + g * load<f32>(a + at_a));
    }
  }
}
