import { madd } from "./simd";
/** y += alpha x. */
export function saxpy(y: usize, x: usize, alpha: f32, n: i32): void {
  const a = f32x4.splat(alpha);
  for (let i = 0; i + 4 <= n; i += 4) v128.store(y + (i << 2), madd(a, v128.load(x + (i << 2)), v128.load(y + (i << 2))));
}
