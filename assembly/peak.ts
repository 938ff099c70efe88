// What this processor gives at most, measured by the benchmarks beside the kernels: arithmetic in registers, and reading memory.
import { hsum, madd } from "./simd";

/** Floating-point operations of one round of smadd_peak: 12 chains, 4 lanes, a multiply and an add. */
export function smadd_peak_flops(): i32 {
  return 12 * 4 * 2;
}

/**
 * `rounds` multiply-adds in each of 12 chains that do not wait for one another, without loads or stores. Chain i starts at i, the
 * result is the sum of all lanes; with factor 1 every lane grows by `term` a round.
 * 12 chains hide the latency of a multiply and an add on the x64 and ARM cores of today, and with two operands they fit the 15
 * registers that V8 hands out. The chains differ, and the operands are arguments, so that no compiler can shorten the work.
 */
export function smadd_peak(rounds: i32, factor: f32, term: f32): f32 {
  const x = f32x4.splat(factor);
  const y = f32x4.splat(term);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(1);
  let c2 = f32x4.splat(2);
  let c3 = f32x4.splat(3);
  let c4 = f32x4.splat(4);
  let c5 = f32x4.splat(5);
  let c6 = f32x4.splat(6);
  let c7 = f32x4.splat(7);
  let c8 = f32x4.splat(8);
  let c9 = f32x4.splat(9);
  let c10 = f32x4.splat(10);
  let c11 = f32x4.splat(11);
  for (; rounds > 0; rounds--) {
    c0 = link(c0, x, y);
    c1 = link(c1, x, y);
    c2 = link(c2, x, y);
    c3 = link(c3, x, y);
    c4 = link(c4, x, y);
    c5 = link(c5, x, y);
    c6 = link(c6, x, y);
    c7 = link(c7, x, y);
    c8 = link(c8, x, y);
    c9 = link(c9, x, y);
    c10 = link(c10, x, y);
    c11 = link(c11, x, y);
  }
  const low = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
  const middle = f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7));
  const high = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11));
  return hsum(f32x4.add(f32x4.add(low, middle), high));
}

/** Fused: c + x y, as the register tiles do it. Unfused, x y would be taken out of the loop, so there it is c x + y. */
function link(c: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return madd(x, y, c);
  return madd(c, x, y);
}

/** Sum of x[n] in eight vectors of sums: nothing that reads n floats can be faster. The order of the sums is not specified. */
export function ssum_peak(x: usize, n: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0);
  let s5 = f32x4.splat(0);
  let s6 = f32x4.splat(0);
  let s7 = f32x4.splat(0);
  for (; n >= 32; n -= 32) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
    s4 = f32x4.add(s4, v128.load(x, 64));
    s5 = f32x4.add(s5, v128.load(x, 80));
    s6 = f32x4.add(s6, v128.load(x, 96));
    s7 = f32x4.add(s7, v128.load(x, 112));
    x += 128;
  }
  let rest: f32 = 0;
  for (; n > 0; n--) {
    rest += load<f32>(x);
    x += 4;
  }
  const low = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  const high = f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7));
  return hsum(f32x4.add(low, high)) + rest;
}
