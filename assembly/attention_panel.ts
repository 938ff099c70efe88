// What the attention kernels share: score panels S^T [sources of a tile, 8 queries], where every softmax step is one vertical
// vector operation and the weights already lie as the register tile wants to read them.
import { panel_rows, transpose_4x4 } from "./sgemm_pack";
import { sgemm_ukernel_4x8, sgemm_ukernel_6x8 } from "./sgemm_ukernel";

/** Queries of a panel: the columns of the register tile. */
export const LANES: i32 = 8;

/** scores [rows, 8] = K Q^T; keys: panels of 4 rows, queries: one panel [dim][8]. Writes rows up to a multiple of 4. */
export function score_panel(scores: usize, keys: usize, queries: usize, rows: i32, dim: i32): void {
  for (let j = 0; j < rows; j += 4) {
    sgemm_ukernel_4x8(scores, 32, keys, queries, 32, dim, 0);
    scores += 128;
    keys += (<usize>dim) << 4;
  }
}

/** to [rows, 8] = A B + keep to; A: panels of 4 rows, each depth long, of which the first k count; B: one panel [k][8]. */
export function accumulate_panel(
  to: usize,
  a: usize,
  b: usize,
  rows: i32,
  k: i32,
  depth: i32,
  keep: usize,
): void {
  for (let d = 0; d < rows; d += 4) {
    sgemm_ukernel_4x8(to, 32, a, b, 32, k, keep);
    to += 128;
    a += (<usize>depth) << 4;
  }
}

/** score_panel for keys of pack_panels, of which `packed` lie from here to the end of their tile. Writes up to 5 rows more. */
export function score_tall_panel(
  scores: usize,
  keys: usize,
  queries: usize,
  rows: i32,
  packed: i32,
  dim: i32,
  tall: i32,
): void {
  for (let j = 0; j < rows; ) {
    const height = panel_rows(packed - j, tall);
    if (height === 6) sgemm_ukernel_6x8(scores, 32, keys, queries, 32, dim, 0);
    else sgemm_ukernel_4x8(scores, 32, keys, queries, 32, dim, 0);
    scores += (<usize>height) << 5;
    keys += (<usize>(height * dim)) << 2;
    j += height;
  }
}

/** accumulate_panel for A of pack_panels, `rows` high; of each panel's depth it takes k from `first` on. B begins there. */
export function accumulate_tall_panel(
  to: usize,
  a: usize,
  b: usize,
  rows: i32,
  first: i32,
  k: i32,
  depth: i32,
  keep: usize,
  tall: i32,
): void {
  for (let d = 0; d < rows; ) {
    const height = panel_rows(rows - d, tall);
    const from = a + ((<usize>(height * first)) << 2);
    if (height === 6) sgemm_ukernel_6x8(to, 32, from, b, 32, k, keep);
    else sgemm_ukernel_4x8(to, 32, from, b, 32, k, keep);
    to += (<usize>height) << 5;
    a += (<usize>(height * depth)) << 2;
    d += height;
  }
}

/** A panel of queries [dim][8] times a factor per query; factors: 8 floats. */
export function scale_panel(panel: usize, factors: usize, dim: i32): void {
  const low = v128.load(factors);
  const high = v128.load(factors, 16);
  for (; dim > 0; dim--, panel += 32) {
    v128.store(panel, f32x4.mul(v128.load(panel), low));
    v128.store(panel, f32x4.mul(v128.load(panel, 16), high), 16);
  }
}

/** to [8] = scale times the first `count` of factors, or times 1 when there are none (0); lanes behind `count` are `scale`. */
export function panel_factors(to: usize, factors: usize, count: i32, scale: f32): void {
  for (let lane = 0; lane < LANES; lane++) {
    const at = (<usize>lane) << 2;
    store<f32>(to + at, factors && lane < count ? scale * load<f32>(factors + at) : scale);
  }
}

/**
 * to[lane][d] = scale[lane] panel[d][lane], plus what is there when `add`; panel [dim][8] with room up to a multiple of 4 rows;
 * count lanes, rows of `to` step bytes apart. scales: 8 floats. spare: room for 64 bytes.
 */
export function unpack_panel(
  to: usize,
  step: usize,
  panel: usize,
  count: i32,
  dim: i32,
  scales: usize,
  add: i32,
  spare: usize,
): void {
  for (let lane = 0; lane < count; lane += 4) {
    const scale = v128.load(scales + ((<usize>lane) << 2));
    for (let d = 0; d < dim; d += 4) {
      const from = panel + ((<usize>(d * LANES + lane)) << 2);
      const out = to + ((<usize>d) << 2);
      if (lane + 4 <= count && d + 4 <= dim && !add) {
        transpose_4x4(out, step, from, 32, scale);
      } else {
        transpose_4x4(spare, 16, from, 32, scale);
        add_block(out, step, spare, min(count - lane, 4), min(dim - d, 4), add);
      }
    }
    to += step << 2;
  }
}

function add_block(to: usize, step: usize, from: usize, rows: i32, columns: i32, add: i32): void {
  for (; rows > 0; rows--) {
    if (columns === 4) {
      const x = v128.load(from);
      v128.store(to, add ? f32x4.add(v128.load(to), x) : x);
    } else {
      for (let j = 0; j < columns; j++) {
        const x = load<f32>(from + ((<usize>j) << 2));
        store<f32>(to + ((<usize>j) << 2), add ? load<f32>(to + ((<usize>j) << 2)) + x : x);
      }
    }
    to += step;
    from += 16;
  }
}
