// Embedding lookup and its gradient. table: [vocabulary, cols], ids: i32 [n] in range, y: [n, cols].
import { sadd, scopy } from "./elementwise";

/** y[i] = table[ids[i]]. */
export function sembedding(y: usize, table: usize, ids: usize, n: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let i = 0; i < n; i++, y += row_bytes, ids += 4)
    scopy(y, table + <usize>load<i32>(ids) * row_bytes, cols);
}

/** dtable[ids[i]] += dy[i], in the order of i: repeated ids always add up in the same order. */
export function sembedding_grad(dtable: usize, dy: usize, ids: usize, n: i32, cols: i32): void {
  const row_bytes: usize = cols << 2;
  for (let i = 0; i < n; i++, dy += row_bytes, ids += 4) {
    const row = dtable + <usize>load<i32>(ids) * row_bytes;
    sadd(row, row, dy, cols);
  }
}
