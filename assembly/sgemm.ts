// Matrix product with general strides: C = alpha A B + beta C.
import { madd } from "./simd";

/** Bytes of workspace that sgemm and sgemm_batched need for these dims. */
export function sgemm_workspace_bytes(m: i32, n: i32, k: i32): i32 {
  return ((n + 3) & ~3) << 2;
}

/** C [m, n] = alpha A [m, k] B [k, n] + beta C; strides in elements, columns of C are adjacent. C is not read when beta is 0. */
export function sgemm(
  c: usize,
  a: usize,
  b: usize,
  work: usize,
  m: i32,
  n: i32,
  k: i32,
  c_rs: i32,
  a_rs: i32,
  a_cs: i32,
  b_rs: i32,
  b_cs: i32,
  alpha: f32,
  beta: f32,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) store<f32>(work + (j << 2), 0);
    for (let p = 0; p < k; p++) {
      const x = load<f32>(a + ((<usize>(i * a_rs + p * a_cs)) << 2));
      const row = b + ((<usize>(p * b_rs)) << 2);
      if (b_cs == 1) {
        const xs = f32x4.splat(x);
        let j = 0;
        for (; j + 4 <= n; j += 4) v128.store(work + (j << 2), madd(xs, v128.load(row + (j << 2)), v128.load(work + (j << 2))));
        for (; j < n; j++) store<f32>(work + (j << 2), load<f32>(work + (j << 2)) + x * load<f32>(row + (j << 2)));
      } else {
        for (let j = 0; j < n; j++) {
          store<f32>(work + (j << 2), load<f32>(work + (j << 2)) + x * load<f32>(row + ((<usize>(j * b_cs)) << 2)));
        }
      }
    }
    const out = c + ((<usize>(i * c_rs)) << 2);
    for (let j = 0; j < n; j++) {
      const x = alpha * load<f32>(work + (j << 2));
      store<f32>(out + (j << 2), beta == 0 ? x : x + beta * load<f32>(out + (j << 2)));
    }
  }
}

/** `batch` products of one shape; the batch strides may be 0. */
export function sgemm_batched(
  c: usize,
  a: usize,
  b: usize,
  work: usize,
  batch: i32,
  m: i32,
  n: i32,
  k: i32,
  c_bs: i32,
  a_bs: i32,
  b_bs: i32,
  c_rs: i32,
  a_rs: i32,
  a_cs: i32,
  b_rs: i32,
  b_cs: i32,
  alpha: f32,
  beta: f32,
): void {
  for (let i = 0; i < batch; i++) {
    sgemm(c, a, b, work, m, n, k, c_rs, a_rs, a_cs, b_rs, b_cs, alpha, beta);
    c += (<usize>c_bs) << 2;
    a += (<usize>a_bs) << 2;
    b += (<usize>b_bs) << 2;
  }
}
