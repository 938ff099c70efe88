// Elementary functions on f32x4: exp, log, tanh, erf, sin, cos. Only + - * /, integer steps and selections, so the portable
// build gives the same bits everywhere. Polynomials are minimax fits of our own (Lawson iterations in double precision).
// Errors are measured against float64 over dense points, in portable and fast, by test/assembly/math.test.ts.
import {
  load_tail,
  madd,
  nmadd,
  polynomial_4,
  polynomial_5,
  polynomial_6,
  polynomial_7,
  store_tail,
} from "./simd";

// Constants come from memory: V8 builds a literal vector anew at every use. (Constant data only, see exp.ts.)
const ONE: usize = memory.data<f32>([1]);
const HALF: usize = memory.data<f32>([0.5]);
const LOG2_E: usize = memory.data<f32>([1.44269504]);
/** ln 2 in two parts; the first has few enough bits that its product with an exponent is exact. */
const LN2: usize = memory.data<f32>([0.693145751953125, 1.42860677e-6]);
/** 1.5 * 2^23: adding it rounds to the nearest integer and leaves that integer in the low bits. */
const ROUNDER: usize = memory.data<f32>([12582912.0]);
/** Below the first, where float32 turns subnormal, exp is flushed to 0; the second is the largest x whose exp is finite. */
const EXP_RANGE: usize = memory.data<f32>([-87.33, 88.72283]);
/** (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2. */
const EXP: usize = memory.data<f32>([0.0013814598, 0.008368717, 0.041668389, 0.16666521, 0.49999993]);
/** (ln(1 + f) - f + f^2/2) / f^3 for 1 + f in [sqrt(1/2), sqrt 2). */
const LOG: usize = memory.data<f32>([
  -0.07634493, 0.12761575, -0.13160183, 0.14201759, -0.16623357, 0.20001227, -0.2500082, 0.33333331,
]);
/** The smallest normal number, and 2^23, which makes subnormal numbers normal. */
const NORMAL: usize = memory.data<f32>([1.17549435e-38, 8388608.0]);
/** (tanh x - x) / x^3 in x^2, for |x| below 0.625. */
const TANH: usize = memory.data<f32>([-0.0057049785, 0.020639079, -0.05373971, 0.13331442, -0.3333328]);
const TANH_SMALL: usize = memory.data<f32>([0.625]);
/** (erf x - x) / x in x^2, for |x| below the first of the range; ln erfc from there to the second, beyond which erf is 1. */
const ERF: usize = memory.data<f32>([
  -0.00059994062, 0.0049948304, -0.02676772, 0.11281846, -0.37612496, 0.12837915,
]);
const LN_ERFC: usize = memory.data<f32>([
  0.0001982197, -0.0030654907, 0.022315214, -0.10411368, -0.63697608, -1.1277972, -0.00016644743,
]);
const ERF_RANGE: usize = memory.data<f32>([0.92, 3.95]);
/** 2/pi, and pi/2 in three parts. */
const QUARTER: usize = memory.data<f32>([0.63661977, 1.5703125, 0.0004837512969970703, 7.549789948768648e-8]);
/** Of turns: quarters in one, the inverse, radians in one. */
const TURN: usize = memory.data<f32>([4.0, 0.25, 6.2831853]);
const SIN: usize = memory.data<f32>([-0.00019516656, 0.0083321735, -0.16666655]);
const COS: usize = memory.data<f32>([2.4437728e-5, -0.0013887362, 0.041666646]);

/**
 * e^x within 1 ulp. exp(0) = 1 exactly; 0 below -87.33 (so exp(-inf) = 0), inf above 88.7228, NaN for NaN.
 * Cody-Waite reduction x = n ln 2 + r, degree 6 in r, n added to the exponent bits.
 */
export function exp(x: v128): v128 {
  const t = madd(x, v128.load32_splat(LOG2_E), v128.load32_splat(ROUNDER));
  const y = i32x4.add(exp_reduced(x, t), i32x4.shl(t, 23));
  const finite = v128.andnot(y, f32x4.lt(x, v128.load32_splat(EXP_RANGE)));
  const beyond = f32x4.add(x, f32x4.splat(f32.MAX_VALUE * 2));
  return v128.bitselect(finite, beyond, f32x4.le(x, v128.load32_splat(EXP_RANGE, 4)));
}

