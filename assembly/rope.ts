// Rotary position embedding (Su et al. 2021, arXiv:2104.09864) in the half-split pairing of Llama and GPT-NeoX:
// dimension j turns with j + rotary/2. x, y: [batch, tokens, heads, dim]; cos, sin: [tokens, rotary/2]; rotary is even, <= dim.
import { load_tail, madd, nmadd, store_tail } from "./simd";

/** y_j = x_j cos - x_k sin, y_k = x_k cos + x_j sin for k = j + rotary/2; dims from rotary on are copied. y may alias x. */
export function srope(
  y: usize,
  x: usize,
  cos: usize,
  sin: usize,
  batch: i32,
  tokens: i32,
  heads: i32,
  dim: i32,
  rotary: i32,
): void {
  const half = rotary >> 1;
  const half_bytes: usize = half << 2;
  const dim_bytes: usize = dim << 2;
  const rest_bytes: usize = (dim - rotary) << 2;
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < tokens; t++) {
      const c = cos + <usize>t * half_bytes;
      const s = sin + <usize>t * half_bytes;
      for (let h = 0; h < heads; h++, y += dim_bytes, x += dim_bytes) {
        rotate(y, x, c, s, half);
        if (y !== x) memory.copy(y + 2 * half_bytes, x + 2 * half_bytes, rest_bytes);
      }
    }
  }
}

/** dx += the inverse rotation of dy; dims from rotary on are added as they are. */
export function srope_grad(
  dx: usize,
  dy: usize,
  cos: usize,
  sin: usize,
  batch: i32,
  tokens: i32,
  heads: i32,
  dim: i32,
  rotary: i32,
): void {
  const half = rotary >> 1;
  const half_bytes: usize = half << 2;
  const dim_bytes: usize = dim << 2;
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < tokens; t++) {
      const c = cos + <usize>t * half_bytes;
      const s = sin + <usize>t * half_bytes;
      for (let h = 0; h < heads; h++, dx += dim_bytes, dy += dim_bytes) {
        rotate_back(dx, dy, c, s, half);
        for (let j = rotary; j < dim; j++) {
          const o: usize = j << 2;
          store<f32>(dx + o, load<f32>(dx + o) + load<f32>(dy + o));
        }
      }
    }
  }
}

/** One head of one token. Both halves are read before either is written. */
function rotate(y: usize, x: usize, cos: usize, sin: usize, half: i32): void {
  const k: usize = half << 2;
  let n = half;
  for (; n >= 4; n -= 4, y += 16, x += 16, cos += 16, sin += 16) {
    const c = v128.load(cos);
    const s = v128.load(sin);
    const x0 = v128.load(x);
    const x1 = v128.load(x + k);
    v128.store(y, nmadd(x1, s, f32x4.mul(x0, c)));
    v128.store(y + k, madd(x0, s, f32x4.mul(x1, c)));
  }
  if (n === 0) return;
  const c = load_tail(cos, n);
  const s = load_tail(sin, n);
  const x0 = load_tail(x, n);
  const x1 = load_tail(x + k, n);
  store_tail(y, nmadd(x1, s, f32x4.mul(x0, c)), n);
  store_tail(y + k, madd(x0, s, f32x4.mul(x1, c)), n);
}

function rotate_back(dx: usize, dy: usize, cos: usize, sin: usize, half: i32): void {
  const k: usize = half << 2;
  let n = half;
  for (; n >= 4; n -= 4, dx += 16, dy += 16, cos += 16, sin += 16) {
    const c = v128.load(cos);
    const s = v128.load(sin);
    const d0 = v128.load(dy);
    const d1 = v128.load(dy + k);
    v128.store(dx, f32x4.add(v128.load(dx), madd(d1, s, f32x4.mul(d0, c))));
    v128.store(dx + k, f32x4.add(v128.load(dx + k), nmadd(d0, s, f32x4.mul(d1, c))));
  }
  if (n === 0) return;
  const c = load_tail(cos, n);
  const s = load_tail(sin, n);
  const d0 = load_tail(dy, n);
  const d1 = load_tail(dy + k, n);
  store_tail(dx, f32x4.add(load_tail(dx, n), madd(d1, s, f32x4.mul(d0, c))), n);
  store_tail(dx + k, f32x4.add(load_tail(dx + k, n), nmadd(d0, s, f32x4.mul(d1, c))), n);
}
