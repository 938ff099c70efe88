// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
// Element i is lane i % 4 of the block with counter (i / 4, 0, 1, 0) and key (key0, key1): any element can be made alone,
// and the gradient of dropout remakes the mask instead of keeping it.
//
// One round: (c0, c1, c2, c3) -> (hi(M1 c2) ^ c1 ^ k0, lo(M1 c2), hi(M0 c0) ^ c3 ^ k1, lo(M0 c0)); the key grows by a constant.
// Two blocks a, b run together: `even` holds c0 c2 of a, c0 c2 of b and `odd` their c1 c3, so that a round is two widening
// multiplications and two shuffles. The loop over the rounds stands in each kernel, as a function returns one vector only.
import { cos_octant, log, quadrant_sin, sin_octant, turns_quadrant, turns_remainder } from "./math";
import { load_tail, store_tail } from "./simd";

const ROUNDS = 10;
/** M0, M1 and the growth of k0, k1. In memory, so that loops keep them in registers (constant data only, see exp.ts). */
const MULTIPLIERS: usize = memory.data<u32>([0xd2511f53, 0xcd9e8d57]);
const WEYL: usize = memory.data<u32>([0x9e3779b9, 0xbb67ae85]);
/** Third counter word: who draws. 1 is these kernels. */
const STREAM: u32 = 1;
/** 2^-24: the step of the uniform numbers. */
const ULP: usize = memory.data<f32>([5.9604644775390625e-8]);

/** One block of any counter and key, for the published test vectors; y: u32 [4]. */
export function random_block(y: usize, c0: u32, c1: u32, c2: u32, c3: u32, key0: u32, key1: u32): void {
  const multipliers = v128.load64_splat(MULTIPLIERS);
  const weyl = v128.load64_splat(WEYL);
  let key = pairs(key0, key1);
  let even = pairs(c0, c2);
  let odd = pairs(c1, c3);
  for (let round = 0; round < ROUNDS; round++) {
    const a = i64x2.extmul_low_i32x4_u(even, multipliers);
    const b = i64x2.extmul_high_i32x4_u(even, multipliers);
    even = next_even(a, b, odd, key);
    odd = next_odd(a, b);
    key = i32x4.add(key, weyl);
  }
  v128.store(y, first_block(even, odd));
}

/** y: u32 [n] random bits. */
export function random_bits(y: usize, n: i32, key0: u32, key1: u32): void {
  const multipliers = v128.load64_splat(MULTIPLIERS);
  const weyl = v128.load64_splat(WEYL);
  for (let block: u32 = 0; n > 0; n -= 8, y += 32, block += 2) {
    let key = pairs(key0, key1);
    let even = counters(block);
    let odd = i32x4.splat(0);
    for (let round = 0; round < ROUNDS; round++) {
      const a = i64x2.extmul_low_i32x4_u(even, multipliers);
      const b = i64x2.extmul_high_i32x4_u(even, multipliers);
      even = next_even(a, b, odd, key);
      odd = next_odd(a, b);
      key = i32x4.add(key, weyl);
    }
    store_pair(y, first_block(even, odd), second_block(even, odd), n);
  }
}

/** y = low + (high - low) u with u = (bits >>> 8) 2^-24, so u is in [0, 1). y: f32 [n]. */
export function random_uniform(y: usize, n: i32, key0: u32, key1: u32, low: f32, high: f32): void {
  random_bits(y, n, key0, key1);
  const offset = f32x4.splat(low);
  const width = f32x4.splat(high - low);
  for (; n >= 4; n -= 4, y += 16) {
    v128.store(y, f32x4.add(offset, f32x4.mul(width, uniform(v128.load(y)))));
  }
  if (n > 0) store_tail(y, f32x4.add(offset, f32x4.mul(width, uniform(load_tail(y, n)))), n);
}

/**
 * y = mean + std z, z normal by Box-Muller on lane pairs: r = sqrt(-2 ln u1), u1 = ((bits0 >>> 8) + 1) 2^-24,
 * u2 = (bits1 >>> 8) 2^-24, even lane r cos(2 pi u2), odd lane r sin(2 pi u2). |z| <= 5.77. y: f32 [n].
 */