/** e^x for x <= 0, -inf or NaN: the same values as exp, a fifth cheaper. */
export function exp_nonpositive(x: v128): v128 {
  const t = madd(x, v128.load32_splat(LOG2_E), v128.load32_splat(ROUNDER));
  const scale = i32x4.add(i32x4.shl(t, 23), v128.load32_splat(ONE));
  return v128.andnot(f32x4.mul(exp_reduced(x, t), scale), f32x4.lt(x, v128.load32_splat(EXP_RANGE)));
}

/** e^r of the reduced argument, t = x / ln 2 + ROUNDER. */
function exp_reduced(x: v128, t: v128): v128 {
  const n = f32x4.sub(t, v128.load32_splat(ROUNDER));
  const r = nmadd(n, v128.load32_splat(LN2, 4), nmadd(n, v128.load32_splat(LN2), x));
  return f32x4.add(madd(polynomial_4(EXP, r), f32x4.mul(r, r), r), v128.load32_splat(ONE));
}

/**
 * ln x within 0.9 ulp, subnormals included. log(0) = -inf, log(inf) = inf, NaN below 0.
 * x = 2^e m with m in [sqrt(1/2), sqrt 2); ln m = f - f^2/2 + f^3 P(f), f = m - 1, P of degree 7.
 */
export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, v128.load32_splat(NORMAL));
  const bits = v128.bitselect(f32x4.mul(x, v128.load32_splat(NORMAL, 4)), x, subnormal);
  const exponent = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(bits, i32x4.shl(exponent, 23)), v128.load32_splat(ONE));
  const e = f32x4.convert_i32x4_s(i32x4.sub(exponent, v128.and(subnormal, i32x4.splat(23))));
  const y = madd(e, v128.load32_splat(LN2), log_reduced(f, f32x4.mul(e, v128.load32_splat(LN2, 4))));
  const ordinary = v128.and(f32x4.gt(x, f32x4.splat(0.0)), f32x4.lt(x, f32x4.splat(f32.MAX_VALUE * 2)));
  return v128.bitselect(y, log_special(x), ordinary);
}

/** ln(1 + f) + low. */
function log_reduced(f: v128, low: v128): v128 {
  const square = f32x4.mul(f, f);
  const tail = madd(f32x4.mul(f, square), polynomial_7(LOG, f), low);
  return f32x4.add(f, nmadd(v128.load32_splat(HALF), square, tail));
}

/** log where it is not finite: x = 0, x < 0, inf, NaN. */
function log_special(x: v128): v128 {
  const zero = f32x4.splat(0.0);
  const infinity = f32x4.splat(f32.MAX_VALUE * 2);
  const positive = v128.bitselect(f32x4.neg(infinity), x, f32x4.eq(x, zero));
  return v128.bitselect(f32x4.div(zero, zero), positive, f32x4.lt(x, zero));
}

/** ln of one number. */
export function log_scalar(x: f32): f32 {
  return f32x4.extract_lane(log(f32x4.splat(x)), 0);
}

/**
 * tanh x within 1.3 ulp: x + x^3 P(x^2) of degree 9 below 0.625, 1 - 2 / (e^(2|x|) + 1) above, sign restored.
 */
export function tanh(x: v128): v128 {
  const a = f32x4.abs(x);
  const one = v128.load32_splat(ONE);
  const beyond = f32x4.sub(one, f32x4.div(f32x4.add(one, one), f32x4.add(exp(f32x4.add(a, a)), one)));
  const y = v128.bitselect(tanh_small(x), beyond, f32x4.lt(a, v128.load32_splat(TANH_SMALL)));
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}

function tanh_small(x: v128): v128 {
  const z = f32x4.mul(x, x);
  return madd(f32x4.mul(polynomial_4(TANH, z), z), x, x);
}

/**
 * erf x within 1.2 ulp: x + x P(x^2) below 0.92, 1 - e^(-L(|x|)) above with L = -ln erfc fitted up to 3.95 (erf is 1 beyond).
 */
export function erf(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), v128.load32_splat(ERF_RANGE, 4));
  const beyond = f32x4.sub(v128.load32_splat(ONE), exp_nonpositive(polynomial_6(LN_ERFC, a)));
  const y = v128.bitselect(erf_small(x), beyond, f32x4.lt(a, v128.load32_splat(ERF_RANGE)));
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}

