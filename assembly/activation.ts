// Activation functions and their gradients. y = f(x) and dx += dy f'(x), all [n]; y may alias x, dx may alias dy.
import { erf, exp, exp_nonpositive } from "./math";
import { load_tail, madd, store_tail } from "./simd";

const SQRT_HALF: f32 = 0.70710678;
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
    v128.store(dx, f32x4.add(v128.load(dx), where_positive(v128.load(dy), v128.load(x))));
  }
  if (n > 0) {
    store_tail(dx, f32x4.add(load_tail(dx, n), where_positive(load_tail(dy, n), load_tail(x, n))), n);
  }
}

/** x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
export function sgelu(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, gelu(v128.load(x)));
  if (n > 0) store_tail(y, gelu(load_tail(x, n)), n);
}

/** dx += dy (Phi(x) + x phi(x)). */
export function sgelu_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, madd(v128.load(dy), gelu_slope(v128.load(x)), v128.load(dx)));
  }
  if (n > 0) store_tail(dx, madd(load_tail(dy, n), gelu_slope(load_tail(x, n)), load_tail(dx, n)), n);
}

/** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), GPT-2's GELU. */
export function sgelu_tanh(y: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, gelu_tanh(v128.load(x)));
  if (n > 0) store_tail(y, gelu_tanh(load_tail(x, n)), n);
}

/** dx += dy times the exact derivative of sgelu_tanh. */
export function sgelu_tanh_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, madd(v128.load(dy), gelu_tanh_slope(v128.load(x)), v128.load(dx)));
  }
  if (n > 0) store_tail(dx, madd(load_tail(dy, n), gelu_tanh_slope(load_tail(x, n)), load_tail(dx, n)), n);
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
  const two = f32x4.splat(2);
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, madd(v128.load(dy), f32x4.mul(two, relu(v128.load(x))), v128.load(dx)));
  }
  if (n > 0)
    store_tail(dx, madd(load_tail(dy, n), f32x4.mul(two, relu(load_tail(x, n))), load_tail(dx, n)), n);
}

/** pmax keeps its first argument when that is NaN. */
function relu(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

function square_relu(x: v128): v128 {
  return f32x4.mul(relu(x), relu(x));
}

function where_positive(dy: v128, x: v128): v128 {
  return v128.and(dy, f32x4.gt(x, f32x4.splat(0)));
}

/** Phi(x) = (1 + erf(x / sqrt 2)) / 2. */
function normal_distribution(x: v128): v128 {
  const half = f32x4.splat(0.5);
  return madd(half, erf(f32x4.mul(x, f32x4.splat(SQRT_HALF))), half);
}

function gelu(x: v128): v128 {
  return f32x4.mul(x, normal_distribution(x));
}

function gelu_slope(x: v128): v128 {
  const density = f32x4.mul(
    f32x4.splat(NORMAL_DENSITY),
    exp_nonpositive(f32x4.mul(f32x4.splat(-0.5), f32x4.mul(x, x))),
  );
  return madd(x, density, normal_distribution(x));
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

function gelu_tanh_slope(x: v128): v128 {
  const gate = gelu_tanh_gate(x);
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
