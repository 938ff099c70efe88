// Products with few rows: no packing, B is read once as it lies. Same bits as the packed product.
import { load_tail, madd, store_tail } from "./simd";

/** Columns that are summed at once: the running rows of C stay in the L1 cache. */
const STRIP: i32 = 512;

/** Bytes of workspace of sgemv_rows. */
export function sgemv_workspace_bytes(m: i32, n: i32): i32 {
  return (m * min(n, STRIP)) << 2;
}

/**
 * C [m, n] = alpha A B + beta C for few rows m, like sgemm but with any column stride of C; either the rows of B are contiguous
 * (b_cs = 1) or its columns (b_rs = 1). depth: length of the runs of k that are summed from zero.
 */
export function sgemv_rows(
  c: usize,
  a: usize,
  b: usize,
  work: usize,
  m: i32,
  n: i32,
  k: i32,
  depth: i32,
  c_rs: i32,
  c_cs: i32,
  a_rs: i32,
  a_cs: i32,
  b_rs: i32,
  b_cs: i32,
  alpha: f32,
  beta: f32,
): void {
  for (let j = 0; j < n; j += STRIP) {
    const columns = min(n - j, STRIP);
    let p = 0;
    do {
      const run = min(k - p, depth);
      const from = b + ((<usize>(p * b_rs + j * b_cs)) << 2);
      const left = a + ((<usize>(p * a_cs)) << 2);
      if (b_cs === 1) add_rows(work, left, from, m, columns, run, a_rs, a_cs, b_rs, alpha);
      else add_columns(work, left, from, m, columns, run, a_rs, a_cs, b_cs, alpha);
      const factor: f32 = p ? 1 : beta;
      for (let i = 0; i < m; i++) {
        const to = c + ((<usize>(i * c_rs + j * c_cs)) << 2);
        merge_row(to, (<usize>c_cs) << 2, work + ((<usize>(i * columns)) << 2), columns, factor);
      }
      p += run;
    } while (p < k);
  }
}

/** sums [m, n] = alpha A B with contiguous rows of B: four of them at a time are added to every row of sums. */
function add_rows(
  sums: usize,
  a: usize,
  b: usize,
  m: i32,
  n: i32,
  k: i32,
  a_rs: i32,
  a_cs: i32,
  b_rs: i32,
  alpha: f32,
): void {
  memory.fill(sums, 0, (<usize>(m * n)) << 2);
  const step = (<usize>b_rs) << 2;
  const next = (<usize>a_cs) << 2;
  for (; k >= 4; k -= 4) {
    for (let i = 0; i < m; i++) {
      const left = a + ((<usize>(i * a_rs)) << 2);
      const x0 = f32x4.splat(alpha * load<f32>(left));
      const x1 = f32x4.splat(alpha * load<f32>(left + next));
      const x2 = f32x4.splat(alpha * load<f32>(left + 2 * next));
      const x3 = f32x4.splat(alpha * load<f32>(left + 3 * next));
      let to = sums + ((<usize>(i * n)) << 2);
      let b0 = b;
      let b1 = b + step;
      let b2 = b1 + step;
      let b3 = b2 + step;
      let j = n;
      for (; j >= 4; j -= 4) {
        let sum = madd(x0, v128.load(b0), v128.load(to));
        sum = madd(x1, v128.load(b1), sum);
        sum = madd(x2, v128.load(b2), sum);
        v128.store(to, madd(x3, v128.load(b3), sum));
        to += 16;
        b0 += 16;
        b1 += 16;
        b2 += 16;
        b3 += 16;
      }
      if (j > 0) {
        let sum = madd(x0, load_tail(b0, j), load_tail(to, j));
        sum = madd(x1, load_tail(b1, j), sum);
        sum = madd(x2, load_tail(b2, j), sum);
        store_tail(to, madd(x3, load_tail(b3, j), sum), j);
      }
    }
    a += next << 2;
    b += step << 2;
  }
  for (; k > 0; k--) {
    for (let i = 0; i < m; i++) {
      const x = f32x4.splat(alpha * load<f32>(a + ((<usize>(i * a_rs)) << 2)));
      let to = sums + ((<usize>(i * n)) << 2);
      let from = b;
      let j = n;
      for (; j >= 4; j -= 4) {
        v128.store(to, madd(x, v128.load(from), v128.load(to)));
        to += 16;
        from += 16;
      }
      if (j > 0) store_tail(to, madd(x, load_tail(from, j), load_tail(to, j)), j);
    }
    a += next;
    b += step;
  }
}

