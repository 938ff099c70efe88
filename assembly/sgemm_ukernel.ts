// The register tile under matrix products and attention: C [4, 8] from packed panels of A and B.
import { madd } from "./simd";

/**
 * C [4, 8] = sum over p of A[:, p] B[p, :], plus keep * C when `keep` is given (C is not read otherwise).
 * a: packed panel [k][4]; b: 8 columns whose rows are b_step bytes apart, 32 when packed; rows of C are c_step bytes apart; keep: 8 floats, a factor per column, or 0.
 * Every element is one chain of multiply-adds in the order of p, so its bits depend on its row of A and column of B only.
 *
 * The loop takes one p at a time and loads A from the last row to the first. That looks naive and is what compilers keep in
 * registers: V8 before Turboshaft (Node 20) moves all loads of a loop body in front of its arithmetic, and only in this order not.
 * GFLOP/s on panels of k = 128 in L1, all shapes interleaved in one run per Node version (AMD EPYC, 2.45 GHz, the quietest of
 * three runs; `peak` is ten independent multiply-adds without loads):
 *                          Node 20 portable, fast   Node 24 portable, fast
 *   peak                                 33   35                  36   36
 *   4x8                                  26   35                  28   36    chosen
 *   4x8, first row first                 23   36                  29   37
 *   2x16                                 28   35                  30   36    the same, but rows in pairs pack worse
 *   5x8                                  21   20                  31   36
 *   6x8                                  22   24                  19   35    12 sums and the operands of one p are too many
 *   6x8, first row first                 16   15                  17   35
 *   6x8, two p a loop                    25   24                  25   25
 *   4x12                                 20   23                  18   21
 *   3x16                                 20   23                  17   17
 *   4x8, two p a loop                    23   16                  19   28    twice the operands live at once
 */
export function sgemm_ukernel_4x8(
  c: usize,
  c_step: usize,
  a: usize,
  b: usize,
  b_step: usize,
  k: i32,
  keep: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a3 = v128.load32_splat(a, 12);
    c31 = madd(a3, b1, c31);
    c30 = madd(a3, b0, c30);
    const a2 = v128.load32_splat(a, 8);
    c21 = madd(a2, b1, c21);
    c20 = madd(a2, b0, c20);
    const a1 = v128.load32_splat(a, 4);
    c11 = madd(a1, b1, c11);
    c10 = madd(a1, b0, c10);
    const a0 = v128.load32_splat(a);
    c01 = madd(a0, b1, c01);
    c00 = madd(a0, b0, c00);
    a += 16;
    b += b_step;
  }
  store_row(c, c00, c01, keep);
  c += c_step;
  store_row(c, c10, c11, keep);
  c += c_step;
  store_row(c, c20, c21, keep);
  store_row(c + c_step, c30, c31, keep);
}

/**
 * C [6, 8] likewise, from a panel of A of [k][6]: 12 sums that wait for each other less. For compilers that keep loads where they
 * stand (V8 from 2025 on); others load all operands of one p before its arithmetic and spill sums: half as fast in the portable build.
 *
 * GFLOP/s on panels of k = 128 and 256, 120 x 96, all interleaved in one quiet run per version, the best of 40 (AMD EPYC, Zen 5):
 *                    Node 24 fast   Node 24 portable   Node 22 fast   Node 20 fast   Node 20 portable
 *   register peak           57             53               58             57              49
 *   4x8                   51 48           51 50            52 50          52 49           52 51
 *   6x8                   55 53           29 28            42 40          41 39           42 41
 *   5x8                   52 50           52 50                           36 34           41 39
 *   3x12                  51 51           53 52            54 53          53 52           38 36    panels that 128 does not fill
 *   2x16                  50 50           52 51                           52 49           52 52
 */
export function sgemm_ukernel_6x8(
  c: usize,
  c_step: usize,
  a: usize,
  b: usize,
  b_step: usize,
  k: i32,
  keep: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  for (; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a5 = v128.load32_splat(a, 20);
    c51 = madd(a5, b1, c51);
    c50 = madd(a5, b0, c50);
    const a4 = v128.load32_splat(a, 16);
    c41 = madd(a4, b1, c41);
    c40 = madd(a4, b0, c40);
    const a3 = v128.load32_splat(a, 12);
    c31 = madd(a3, b1, c31);
    c30 = madd(a3, b0, c30);
    const a2 = v128.load32_splat(a, 8);
    c21 = madd(a2, b1, c21);
    c20 = madd(a2, b0, c20);
    const a1 = v128.load32_splat(a, 4);
    c11 = madd(a1, b1, c11);
    c10 = madd(a1, b0, c10);
    const a0 = v128.load32_splat(a);
    c01 = madd(a0, b1, c01);
    c00 = madd(a0, b0, c00);
    a += 24;
    b += b_step;
  }
  store_row(c, c00, c01, keep);
  c += c_step;
  store_row(c, c10, c11, keep);
  c += c_step;
  store_row(c, c20, c21, keep);
  c += c_step;
  store_row(c, c30, c31, keep);
  c += c_step;
  store_row(c, c40, c41, keep);
  c += c_step;
  store_row(c, c50, c51, keep);
}

function store_row(c: usize, x0: v128, x1: v128, keep: usize): void {
  if (keep) {
    x0 = madd(v128.load(keep), v128.load(c), x0);
    x1 = madd(v128.load(keep, 16), v128.load(c, 16), x1);
  }
  v128.store(c, x0);
  v128.store(c, x1, 16);
}
