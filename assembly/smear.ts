// Smeared keys (Olsson et al. 2022, arXiv:2209.11895): each key is mixed with the one before it.
import { hsum, load_tail, madd, store_tail } from "./simd";

/**
 * y_0 = x_0; y_t = gate x_t + (1 - gate) x_(t-1), a gate for each head. x: [rows >= tokens, heads, dim], y: [tokens, heads, dim],
 * gates: [heads]. No aliasing.
 */
export function ssmear(y: usize, x: usize, gates: usize, tokens: i32, heads: i32, dim: i32): void {
  const dim_bytes: usize = dim << 2;
  const token_bytes = <usize>heads * dim_bytes;
  if (tokens > 0) memory.copy(y, x, token_bytes);
  for (let t = 1; t < tokens; t++) {
    y += token_bytes;
    x += token_bytes;
    for (let h = 0; h < heads; h++) {
      const gate = load<f32>(gates + (h << 2));
      const o = <usize>h * dim_bytes;
      mix(y + o, x + o, x + o - token_bytes, gate, dim);
    }
  }
}

/** dx += and dgates += what dy, shaped like y of ssmear, implies; each of both may be 0 where it is not wanted. */
export function ssmear_grad(
  dx: usize,
  dgates: usize,
  dy: usize,
  x: usize,
  gates: usize,
  tokens: i32,
  heads: i32,
  dim: i32,
): void {
  const dim_bytes: usize = dim << 2;
  const token_bytes = <usize>heads * dim_bytes;
  for (let t = 0; t < tokens; t++) {
    for (let h = 0; h < heads; h++) {
      const o = <usize>t * token_bytes + <usize>h * dim_bytes;
      const gate: f32 = t === 0 ? 1 : load<f32>(gates + (h << 2));
      if (dx !== 0) {
        add_scaled(dx + o, dy + o, gate, dim);
        if (t > 0) add_scaled(dx + o - token_bytes, dy + o, 1 - gate, dim);
      }
      if (dgates !== 0 && t > 0) {
        const at = dgates + (h << 2);
        store<f32>(at, load<f32>(at) + dot_difference(dy + o, x + o, x + o - token_bytes, dim));
      }
    }
  }
}

/** y = gate a + (1 - gate) b. */
function mix(y: usize, a: usize, b: usize, gate: f32, n: i32): void {
  const g = f32x4.splat(gate);
  const rest = f32x4.splat(1 - gate);
  for (; n >= 4; n -= 4, y += 16, a += 16, b += 16) {
    v128.store(y, madd(g, v128.load(a), f32x4.mul(rest, v128.load(b))));
  }
  if (n > 0) store_tail(y, madd(g, load_tail(a, n), f32x4.mul(rest, load_tail(b, n))), n);
}

function add_scaled(y: usize, x: usize, factor: f32, n: i32): void {
  const f = f32x4.splat(factor);
  for (; n >= 4; n -= 4, y += 16, x += 16) v128.store(y, madd(f, v128.load(x), v128.load(y)));
  if (n > 0) store_tail(y, madd(f, load_tail(x, n), load_tail(y, n)), n);
}

/** sum of dy (a - b). */
function dot_difference(dy: usize, a: usize, b: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (; n >= 4; n -= 4, dy += 16, a += 16, b += 16) {
    s = madd(v128.load(dy), f32x4.sub(v128.load(a), v128.load(b)), s);
  }
  if (n > 0) s = madd(load_tail(dy, n), f32x4.sub(load_tail(a, n), load_tail(b, n)), s);
  return hsum(s);
}
