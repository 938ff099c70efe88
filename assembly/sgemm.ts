// Matrix product with general strides: C = alpha A B + beta C.
import { pack_columns, pack_panels, padded_columns, panel_rows, panels_size } from "./sgemm_pack";
import { sgemm_ukernel_4x8, sgemm_ukernel_6x8 } from "./sgemm_ukernel";
import { sgemv_rows, sgemv_workspace_bytes } from "./sgemv";

/** Rows of A packed at once: MC x KC floats stay in the L2 cache. A multiple of 4 and 6. */
const MC: i32 = 96;
/** Longest run of the inner dimension: a KC x 8 panel of B stays in the L1 cache. */
const KC: i32 = 256;
/** Columns of B packed at once. A multiple of 8. */
const NC: i32 = 512;
/** Bytes of the tile that edges of C are computed in, and of the factors for C in front of it. */
const TILE_BYTES: usize = 6 * 8 * 4;
const KEEP_BYTES: usize = 8 * 4;

/** Up to this many rows or columns of C are computed without packing. */
const FEW: i32 = 3;
/** Up to this many rows of C are computed without packing B. */
const UNPACKED: i32 = 32;

/** Bytes of workspace that sgemm and sgemm_batched need for these dims. */
export function sgemm_workspace_bytes(m: i32, n: i32, k: i32): i32 {
  const depth = depth_of_block(k);
  const packed = (padded_columns(min(n, NC)) * depth + panels_size(min(m, MC), depth)) * 4;
  const few = max(
    m <= FEW ? sgemv_workspace_bytes(m, n, k) : 0,
    n <= FEW ? sgemv_workspace_bytes(n, m, k) : 0,
  );
  return max(few, packed + <i32>(KEEP_BYTES + TILE_BYTES));
}

/** The inner dimension is cut into equal blocks of at most KC: a function of k alone, so that the bits of C are, too. */
function depth_of_block(k: i32): i32 {
  const blocks = (k + KC - 1) / KC;
  return blocks > 1 ? ((k + blocks - 1) / blocks + 3) & ~3 : k;
}

/**
 * C [m, n] = alpha A [m, k] B [k, n] + beta C. Strides in elements, columns of C are adjacent, C overlaps nothing.
 * C is not read when beta is 0. An element of C has the same bits for every m, n, layout and path: they depend on its row of A, its
 * column of B, k, alpha and beta.
 *
 * tall: 1 for register tiles of 6 rows, 0 for 4; the bits are the same (sgemm_ukernel.ts says who gains).
 *
 * GFLOP/s of CPU time, Node 20, fast build where not said; all versions of a shape interleaved, medians, beside what the register
 * tile alone made on a panel in L1 meanwhile. The machine was busy: compare within a column only, and nothing closer than 10 %.
 *                                  512^3   64^3   24x512x512   8x512x512   1x512x512   512x1x512
 *   register tile alone             27.5   28.4         34.0        17.4        18.7        21.3
 *   row times matrix, no packing     8.4    6.1         10.1         5.7         5.6         0.2
 *   packed, 6 x 8 register tile     15.7   13.7         16.4        11.4         2.3         1.4
 *   4 x 8 register tile             23.0   19.5         21.8        10.6         2.2         1.8
 *   few rows read B unpacked        22.8   20.1         18.8        13.0         8.2         3.5
 *   the same, portable build        18.6   15.9         17.0        10.0         7.3         3.6
 * Not told apart from these: MC 64 or 192, KC 192 or 384 (23.1 to 24.8 for 512^3).
 *
 * Shapes of a training step, 768 tokens, 128 wide, fast build, quiet machine (AMD EPYC, Zen 5), interleaved, GFLOP/s:
 *                                 512^3   768x128x128   768x512x128   768x128x512   128x512x768 (Aᵀ B)   65x128x768 (Aᵀ B)
 *   Node 24, register peak 58
 *     4 x 8 tile                     48            50            49            48                   46                  45
 *     6 x 8 where rows allow         52            54            52            50                   50                  49
 *   Node 20, register peak 57, 4 x 8 47            50            49            45                   46                  44
 * Not told apart from MC 96: 24 (A in L1), 32, 48, all with and without KC 384.
 */
