// Elementary functions on f32x4: exp, log, tanh, erf, sin, cos. Only + - * /, integer steps and selections, so the portable
// build gives the same bits everywhere. Polynomials are minimax fits of our own (Lawson iterations in double precision).
// Errors are measured against float64 over dense points, in portable and fast, by test/assembly/math.test.ts.
import { load_tail, madd, nmadd, store_tail } from "./simd";

const LOG2_E: f32 = 1.44269504;
/** ln 2 in two parts; the first has few enough bits that its product with an exponent is exact. */
const LN2_HIGH: f32 = 0.693145751953125;
const LN2_LOW: f32 = 1.42860677e-6;
/** 1.5 * 2^23: adding it rounds to the nearest integer and leaves that integer in the low bits. */
const ROUNDER: f32 = 12582912.0;
/** exp is flushed to 0 below this, where float32 would turn subnormal. */
const EXP_LOWEST: f32 = -87.33;
/** Largest x whose exp is finite in float32. */
const EXP_HIGHEST: f32 = 88.72283;

/**
 * e^x within 1 ulp. exp(0) = 1 exactly; 0 below -87.33 (so exp(-inf) = 0), inf above 88.7228, NaN for NaN.
 * Cody-Waite reduction x = n ln 2 + r, degree 6 in r, n added to the exponent bits.
 */
export function exp(x: v128): v128 {
  const t = madd(x, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  const y = i32x4.add(exp_reduced(x, t), i32x4.shl(t, 23));
  const finite = v128.andnot(y, f32x4.lt(x, f32x4.splat(EXP_LOWEST)));
  const beyond = f32x4.add(x, f32x4.splat(f32.MAX_VALUE * 2));
  return v128.bitselect(finite, beyond, f32x4.le(x, f32x4.splat(EXP_HIGHEST)));
}

/** e^x for x <= 0, -inf or NaN: the same values as exp, a fifth cheaper. */
export function exp_nonpositive(x: v128): v128 {
  const t = madd(x, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  const scale = i32x4.add(i32x4.shl(t, 23), f32x4.splat(1.0));
  return v128.andnot(f32x4.mul(exp_reduced(x, t), scale), f32x4.lt(x, f32x4.splat(EXP_LOWEST)));
}

/** e^r of the reduced argument, t = x / ln 2 + ROUNDER. */
function exp_reduced(x: v128, t: v128): v128 {
  const n = f32x4.sub(t, f32x4.splat(ROUNDER));
  const r = nmadd(n, f32x4.splat(LN2_LOW), nmadd(n, f32x4.splat(LN2_HIGH), x));
  let q = madd(f32x4.splat(0.0013814598), r, f32x4.splat(0.008368717));
  q = madd(q, r, f32x4.splat(0.041668389));
  q = madd(q, r, f32x4.splat(0.16666521));
  q = madd(q, r, f32x4.splat(0.49999993));
  return f32x4.add(madd(q, f32x4.mul(r, r), r), f32x4.splat(1.0));
}

/**
 * ln x within 0.9 ulp, subnormals included. log(0) = -inf, log(inf) = inf, NaN below 0.
 * x = 2^e m with m in [sqrt(1/2), sqrt 2); ln m = f - f^2/2 + f^3 P(f), f = m - 1, P of degree 7.
 */
export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const bits = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608.0)), x, subnormal);
  const exponent = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(bits, i32x4.shl(exponent, 23)), f32x4.splat(1.0));
  const e = f32x4.convert_i32x4_s(i32x4.sub(exponent, v128.and(subnormal, i32x4.splat(23))));
  const y = madd(e, f32x4.splat(LN2_HIGH), log_reduced(f, f32x4.mul(e, f32x4.splat(LN2_LOW))));
  const ordinary = v128.and(f32x4.gt(x, f32x4.splat(0.0)), f32x4.lt(x, f32x4.splat(f32.MAX_VALUE * 2)));
  return v128.bitselect(y, log_special(x), ordinary);
}

/** ln(1 + f) + low. */
function log_reduced(f: v128, low: v128): v128 {
  const square = f32x4.mul(f, f);
  const tail = madd(f32x4.mul(f, square), log_polynomial(f), low);
  return f32x4.add(f, nmadd(f32x4.splat(0.5), square, tail));
}

function log_polynomial(f: v128): v128 {
  let p = madd(f32x4.splat(-0.07634493), f, f32x4.splat(0.12761575));
  p = madd(p, f, f32x4.splat(-0.13160183));
  p = madd(p, f, f32x4.splat(0.14201759));
  p = madd(p, f, f32x4.splat(-0.16623357));
  p = madd(p, f, f32x4.splat(0.20001227));
  p = madd(p, f, f32x4.splat(-0.2500082));
  return madd(p, f, f32x4.splat(0.33333331));
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
  const one = f32x4.splat(1.0);
  const beyond = f32x4.sub(one, f32x4.div(f32x4.splat(2.0), f32x4.add(exp(f32x4.add(a, a)), one)));
  const y = v128.bitselect(tanh_small(x), beyond, f32x4.lt(a, f32x4.splat(0.625)));
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}