/** sums [m, n] = alpha A B with contiguous columns of B: 16 columns at a time, transposed in registers. */
function add_columns(
  sums: usize,
  a: usize,
  b: usize,
  m: i32,
  n: i32,
  k: i32,
  a_rs: i32,
  a_cs: i32,
  b_cs: i32,
  alpha: f32,
): void {
  const line = (<usize>b_cs) << 2;
  const next = (<usize>a_cs) << 2;
  for (let i = 0; i < m; i++) {
    const left = a + ((<usize>(i * a_rs)) << 2);
    let to = sums + ((<usize>(i * n)) << 2);
    let from = b;
    let j = n;
    for (; j >= 16; j -= 16) {
      add_sixteen(to, left, from, k, next, line, alpha);
      to += 64;
      from += line << 4;
    }
    for (; j > 0; j--) {
      let x = left;
      let sum = f32x4.splat(0);
      for (let p = 0; p < k; p++) {
        sum = madd(f32x4.splat(alpha * load<f32>(x)), v128.load32_zero(from + ((<usize>p) << 2)), sum);
        x += next;
      }
      v128.store32_lane(to, sum, 0);
      to += 4;
      from += line;
    }
  }
}

function add_sixteen(to: usize, a: usize, b: usize, k: i32, next: usize, line: usize, alpha: f32): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  const four = line << 2;
  for (; k >= 4; k -= 4) {
    const x0 = f32x4.splat(alpha * load<f32>(a));
    const x1 = f32x4.splat(alpha * load<f32>(a + next));
    const x2 = f32x4.splat(alpha * load<f32>(a + 2 * next));
    const x3 = f32x4.splat(alpha * load<f32>(a + 3 * next));
    s0 = add_four(s0, b, line, x0, x1, x2, x3);
    s1 = add_four(s1, b + four, line, x0, x1, x2, x3);
    s2 = add_four(s2, b + 2 * four, line, x0, x1, x2, x3);
    s3 = add_four(s3, b + 3 * four, line, x0, x1, x2, x3);
    a += next << 2;
    b += 16;
  }
  for (; k > 0; k--) {
    const x = f32x4.splat(alpha * load<f32>(a));
    s0 = madd(x, gather(b, line), s0);
    s1 = madd(x, gather(b + four, line), s1);
    s2 = madd(x, gather(b + 2 * four, line), s2);
    s3 = madd(x, gather(b + 3 * four, line), s3);
    a += next;
    b += 4;
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
}

/** sum + x0 B[0] + x1 B[1] + x2 B[2] + x3 B[3], where columns of B are `line` bytes apart. */
function add_four(sum: v128, b: usize, line: usize, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const y0 = v128.load(b);
  const y1 = v128.load(b + line);
  const y2 = v128.load(b + 2 * line);
  const y3 = v128.load(b + 3 * line);
  const low01 = v128.shuffle<f32>(y0, y1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(y2, y3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(y0, y1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(y2, y3, 2, 6, 3, 7);
  sum = madd(x0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  sum = madd(x1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
  sum = madd(x2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
  return madd(x3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
}

/** One float of each of four columns. */
function gather(b: usize, line: usize): v128 {
  let x = v128.load32_zero(b);
  x = f32x4.replace_lane(x, 1, load<f32>(b + line));
  x = f32x4.replace_lane(x, 2, load<f32>(b + 2 * line));
  return f32x4.replace_lane(x, 3, load<f32>(b + 3 * line));
}

/** c = x + factor c; c is not read when factor is 0. step: bytes between elements of c. */
function merge_row(c: usize, step: usize, x: usize, n: i32, factor: f32): void {
  if (step === 4 && factor === 0) {
    memory.copy(c, x, (<usize>n) << 2);
    return;
  }
  const factors = f32x4.splat(factor);
  for (; n > 0; n--) {
    const y = v128.load32_zero(x);
    v128.store32_lane(c, factor === 0 ? y : madd(factors, v128.load32_zero(c), y), 0);
    c += step;
    x += 4;
  }
}
