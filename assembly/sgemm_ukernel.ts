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

function store_row(c: usize, x0: v128, x1: v128, keep: usize): void {
  if (keep) {
    x0 = madd(v128.load(keep), v128.load(c), x0);
    x1 = madd(v128.load(keep, 16), v128.load(c, 16), x1);
  }
  v128.store(c, x0);
  v128.store(c, x1, 16);
}