function tanh_small(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = madd(f32x4.splat(-0.0057049785), z, f32x4.splat(0.020639079));
  p = madd(p, z, f32x4.splat(-0.05373971));
  p = madd(p, z, f32x4.splat(0.13331442));
  p = madd(p, z, f32x4.splat(-0.3333328));
  return madd(f32x4.mul(p, z), x, x);
}

/**
 * erf x within 1.2 ulp: x + x P(x^2) below 0.92, 1 - e^(-L(|x|)) above with L = -ln erfc fitted up to 3.95 (erf is 1 beyond).
 */
export function erf(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), f32x4.splat(3.95));
  const beyond = f32x4.sub(f32x4.splat(1.0), exp_nonpositive(erfc_logarithm(a)));
  const y = v128.bitselect(erf_small(x), beyond, f32x4.lt(a, f32x4.splat(0.92)));
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}

function erf_small(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = madd(f32x4.splat(-0.00059994062), z, f32x4.splat(0.0049948304));
  p = madd(p, z, f32x4.splat(-0.02676772));
  p = madd(p, z, f32x4.splat(0.11281846));
  p = madd(p, z, f32x4.splat(-0.37612496));
  p = madd(p, z, f32x4.splat(0.12837915));
  return madd(p, x, x);
}

/** ln erfc a for a in [0.92, 3.95]. */
function erfc_logarithm(a: v128): v128 {
  let l = madd(f32x4.splat(0.0001982197), a, f32x4.splat(-0.0030654907));
  l = madd(l, a, f32x4.splat(0.022315214));
  l = madd(l, a, f32x4.splat(-0.10411368));
  l = madd(l, a, f32x4.splat(-0.63697608));
  l = madd(l, a, f32x4.splat(-1.1277972));
  return madd(l, a, f32x4.splat(-0.00016644743));
}

/** sin x for x in [0, 2 pi), within 1e-7 absolute. */
export function sin(x: v128): v128 {
  const t = madd(x, f32x4.splat(0.63661977), f32x4.splat(ROUNDER));
  const r = quarter_remainder(x, t);
  return quadrant_sin(sin_octant(r), cos_octant(r), t);
}

/** cos x for x in [0, 2 pi), within 1e-7 absolute. */
export function cos(x: v128): v128 {
  const t = madd(x, f32x4.splat(0.63661977), f32x4.splat(ROUNDER));
  const r = quarter_remainder(x, t);
  return quadrant_sin(sin_octant(r), cos_octant(r), i32x4.add(t, i32x4.splat(1)));
}

/** x minus the nearest multiple of pi/2, which is held in three parts. */
function quarter_remainder(x: v128, t: v128): v128 {
  const q = f32x4.sub(t, f32x4.splat(ROUNDER));
  let r = nmadd(q, f32x4.splat(1.5703125), x);
  r = nmadd(q, f32x4.splat(0.0004837512969970703), r);
  return nmadd(q, f32x4.splat(7.549789948768648e-8), r);
}

/** 4 u rounded to the quadrant, which is left in the low bits; u in [0, 1) is an angle in turns. */
export function turns_quadrant(u: v128): v128 {
  return madd(u, f32x4.splat(4.0), f32x4.splat(ROUNDER));
}

/** The angle in radians, |r| <= pi/4, that u turns are beyond the quadrant t. Exact up to the last product. */
export function turns_remainder(u: v128, t: v128): v128 {
  const quarter = f32x4.mul(f32x4.sub(t, f32x4.splat(ROUNDER)), f32x4.splat(0.25));
  return f32x4.mul(f32x4.sub(u, quarter), f32x4.splat(6.2831853));
}

/** sin r for |r| <= pi/4. */
export function sin_octant(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let s = madd(f32x4.splat(-0.00019516656), z, f32x4.splat(0.0083321735));
  s = madd(s, z, f32x4.splat(-0.16666655));
  return madd(f32x4.mul(s, z), r, r);
}

/** cos r for |r| <= pi/4. */
export function cos_octant(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let c = madd(f32x4.splat(2.4437728e-5), z, f32x4.splat(-0.0013887362));
  c = madd(c, z, f32x4.splat(0.041666646));
  return madd(f32x4.mul(c, z), z, nmadd(f32x4.splat(0.5), z, f32x4.splat(1.0)));
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
