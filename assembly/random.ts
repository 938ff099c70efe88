// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
// Element i is lane i % 4 of the block with counter (i / 4, 0, 1, 0) and key (key0, key1): any element can be made alone,
// and the gradient of dropout remakes the mask instead of keeping it.
import { cos_turns, log, sin_turns } from "./math";
import { load_tail, store_tail } from "./simd";

const MULTIPLIER_0: i64 = 0xd2511f53;
const MULTIPLIER_1: i64 = 0xcd9e8d57;
const WEYL_0: i32 = 0x9e3779b9;
const WEYL_1: i32 = 0xbb67ae85;
/** 2^-24: the step of the uniform numbers. */
const ULP: f32 = 5.9604644775390625e-8;

/** One block of any counter and key, for the published test vectors; y: u32 [4]. */
export function random_block(y: usize, c0: i32, c1: i32, c2: i32, c3: i32, key0: i32, key1: i32): void {
  v128.store(
    y,
    philox(
      i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(c0), 1, c1), 2, c2), 3, c3),
      key0,
      key1,
    ),
  );
}

/** y: u32 [n] random bits. */
export function random_bits(y: usize, n: i32, key0: i32, key1: i32): void {
  let block = 0;
  for (; n >= 4; n -= 4, y += 16) v128.store(y, bits(block++, key0, key1));
  if (n > 0) store_tail(y, bits(block, key0, key1), n);
}

/** y = low + (high - low) u with u = (bits >>> 8) 2^-24, so u is in [0, 1). y: f32 [n]. */
export function random_uniform(y: usize, n: i32, key0: i32, key1: i32, low: f32, high: f32): void {
  const offset = f32x4.splat(low);
  const width = f32x4.splat(high - low);
  let block = 0;
  for (; n >= 4; n -= 4, y += 16) {
    v128.store(y, f32x4.add(offset, f32x4.mul(width, uniform(bits(block++, key0, key1)))));
  }
  if (n > 0) store_tail(y, f32x4.add(offset, f32x4.mul(width, uniform(bits(block, key0, key1)))), n);
}

/**
 * y = mean + std z, z normal by Box-Muller on lane pairs: r = sqrt(-2 ln u1), u1 = ((bits0 >>> 8) + 1) 2^-24,
 * u2 = (bits1 >>> 8) 2^-24, even lane r cos(2 pi u2), odd lane r sin(2 pi u2). |z| <= 5.77. y: f32 [n].
 */
export function random_normal(y: usize, n: i32, key0: i32, key1: i32, mean: f32, std: f32): void {
  const m = f32x4.splat(mean);
  const s = f32x4.splat(std);
  let block = 0;
  for (; n > 0; n -= 8, y += 32, block += 2) {
    const a = bits(block, key0, key1);
    const b = bits(block + 1, key0, key1);
    const bits0 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    const bits1 = v128.shuffle<i32>(a, b, 1, 3, 5, 7);
    const u1 = f32x4.mul(
      f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_u(bits0, 8), i32x4.splat(1))),
      f32x4.splat(ULP),
    );
    const u2 = uniform(bits1);
    const r = f32x4.mul(s, f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log(u1))));
    const even = f32x4.add(m, f32x4.mul(r, cos_turns(u2)));
    const odd = f32x4.add(m, f32x4.mul(r, sin_turns(u2)));
    const first = v128.shuffle<f32>(even, odd, 0, 4, 1, 5);
    const second = v128.shuffle<f32>(even, odd, 2, 6, 3, 7);
    if (n >= 4) v128.store(y, first);
    else store_tail(y, first, n);
    if (n >= 8) v128.store(y, second, 16);
    else if (n > 4) store_tail(y + 16, second, n - 4);
  }
}

/** y = x / (1 - rate) where the uniform number of the element is at least rate, else 0; y, x: [n], y may alias x. */
export function sdropout(y: usize, x: usize, n: i32, key0: i32, key1: i32, rate: f32): void {
  const scale = f32x4.splat(1 / (1 - rate));
  const threshold = f32x4.splat(rate);
  let block = 0;
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    const kept = f32x4.ge(uniform(bits(block++, key0, key1)), threshold);
    v128.store(y, v128.and(f32x4.mul(v128.load(x), scale), kept));
  }
  if (n === 0) return;
  const kept = f32x4.ge(uniform(bits(block, key0, key1)), threshold);
  store_tail(y, v128.and(f32x4.mul(load_tail(x, n), scale), kept), n);
}

/** dx += dy / (1 - rate) where sdropout with the same key and rate kept the element. */
export function sdropout_grad(dx: usize, dy: usize, n: i32, key0: i32, key1: i32, rate: f32): void {
  const scale = f32x4.splat(1 / (1 - rate));
  const threshold = f32x4.splat(rate);
  let block = 0;
  for (; n >= 4; n -= 4, dx += 16, dy += 16) {
    const kept = f32x4.ge(uniform(bits(block++, key0, key1)), threshold);
    v128.store(dx, f32x4.add(v128.load(dx), v128.and(f32x4.mul(v128.load(dy), scale), kept)));
  }
  if (n === 0) return;
  const kept = f32x4.ge(uniform(bits(block, key0, key1)), threshold);
  store_tail(dx, f32x4.add(load_tail(dx, n), v128.and(f32x4.mul(load_tail(dy, n), scale), kept)), n);
}

function uniform(x: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(x, 8)), f32x4.splat(ULP));
}

function bits(block: i32, key0: i32, key1: i32): v128 {
  return philox(i32x4.replace_lane(i32x4(0, 0, 1, 0), 0, block), key0, key1);
}

/** Ten rounds (c0, c1, c2, c3) -> (hi(M1 c2) ^ c1 ^ k0, lo(M1 c2), hi(M0 c0) ^ c3 ^ k1, lo(M0 c0)), one block per vector. */
function philox(counter: v128, key0: i32, key1: i32): v128 {
  const multipliers = i64x2.replace_lane(i64x2.splat(MULTIPLIER_0 | (MULTIPLIER_1 << 32)), 1, 0);
  const weyl = i64x2.replace_lane(i64x2.splat(<i64>(<u32>WEYL_0)), 1, <i64>(<u32>WEYL_1));
  let key = i64x2.replace_lane(i64x2.splat(<i64>(<u32>key0)), 1, <i64>(<u32>key1));
  let c = counter;
  for (let round = 0; round < 10; round++) {
    const products = i64x2.extmul_low_i32x4_u(v128.shuffle<i32>(c, c, 0, 2, 0, 2), multipliers);
    // products = lo0 hi0 lo1 hi1; the odd words of c, moved to even lanes, and the key meet the high halves.
    c = v128.xor(v128.shuffle<i32>(products, products, 3, 2, 1, 0), v128.xor(i64x2.shr_u(c, 32), key));
    key = i32x4.add(key, weyl);
  }
  return c;
}