export function random_normal(y: usize, n: i32, key0: u32, key1: u32, mean: f32, std: f32): void {
  const multipliers = v128.load64_splat(MULTIPLIERS);
  const weyl = v128.load64_splat(WEYL);
  const m = f32x4.splat(mean);
  const s = f32x4.splat(std);
  for (let block: u32 = 0; n > 0; n -= 8, y += 32, block += 2) {
    let key = pairs(key0, key1);
    let even = counters(block);
    let odd = i32x4.splat(0);
    for (let round = 0; round < ROUNDS; round++) {
      const a = i64x2.extmul_low_i32x4_u(even, multipliers);
      const b = i64x2.extmul_high_i32x4_u(even, multipliers);
      even = next_even(a, b, odd, key);
      odd = next_odd(a, b);
      key = i32x4.add(key, weyl);
    }
    const above = i32x4.add(i32x4.shr_u(even, 8), i32x4.splat(1));
    const u1 = f32x4.mul(f32x4.convert_i32x4_s(above), v128.load32_splat(ULP));
    const radius = f32x4.mul(s, f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log(u1))));
    const u2 = uniform(odd);
    const quadrant = turns_quadrant(u2);
    const angle = turns_remainder(u2, quadrant);
    const sin = sin_octant(angle);
    const cos = cos_octant(angle);
    const z0 = f32x4.mul(radius, quadrant_sin(sin, cos, i32x4.add(quadrant, i32x4.splat(1))));
    const z1 = f32x4.mul(radius, quadrant_sin(sin, cos, quadrant));
    store_pair(y, f32x4.add(m, first_block(z0, z1)), f32x4.add(m, second_block(z0, z1)), n);
  }
}

/** y = x / (1 - rate) where the uniform number of the element is at least rate, else 0; y, x: [n], y may alias x. */
export function sdropout(y: usize, x: usize, n: i32, key0: u32, key1: u32, rate: f32): void {
  dropout(y, x, n, key0, key1, rate, 0);
}

/** dx += dy / (1 - rate) where sdropout with the same key and rate kept the element. */
export function sdropout_grad(dx: usize, dy: usize, n: i32, key0: u32, key1: u32, rate: f32): void {
  dropout(dx, dy, n, key0, key1, rate, 1);
}

/** y = x kept and scaled, added to y when `accumulate` is 1. */
function dropout(y: usize, x: usize, n: i32, key0: u32, key1: u32, rate: f32, accumulate: i32): void {
  const multipliers = v128.load64_splat(MULTIPLIERS);
  const weyl = v128.load64_splat(WEYL);
  const scale = f32x4.splat(1 / (1 - rate));
  const threshold = f32x4.splat(rate);
  const base = i32x4.splat(accumulate ? -1 : 0);
  for (let block: u32 = 0; n > 0; n -= 8, x += 32, y += 32, block += 2) {
    let key = pairs(key0, key1);
    let even = counters(block);
    let odd = i32x4.splat(0);
    for (let round = 0; round < ROUNDS; round++) {
      const a = i64x2.extmul_low_i32x4_u(even, multipliers);
      const b = i64x2.extmul_high_i32x4_u(even, multipliers);
      even = next_even(a, b, odd, key);
      odd = next_odd(a, b);
      key = i32x4.add(key, weyl);
    }
    const first = f32x4.ge(uniform(first_block(even, odd)), threshold);
    const second = f32x4.ge(uniform(second_block(even, odd)), threshold);
    if (n >= 8) {
      v128.store(y, kept(v128.load(y), v128.load(x), first, scale, base));
      v128.store(y, kept(v128.load(y, 16), v128.load(x, 16), second, scale, base), 16);
    } else if (n > 4) {
      v128.store(y, kept(v128.load(y), v128.load(x), first, scale, base));
      store_tail(
        y + 16,
        kept(load_tail(y + 16, n - 4), load_tail(x + 16, n - 4), second, scale, base),
        n - 4,
      );
    } else if (n === 4) {
      v128.store(y, kept(v128.load(y), v128.load(x), first, scale, base));
    } else {
      store_tail(y, kept(load_tail(y, n), load_tail(x, n), first, scale, base), n);
    }
  }
}

function kept(y: v128, x: v128, mask: v128, scale: v128, base: v128): v128 {
  return f32x4.add(v128.and(y, base), v128.and(f32x4.mul(x, scale), mask));
}

/** The first min(n, 8) lanes of a, b. */
function store_pair(y: usize, a: v128, b: v128, n: i32): void {
  if (n >= 4) v128.store(y, a);
  else store_tail(y, a, n);
  if (n >= 8) v128.store(y, b, 16);
  else if (n > 4) store_tail(y + 16, b, n - 4);
}

function uniform(x: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(x, 8)), v128.load32_splat(ULP));
}

/** (low, high, low, high). */
function pairs(low: u32, high: u32): v128 {
  return i64x2.splat(<i64>(<u64>low | ((<u64>high) << 32)));
}

/** Even words of the blocks `block` and `block` + 1. */
function counters(block: u32): v128 {
  return i32x4.replace_lane(pairs(block, STREAM), 2, block + 1);
}

/** High halves of the products a (block a: M0 c0, M1 c2) and b, crossed over, with the odd words and the key. */
function next_even(a: v128, b: v128, odd: v128, key: v128): v128 {
  return v128.xor(v128.shuffle<i32>(a, b, 3, 1, 7, 5), v128.xor(odd, key));
}

function next_odd(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 0, 6, 4);
}

function first_block(even: v128, odd: v128): v128 {
  return v128.shuffle<i32>(even, odd, 0, 4, 1, 5);
}

function second_block(even: v128, odd: v128): v128 {
  return v128.shuffle<i32>(even, odd, 2, 6, 3, 7);
}
