// Activations by the logistic function: SiLU and GPT-2's GELU, and their gradients.
// y = f(x) and dx += dy f'(x), all [n]; y may alias x, dx may alias dy.
//
// Cycles per vector, Node 24, fast, 768 x 512, interleaved:   SiLU   gradient   GELU   gradient
//   literal constants, 1 / (1 + e^-x)                         16.8       19.4   18.9       25.2
//   constants in memory, e^-|x|                                8.2       11.4   11.0       15.7
//   a loop for whole vectors, the remainder apart: 1.05 x at most, for twice the code
import { EXP2, exp2 } from "./exp";
import { load_upto, madd, select, store_upto } from "./simd";

const TABLE: usize = memory.data<f32>([
  1,
  -1.44269504, // -1 / ln 2
  1.5957691, // 2 sqrt(2 / pi), the tanh form's argument doubled
  0.071354816, // 0.044715 times that
  0.21406445, // and three times that
]);

/** x sigmoid(x), also called swish. */
export function ssilu(y: usize, x: usize, n: i32): void {
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  for (; n > 0; n -= 4, x += 16, y += 16) {
    const x0 = load_upto(x, n);
    const e = exp2(exponent(x0), lowest, rounder, c5, c4, c3, c2, c1);
    store_upto(y, f32x4.mul(x0, sigmoid(x0, e)), n);
  }
}

/** dx += dy (s + x s (1 - s)), s = sigmoid(x). */
export function ssilu_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  for (; n > 0; n -= 4, x += 16, dy += 16, dx += 16) {
    const x0 = load_upto(x, n);
    const s = sigmoid(x0, exp2(exponent(x0), lowest, rounder, c5, c4, c3, c2, c1));
    const slope = madd(f32x4.mul(x0, s), f32x4.sub(v128.load32_splat(TABLE), s), s);
    store_upto(dx, madd(load_upto(dy, n), slope, load_upto(dx, n)), n);
  }
}

/**
 * x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), GPT-2's GELU: (1 + tanh u) / 2 = sigmoid(2u), which keeps its relative accuracy
 * for very negative u.
 */
export function sgelu_tanh(y: usize, x: usize, n: i32): void {
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  for (; n > 0; n -= 4, x += 16, y += 16) {
    const x0 = load_upto(x, n);
    const u = gelu_argument(x0);
    const e = exp2(exponent(u), lowest, rounder, c5, c4, c3, c2, c1);
    store_upto(y, f32x4.mul(x0, sigmoid(u, e)), n);
  }
}

/** dx += dy times the exact derivative of sgelu_tanh. */
export function sgelu_tanh_grad(dx: usize, dy: usize, x: usize, n: i32): void {
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  for (; n > 0; n -= 4, x += 16, dy += 16, dx += 16) {
    const x0 = load_upto(x, n);
    const u = gelu_argument(x0);
    const gate = sigmoid(u, exp2(exponent(u), lowest, rounder, c5, c4, c3, c2, c1));
    const du = madd(v128.load32_splat(TABLE, 16), f32x4.mul(x0, x0), v128.load32_splat(TABLE, 8));
    const spread = f32x4.mul(gate, f32x4.sub(v128.load32_splat(TABLE), gate));
    const slope = madd(f32x4.mul(x0, spread), du, gate);
    store_upto(dx, madd(load_upto(dy, n), slope, load_upto(dx, n)), n);
  }
}

/** -|x| / ln 2. */
function exponent(x: v128): v128 {
  return f32x4.mul(f32x4.abs(x), v128.load32_splat(TABLE, 4));
}

/** 1 / (1 + e^-x) from e = e^-|x|: e / (1 + e) for negative x. No cancellation and no overflow on either side. */
function sigmoid(x: v128, e: v128): v128 {
  const one = v128.load32_splat(TABLE);
  return f32x4.div(select(e, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, e));
}

function gelu_argument(x: v128): v128 {
  return f32x4.mul(x, madd(v128.load32_splat(TABLE, 12), f32x4.mul(x, x), v128.load32_splat(TABLE, 8)));
}
