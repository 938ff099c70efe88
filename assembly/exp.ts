// The exponential of every hot loop: 2^u on four lanes, its constants held in registers, and e^(x - shift) over rows and panels.
//
// V8 builds a literal vector anew at each use inside a loop, which costs more than the arithmetic; a vector loaded from memory
// before the loop stays in a register. So the constants are a table in memory, loops load it once, and `exp2` takes it apart.
// The table is constant data, the only kind a kernel may have: a second instance on a shared memory writes the same bytes again.
import { load_tail, madd, store_tail } from "./simd";

/**
 * What `exp2` needs, in the order of its parameters: the lowest u; 1.5 2^23 + 127, which rounds u and leaves its exponent field;
 * the polynomial, highest degree first. A loop loads them as v128.load32_splat(EXP2, 4 i). Last, 1 / ln 2: e^x = 2^(x / ln 2).
 */
export const EXP2: usize = memory.data<f32>([
  -127.0, 12583039.0, 0.00132647, 0.00967151, 0.05550734, 0.24022242, 0.69314698, 1.44269504,
]);
/** 1 / ln 2: u = LOG2_E x for e^x. */
export const LOG2_E: f32 = 1.44269504;

/**
 * 2^u for u < 127.5: 1 at 0, exactly 0 at -127 and below (so at -inf), NaN for NaN.
 * u = n + f with |f| <= 1/2; 2^f is a polynomial of degree 5 with constant term 1, relative error 9.1e-8: a minimax fit of our own
 * (Lawson iterations: weighted least squares in float64, the weights multiplied by the error until it is level); with roundings
 * at most 2e-7. 2^n is built from its bits and multiplied, as 2^n + 2^n (2^f - 1), so that NaN survives; at n = -127 it is 0.
 * e^x as 2^(LOG2_E x) adds the rounding of the product, |x| 2^-24: what the rounding of x - max costs in any softmax.
 *
 * Cycles per vector on Node 24, fast and portable, over 2048 elements in the L1 cache; the first two from an earlier run
 * than the last three:
 *   Cody-Waite, degree 6, literal constants             17      22
 *   the same with hoisted constants                      8      12
 *   base 2, this shape                                 4.2     6.9
 *   base 2, bits added instead of multiplied, compare  4.1     6.7   (loses NaN payloads: a finite result)
 *   two vectors at a time                              4.1     6.8
 * Seven constants and not eight (no 1): fused loops run out of the 15 registers otherwise, and a spill costs a cycle.
 */
export function exp2(
  u: v128,
  lowest: v128,
  rounder: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  c1: v128,
): v128 {
  return exp2_bounded(f32x4.pmax(u, lowest), rounder, c5, c4, c3, c2, c1);
}

/** exp2 for -127 <= u < 127.5 or NaN. */
export function exp2_bounded(u: v128, rounder: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128): v128 {
  const t = f32x4.add(u, rounder);
  const f = f32x4.sub(u, f32x4.sub(t, rounder));
  let q = madd(c5, f, c4);
  q = madd(q, f, c3);
  q = madd(q, f, c2);
  q = madd(q, f, c1);
  const power = i32x4.shl(t, 23);
  return madd(f32x4.mul(q, f), power, power);
}

/** y = 2^x elementwise, as exp2 above; y may alias x. */
export function vexp2(y: usize, x: usize, n: i32): void {
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    v128.store(y, exp2(v128.load(x), lowest, rounder, c5, c4, c3, c2, c1));
  }
  if (n > 0) store_tail(y, exp2(load_tail(x, n), lowest, rounder, c5, c4, c3, c2, c1), n);
}
