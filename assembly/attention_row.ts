// Row helpers of the attention kernels: dot products, axpy, exp of one number, and which sources a row sees.
import { hsum, madd } from "./simd";

/** Sources that row i sees: j <= i + (sources - tokens) when causal. */
export function visible_sources(i: i32, tokens: i32, sources: i32, causal: i32): i32 {
  return causal ? max(0, min(sources, i + sources - tokens + 1)) : sources;
}

export function dot(x: usize, y: usize, n: i32): f32 {
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) sums = madd(v128.load(x + (i << 2)), v128.load(y + (i << 2)), sums);
  let sum = hsum(sums);
  for (; i < n; i++) sum += load<f32>(x + (i << 2)) * load<f32>(y + (i << 2));
  return sum;
}

/** y += alpha x. */
export function axpy(y: usize, x: usize, alpha: f32, n: i32): void {
  const a = f32x4.splat(alpha);
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (i << 2), madd(a, v128.load(x + (i << 2)), v128.load(y + (i << 2))));
  for (; i < n; i++) store<f32>(y + (i << 2), load<f32>(y + (i << 2)) + alpha * load<f32>(x + (i << 2)));
}