function erf_small(x: v128): v128 {
  return madd(polynomial_5(ERF, f32x4.mul(x, x)), x, x);
}

/** sin x for x in [0, 2 pi), within 1e-7 absolute. */
export function sin(x: v128): v128 {
  const t = madd(x, v128.load32_splat(QUARTER), v128.load32_splat(ROUNDER));
  const r = quarter_remainder(x, t);
  return quadrant_sin(sin_octant(r), cos_octant(r), t);
}

/** cos x for x in [0, 2 pi), within 1e-7 absolute. */
export function cos(x: v128): v128 {
  const t = madd(x, v128.load32_splat(QUARTER), v128.load32_splat(ROUNDER));
  const r = quarter_remainder(x, t);
  return quadrant_sin(sin_octant(r), cos_octant(r), i32x4.add(t, i32x4.splat(1)));
}

/** x minus the nearest multiple of pi/2, which is held in three parts. */
function quarter_remainder(x: v128, t: v128): v128 {
  const q = f32x4.sub(t, v128.load32_splat(ROUNDER));
  let r = nmadd(q, v128.load32_splat(QUARTER, 4), x);
  r = nmadd(q, v128.load32_splat(QUARTER, 8), r);
  return nmadd(q, v128.load32_splat(QUARTER, 12), r);
}

/** 4 u rounded to the quadrant, which is left in the low bits; u in [0, 1) is an angle in turns. */
export function turns_quadrant(u: v128): v128 {
  return madd(u, v128.load32_splat(TURN), v128.load32_splat(ROUNDER));
}

/** The angle in radians, |r| <= pi/4, that u turns are beyond the quadrant t. Exact up to the last product. */
export function turns_remainder(u: v128, t: v128): v128 {
  const quarter = f32x4.mul(f32x4.sub(t, v128.load32_splat(ROUNDER)), v128.load32_splat(TURN, 4));
  return f32x4.mul(f32x4.sub(u, quarter), v128.load32_splat(TURN, 8));
}

/** sin r for |r| <= pi/4. */
export function sin_octant(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let s = madd(v128.load32_splat(SIN), z, v128.load32_splat(SIN, 4));
  s = madd(s, z, v128.load32_splat(SIN, 8));
  return madd(f32x4.mul(s, z), r, r);
}

/** cos r for |r| <= pi/4. */
export function cos_octant(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let c = madd(v128.load32_splat(COS), z, v128.load32_splat(COS, 4));
  c = madd(c, z, v128.load32_splat(COS, 8));
  return madd(f32x4.mul(c, z), z, nmadd(v128.load32_splat(HALF), z, v128.load32_splat(ONE)));
}

/** sin(r + q pi/2) from s = sin r and c = cos r, q the low two bits of `quadrant`; q + 1 gives the cosine. */
export function quadrant_sin(s: v128, c: v128, quadrant: v128): v128 {
  const odd = i32x4.shr_s(i32x4.shl(quadrant, 31), 31);
  const sign = v128.and(i32x4.shl(quadrant, 30), i32x4.splat(0x80000000));
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

/** y = e^x elementwise, as exp above; y may alias x. */
export function vexp(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, exp(v128.load(x)));
  if (n > 0) store_tail(y, exp(load_tail(x, n)), n);
}

/** y = ln x elementwise; y may alias x. */
export function vlog(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, log(v128.load(x)));
  if (n > 0) store_tail(y, log(load_tail(x, n)), n);
}

/** y = tanh x elementwise; y may alias x. */
export function vtanh(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, tanh(v128.load(x)));
  if (n > 0) store_tail(y, tanh(load_tail(x, n)), n);
}

/** y = erf x elementwise; y may alias x. */
export function verf(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, erf(v128.load(x)));
  if (n > 0) store_tail(y, erf(load_tail(x, n)), n);
}

/** y = sin x elementwise, x in [0, 2 pi); y may alias x. */
export function vsin(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, sin(v128.load(x)));
  if (n > 0) store_tail(y, sin(load_tail(x, n)), n);
}

/** y = cos x elementwise, x in [0, 2 pi); y may alias x. */
export function vcos(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, cos(v128.load(x)));
  if (n > 0) store_tail(y, cos(load_tail(x, n)), n);
}