export function sgemm(
  c: usize,
  a: usize,
  b: usize,
  work: usize,
  m: i32,
  n: i32,
  k: i32,
  c_rs: i32,
  a_rs: i32,
  a_cs: i32,
  b_rs: i32,
  b_cs: i32,
  alpha: f32,
  beta: f32,
  tall: i32,
): void {
  const depth = depth_of_block(k);
  if (m <= FEW && (b_cs === 1 || b_rs === 1)) {
    sgemv_rows(c, a, b, work, m, n, k, depth, c_rs, 1, a_rs, a_cs, b_rs, b_cs, alpha, beta);
    return;
  }
  // C^T = B^T A^T; alpha scales A wherever it is not 1, so that the bits stay the same.
  if (n <= FEW && alpha === 1 && (a_cs === 1 || a_rs === 1)) {
    sgemv_rows(c, b, a, work, n, m, k, depth, 1, c_rs, b_cs, b_rs, a_cs, a_rs, 1, beta);
    return;
  }
  const keep = work;
  const tile = keep + KEEP_BYTES;
  const packed_a = tile + TILE_BYTES;
  const packed_b = packed_a + ((<usize>panels_size(min(m, MC), depth)) << 2);
  // Loop 5: column blocks of B and C.
  for (let j = 0; j < n; j += NC) {
    const columns = min(n - j, NC);
    // Loop 4: blocks of the inner dimension. Runs once for k = 0: C = beta C.
    let p = 0;
    do {
      const run = min(k - p, depth);
      const factor: f32 = p ? 1 : beta;
      for (let lane: usize = 0; lane < KEEP_BYTES; lane += 4) store<f32>(keep + lane, factor);
      const kept: usize = factor === 0 ? 0 : keep;
      const right = at(b, p * b_rs + j * b_cs);
      // With few rows, whole panels of contiguous columns are read as they lie and only the last columns are packed.
      const direct = m <= UNPACKED && b_cs === 1 ? columns & ~7 : 0;
      pack_columns(packed_b, at(right, direct), run, columns - direct, b_rs, b_cs, 1);
      // Loop 3: row blocks of A and C.
      for (let i = 0; i < m; i += MC) {
        const rows = min(m - i, MC);
        const to = at(c, i * c_rs + j);
        pack_panels(packed_a, at(a, i * a_rs + p * a_cs), rows, run, a_rs, a_cs, alpha, tall);
        multiply_panels(to, c_rs, packed_a, right, b_rs, 8, rows, direct, run, kept, tile, tall);
        multiply_panels(
          at(to, direct),
          c_rs,
          packed_a,
          packed_b,
          8,
          8 * run,
          rows,
          columns - direct,
          run,
          kept,
          tile,
          tall,
        );
      }
      p += run;
    } while (p < k);
  }
}

/**
 * C [rows, columns] = A B + keep C from packed A; C is not read when keep is 0. B: panels of 8 columns b_next elements apart, whose
 * rows are b_rs apart. tile: room for one register tile.
 */
function multiply_panels(
  c: usize,
  c_rs: i32,
  a: usize,
  b: usize,
  b_rs: i32,
  b_next: i32,
  rows: i32,
  columns: i32,
  k: i32,
  keep: usize,
  tile: usize,
  tall: i32,
): void {
  const step = (<usize>c_rs) << 2;
  const b_step = (<usize>b_rs) << 2;
  // Loop 2: panels of B.
  for (let j = 0; j < columns; j += 8) {
    let panel = a;
    let to = at(c, j);
    const width = min(columns - j, 8);
    // Loop 1: panels of A. The register tile is loop 0.
    for (let left = rows; left > 0; ) {
      const height = panel_rows(left, tall);
      const filled = min(left, height);
      const whole = filled === height && width === 8;
      if (!whole && keep) copy_block(tile, 32, to, step, filled, width);
      const target = whole ? to : tile;
      const target_step = whole ? step : 32;
      if (height === 6) sgemm_ukernel_6x8(target, target_step, panel, b, b_step, k, keep);
      else sgemm_ukernel_4x8(target, target_step, panel, b, b_step, k, keep);
      if (!whole) copy_block(to, step, tile, 32, filled, width);
      panel += (<usize>(height * k)) << 2;
      to += step * height;
      left -= height;
    }
    b = at(b, b_next);
  }
}

/** Row steps in bytes. */
function copy_block(to: usize, to_step: usize, from: usize, from_step: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--) {
    for (let j = 0; j < columns; j++) store<f32>(to + ((<usize>j) << 2), load<f32>(from + ((<usize>j) << 2)));
    to += to_step;
    from += from_step;
  }
}

function at(base: usize, elements: i32): usize {
  return base + ((<usize>elements) << 2);
}

/** `batch` products of one shape; the batch strides may be 0. */
export function sgemm_batched(
  c: usize,
  a: usize,
  b: usize,
  work: usize,
  batch: i32,
  m: i32,
  n: i32,
  k: i32,
  c_bs: i32,
  a_bs: i32,
  b_bs: i32,
  c_rs: i32,
  a_rs: i32,
  a_cs: i32,
  b_rs: i32,
  b_cs: i32,
  alpha: f32,
  beta: f32,
  tall: i32,
): void {
  for (let i = 0; i < batch; i++) {
    sgemm(c, a, b, work, m, n, k, c_rs, a_rs, a_cs, b_rs, b_cs, alpha, beta, tall);
    c += (<usize>c_bs) << 2;
    a += (<usize>a_bs) << 2;
    b += (<usize>b_bs) << 2;
  }
}
