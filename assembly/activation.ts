// Rectifiers and their gradients. y = f(x) and dx += dy f'(x), all [n]; y may alias x, dx may alias dy.
import { load_tail, madd, store_tail } from "./simd";

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
