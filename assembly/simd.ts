// Vocabulary of the SIMD kernels: fused multiply-add, horizontal reductions, partial loads and stores of f32x4.
// No @inline decorators: at -O3 asc inlines functions of this size by itself, and formatters cannot parse them.

/** a * b + c, lane by lane. One rounding in the `fast` build on hosts with FMA, two in `portable`. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, lane by lane. */
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** Sum of the four lanes, pairwise: (x0 + x2) + (x1 + x3). */
export function hsum(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Maximum of the four lanes; a NaN lane may or may not win. */
export function hmax(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** The first `count` (1..3) floats at `ptr`, the other lanes zero. Reads no byte past them. */
export function load_tail(ptr: usize, count: i32): v128 {
  let x = v128.load32_zero(ptr);
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(ptr, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(ptr, 8));
  return x;
}

/** Stores the first `count` (1..3) lanes at `ptr`. Writes no byte past them. */
export function store_tail(ptr: usize, x: v128, count: i32): void {
  v128.store32_lane(ptr, x, 0);
  if (count > 1) v128.store32_lane(ptr, x, 1, 4);
  if (count > 2) v128.store32_lane(ptr, x, 2, 8);
}

/** Four floats at `ptr`, or as load_tail when `count` is below 4: one loop body for whole vectors and the remainder. */
export function load_upto(ptr: usize, count: i32): v128 {
  return count >= 4 ? v128.load(ptr) : load_tail(ptr, count);
}

/** Stores four lanes at `ptr`, or as store_tail when `count` is below 4. */
export function store_upto(ptr: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(ptr, x);
  else store_tail(ptr, x, count);
}

/** All bits in the first `count` lanes. */
export function tail_mask(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}

/** a where the mask's lane has all bits, b where it has none. One instruction in the `fast` build, with the same result. */
export function select(a: v128, b: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, mask);
  return v128.bitselect(a, b, mask);
}

/**
 * Polynomials in x by Horner's rule, coefficients from a table in memory, highest degree first; one function per degree. Loads
 * cost less than the literal vectors that V8 builds anew at every use.
 */
export function polynomial_4(table: usize, x: v128): v128 {
  let p = madd(v128.load32_splat(table), x, v128.load32_splat(table, 4));
  p = madd(p, x, v128.load32_splat(table, 8));
  p = madd(p, x, v128.load32_splat(table, 12));
  return madd(p, x, v128.load32_splat(table, 16));
}

export function polynomial_5(table: usize, x: v128): v128 {
  return madd(polynomial_4(table, x), x, v128.load32_splat(table, 20));
}

export function polynomial_6(table: usize, x: v128): v128 {
  return madd(polynomial_5(table, x), x, v128.load32_splat(table, 24));
}

export function polynomial_7(table: usize, x: v128): v128 {
  return madd(polynomial_6(table, x), x, v128.load32_splat(table, 28));
}
