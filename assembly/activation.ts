// Activation functions and their gradients. y = f(x) and dx += dy f'(x), all [n]; y may alias x, dx may alias dy.
// The functions below the kernels are small on purpose: asc inlines them then, which made the GELUs twice as fast.
import { exp, exp_nonpositive } from "./math";
import { load_tail, madd, store_tail } from "./simd";

/** 1 / sqrt(2 pi). */
const NORMAL_DENSITY: f32 = 0.39894228;
/** 2 sqrt(2 / pi) and its product with 0.044715: the tanh form's argument, doubled. */
const TANH_SCALE: f32 = 1.5957691;
const TANH_CUBIC: f32 = 0.071354816;

/** max(x, 0); NaN stays NaN. */
export function srelu(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, relu(v128.load(x)));
  if (n > 0) store_tail(y, relu(load_tail(x, n)), n);
}

/** dx += dy where x > 0; the slope at 0 is 0. */
export function srelu_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, add_where_positive(v128.load(dx), v128.load(dy), v128.load(x)));
  }
  if (n > 0) store_tail(dx, add_where_positive(load_tail(dx, n), load_tail(dy, n), load_tail(x, n)), n);
}

/** x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
export function sgelu(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    const x0 = v128.load(x);
    v128.store(y, f32x4.mul(x0, normal_distribution(x0, normal_exponential(x0))));
  }
  if (n === 0) return;
  const x0 = load_tail(x, n);
  store_tail(y, f32x4.mul(x0, normal_distribution(x0, normal_exponential(x0))), n);
}

/** dx += dy (Phi(x) + x phi(x)). */
export function sgelu_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    const x0 = v128.load(x);
    const e = normal_exponential(x0);
    v128.store(dx, madd(v128.load(dy), gelu_slope(x0, e, normal_distribution(x0, e)), v128.load(dx)));
  }
  if (n === 0) return;
  const x0 = load_tail(x, n);
  const e = normal_exponential(x0);
  store_tail(dx, madd(load_tail(dy, n), gelu_slope(x0, e, normal_distribution(x0, e)), load_tail(dx, n)), n);
}

/** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), GPT-2's GELU. */
export function sgelu_tanh(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, gelu_tanh(v128.load(x)));
  if (n > 0) store_tail(y, gelu_tanh(load_tail(x, n)), n);
}

/** dx += dy times the exact derivative of sgelu_tanh. */
export function sgelu_tanh_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    const x0 = v128.load(x);
    v128.store(dx, madd(v128.load(dy), gelu_tanh_slope(x0, gelu_tanh_gate(x0)), v128.load(dx)));
  }
  if (n === 0) return;
  const x0 = load_tail(x, n);
  store_tail(dx, madd(load_tail(dy, n), gelu_tanh_slope(x0, gelu_tanh_gate(x0)), load_tail(dx, n)), n);
}

/** x sigmoid(x), also called swish. */
export function ssilu(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, silu(v128.load(x)));
  if (n > 0) store_tail(y, silu(load_tail(x, n)), n);
}

/** dx += dy (s + x s (1 - s)), s = sigmoid(x). */
export function ssilu_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, madd(v128.load(dy), silu_slope(v128.load(x)), v128.load(dx)));
  }
  if (n > 0) store_tail(dx, madd(load_tail(dy, n), silu_slope(load_tail(x, n)), load_tail(dx, n)), n);
}

/** max(x, 0)^2 (So et al. 2021, arXiv:2109.08668). */
export function ssquare_relu(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, square_relu(v128.load(x)));
  if (n > 0) store_tail(y, square_relu(load_tail(x, n)), n);
}

/** dx += 2 dy max(x, 0). */
export function ssquare_relu_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, add_square_slope(v128.load(dx), v128.load(dy), v128.load(x)));
  }
  if (n > 0) store_tail(dx, add_square_slope(load_tail(dx, n), load_tail(dy, n), load_tail(x, n)), n);
}

/** pmax keeps its first argument when that is NaN. */
function relu(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

function square_relu(x: v128): v128 {
  return f32x4.mul(relu(x), relu(x));
}

function add_where_positive(dx: v128, dy: v128, x: v128): v128 {
  return f32x4.add(dx, v128.and(dy, f32x4.gt(x, f32x4.splat(0))));
}

function add_square_slope(dx: v128, dy: v128, x: v128): v128 {
  return madd(dy, f32x4.add(relu(x), relu(x)), dx);
}

/** Phi + x phi, phi = e / sqrt(2 pi). */
function gelu_slope(x: v128, e: v128, distribution: v128): v128 {
  return madd(f32x4.mul(x, e), f32x4.splat(NORMAL_DENSITY), distribution);
}

/** e^(-x^2 / 2). */
function normal_exponential(x: v128): v128 {
  return exp_nonpositive(f32x4.mul(f32x4.splat(-0.5), f32x4.mul(x, x)));
}

/**
 * Phi(x) from e = e^(-x^2/2): the lower tail is e m(|x|), so it keeps its relative accuracy (1e-6) for negative x, where
 * 1 + erf cancels; and the gradient takes the same e. Positive x gets one minus its tail.
 */
function normal_distribution(x: v128, e: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, madd(f32x4.abs(x), f32x4.splat(0.3), one));
  const tail = f32x4.mul(f32x4.mul(e, t), mills_ratio(t));
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}

/**
 * Phi(-a) e^(a^2/2) / t as a polynomial in t = 1 / (1 + 0.3 a) for a in [0, 13.5], relative error 1.3e-7: a minimax fit of our
 * own in the form of Hastings 1955. At a = 13.2 and beyond e is 0.
 */
function mills_ratio(t: v128): v128 {
  let m = madd(f32x4.splat(0.0359320441), t, f32x4.splat(-0.158277176));
  m = madd(m, t, f32x4.splat(0.208208446));
  m = madd(m, t, f32x4.splat(-0.0553953779));
  m = madd(m, t, f32x4.splat(0.12946993));
  m = madd(m, t, f32x4.splat(0.0996372948));
  m = madd(m, t, f32x4.splat(0.120798387));
  return madd(m, t, f32x4.splat(0.119626388));
}

/** 1 / (1 + e^-x): no cancellation on either side. */
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** (1 + tanh u) / 2 = sigmoid(2u), which keeps its relative accuracy for very negative u. */
function gelu_tanh_gate(x: v128): v128 {
  const cubic = madd(f32x4.splat(TANH_CUBIC), f32x4.mul(x, x), f32x4.splat(TANH_SCALE));
  return sigmoid(f32x4.mul(x, cubic));
}

function gelu_tanh(x: v128): v128 {
  return f32x4.mul(x, gelu_tanh_gate(x));
}

function gelu_tanh_slope(x: v128, gate: v128): v128 {
  const du = madd(f32x4.splat(3 * TANH_CUBIC), f32x4.mul(x, x), f32x4.splat(TANH_SCALE));
  const spread = f32x4.mul(gate, f32x4.sub(f32x4.splat(1), gate));
  return madd(f32x4.mul(x, spread), du, gate);
}

function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x));
}

function silu_slope(x: v128): v128 {
  const s = sigmoid(x);
  return madd(f32x4.mul(x, s), f32x4.sub(f32x4.splat(1), s), s);
}
