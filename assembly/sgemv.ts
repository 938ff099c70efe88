// Products with few rows: no packing, B is read once as it lies. Same bits as the packed product.
import { load_tail, madd, store_tail } from "./simd";

/** Columns that are summed at once: the running rows of C stay in the L1 cache. */
const STRIP: i32 = 8192;
/** Columns of B that are read side by side where columns are contiguous. */
const GROUP: i32 = 16;
/** From this many elements on, B is taken for a stranger to the caches: its rows are read one after the other. */
const STREAMED: i32 = 1 << 19;
const PAGE_BYTES: usize = 4096;

/** Bytes of workspace of sgemv_rows: the sums, placed within a page, and alpha A. */
export function sgemv_workspace_bytes(m: i32, n: i32, k: i32): i32 {
  return <i32>PAGE_BYTES + ((m * (min(n, STRIP) + k)) << 2);
}

/**
 * C [m, n] = alpha A B + beta C for few rows m, like sgemm but with any column stride of C; either the rows of B are contiguous
 * (b_cs = 1) or its columns (b_rs = 1). depth: length of the runs of k that are summed from zero.
 *
 * GB/s of B, one row, Node 24 fast / Node 20 fast; all lines of a column interleaved in one quiet run per version (AMD EPYC, Zen 5;
 * the memory's speed drifts from run to run, compare with `reading`: a sum in twelve accumulators over the same bytes).
 *                                              768 x 768    768 x 3072   2304 x 768   128 x 512   columns of 768
 *                                        80 of them, from memory      in the L3 cache      in L2      from memory
 *   reading                                   23 / 21        23 / 16      74 / 73       101 / 80        25 / 24
 *   four rows of B, a vector at a time        14 / 12        15 /  9      50 / 42        66 / 57        18 / 11
 *   large B: one row, the whole width         23 / 22        24 / 19      41 / 38        60 / 36        19 / 11
 * A large matrix is read at the speed of memory only as one long stream: with two, three, four or eight rows side by side 15 to 17.
 * Below STREAMED four rows stay. Did not help: touching the next rows ahead of time (12 where 15 without), eight rows at once (56
 * where 78 in L2), 24 or 32 columns at once (the sums spill: 36 where 44 in L3), touching 16 columns before they are multiplied.
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
  const left = work;
  scale_rows(left, a, m, k, a_rs, a_cs, alpha);
  work += (<usize>(m * k)) << 2;
  // Half a page away from B: a store and a load that agree in the last 12 bits of their addresses wait for each other.
  const sums = work + ((b + PAGE_BYTES / 2 - work) & (PAGE_BYTES - 16));
  const strip = b_cs === 1 ? STRIP : GROUP;
  const group = n * k >= STREAMED ? 1 : 4;
  for (let j = 0; j < n; j += strip) {
    const columns = min(n - j, strip);
    let p = 0;
    do {
      const run = min(k - p, depth);
      const x = left + ((<usize>p) << 2);
      const from = b + ((<usize>(p * b_rs + j * b_cs)) << 2);
      if (b_cs === 1) add_rows(sums, x, from, m, columns, run, k, b_rs, group);
      else add_columns(sums, x, from, m, columns, run, k, b_cs);
      for (let i = 0; i < m; i++) {
        const to = c + ((<usize>(i * c_rs + j * c_cs)) << 2);
        merge_row(to, (<usize>c_cs) << 2, sums + ((<usize>(i * columns)) << 2), columns, p ? 1 : beta);
      }
      p += run;
    } while (p < k);
  }
}

/** to [m, k] = alpha A, its rows one after the other. */
function scale_rows(to: usize, a: usize, m: i32, k: i32, a_rs: i32, a_cs: i32, alpha: f32): void {
  const factor = f32x4.splat(alpha);
  const step = (<usize>a_cs) << 2;
  for (let i = 0; i < m; i++) {
    let from = a + ((<usize>(i * a_rs)) << 2);
    let p = k;
    if (a_cs === 1)
      for (; p >= 4; p -= 4, to += 16, from += 16) v128.store(to, f32x4.mul(factor, v128.load(from)));
    for (; p > 0; p--, to += 4, from += step) store<f32>(to, alpha * load<f32>(from));
  }
}

/** y [m, n] = x [m, k] B with contiguous rows; `group` of them at a time are added to every row of y. x_rs: from row to row of x. */
function add_rows(
  y: usize,
  x: usize,
  b: usize,
  m: i32,
  n: i32,
  k: i32,
  x_rs: i32,
  b_rs: i32,
  group: i32,
): void {
  memory.fill(y, 0, (<usize>(m * n)) << 2);
  const step = (<usize>b_rs) << 2;
  for (let p = 0; p < k; ) {
    const four = group === 4 && p + 4 <= k;
    for (let i = 0; i < m; i++) {
      const to = y + ((<usize>(i * n)) << 2);
      const factors = x + ((<usize>(i * x_rs + p)) << 2);
      if (four) add_four_rows(to, factors, b, n, step);
      else add_row(to, factors, b, n);
    }
    const taken = four ? 4 : 1;
    p += taken;
    b += step * taken;
  }
}

/** y [n] += x[0] b. */
function add_row(y: usize, x: usize, b: usize, n: i32): void {
  const x0 = v128.load32_splat(x);
  for (; n >= 16; n -= 16, y += 64, b += 64) {
    const s0 = madd(x0, v128.load(b), v128.load(y));
    const s1 = madd(x0, v128.load(b, 16), v128.load(y, 16));
    const s2 = madd(x0, v128.load(b, 32), v128.load(y, 32));
    const s3 = madd(x0, v128.load(b, 48), v128.load(y, 48));
    v128.store(y, s0);
    v128.store(y, s1, 16);
    v128.store(y, s2, 32);
    v128.store(y, s3, 48);
  }
  for (; n >= 4; n -= 4, y += 16, b += 16) v128.store(y, madd(x0, v128.load(b), v128.load(y)));
  if (n > 0) store_tail(y, madd(x0, load_tail(b, n), load_tail(y, n)), n);
}

/** y [n] += x[0] B[0] + x[1] B[1] + x[2] B[2] + x[3] B[3], where rows of B are `step` bytes apart. */
function add_four_rows(y: usize, x: usize, b0: usize, n: i32, step: usize): void {
  const x0 = v128.load32_splat(x);
  const x1 = v128.load32_splat(x, 4);
  const x2 = v128.load32_splat(x, 8);
  const x3 = v128.load32_splat(x, 12);
  let b1 = b0 + step;
  let b2 = b1 + step;
  let b3 = b2 + step;
  for (; n >= 16; n -= 16) {
    let s0 = madd(x0, v128.load(b0), v128.load(y));
    let s1 = madd(x0, v128.load(b0, 16), v128.load(y, 16));
    let s2 = madd(x0, v128.load(b0, 32), v128.load(y, 32));
    let s3 = madd(x0, v128.load(b0, 48), v128.load(y, 48));
    s0 = madd(x1, v128.load(b1), s0);
    s1 = madd(x1, v128.load(b1, 16), s1);
    s2 = madd(x1, v128.load(b1, 32), s2);
    s3 = madd(x1, v128.load(b1, 48), s3);
    s0 = madd(x2, v128.load(b2), s0);
    s1 = madd(x2, v128.load(b2, 16), s1);
    s2 = madd(x2, v128.load(b2, 32), s2);
    s3 = madd(x2, v128.load(b2, 48), s3);
    v128.store(y, madd(x3, v128.load(b3), s0));
    v128.store(y, madd(x3, v128.load(b3, 16), s1), 16);
    v128.store(y, madd(x3, v128.load(b3, 32), s2), 32);
    v128.store(y, madd(x3, v128.load(b3, 48), s3), 48);
    y += 64;
    b0 += 64;
    b1 += 64;
    b2 += 64;
    b3 += 64;
  }
  for (; n >= 4; n -= 4) {
    let sum = madd(x0, v128.load(b0), v128.load(y));
    sum = madd(x1, v128.load(b1), sum);
    sum = madd(x2, v128.load(b2), sum);
    v128.store(y, madd(x3, v128.load(b3), sum));
    y += 16;
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
  }
  if (n === 0) return;
  let sum = madd(x0, load_tail(b0, n), load_tail(y, n));
  sum = madd(x1, load_tail(b1, n), sum);
  sum = madd(x2, load_tail(b2, n), sum);
  store_tail(y, madd(x3, load_tail(b3, n), sum), n);
}

/** y [m, n] = x [m, k] B with contiguous columns: 16 columns at once, transposed in registers. x_rs: from row to row of x. */
function add_columns(y: usize, x: usize, b: usize, m: i32, n: i32, k: i32, x_rs: i32, b_cs: i32): void {
  const line = (<usize>b_cs) << 2;
  for (let i = 0; i < m; i++, x += (<usize>x_rs) << 2) {
    if (n === GROUP) {
      add_sixteen(y, x, b, k, line);
      y += 64;
      continue;
    }
    let from = b;
    for (let j = 0; j < n; j++, y += 4, from += line) {
      let sum = f32x4.splat(0);
      for (let p: usize = 0; p < (<usize>k) << 2; p += 4) {
        sum = madd(v128.load32_splat(x + p), v128.load32_zero(from + p), sum);
      }
      v128.store32_lane(y, sum, 0);
    }
  }
}

function add_sixteen(to: usize, x: usize, b: usize, k: i32, line: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const four = line << 2;
  for (; k >= 4; k -= 4, x += 16, b += 16) {
    s0 = add_four(s0, b, line, x);
    s1 = add_four(s1, b + four, line, x);
    s2 = add_four(s2, b + 2 * four, line, x);
    s3 = add_four(s3, b + 3 * four, line, x);
  }
  for (; k > 0; k--, x += 4, b += 4) {
    const factor = v128.load32_splat(x);
    s0 = madd(factor, gather(b, line), s0);
    s1 = madd(factor, gather(b + four, line), s1);
    s2 = madd(factor, gather(b + 2 * four, line), s2);
    s3 = madd(factor, gather(b + 3 * four, line), s3);
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
}

/** sum + x[0] B[0] + x[1] B[1] + x[2] B[2] + x[3] B[3], where columns of B are `line` bytes apart. */
function add_four(sum: v128, b: usize, line: usize, x: usize): v128 {
  const y0 = v128.load(b);
  const y1 = v128.load(b + line);
  const y2 = v128.load(b + 2 * line);
  const y3 = v128.load(b + 3 * line);
  const low01 = v128.shuffle<f32>(y0, y1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(y2, y3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(y0, y1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(y2, y3, 2, 6, 3, 7);
  sum = madd(v128.load32_splat(x), v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  sum = madd(v128.load32_splat(x, 4), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
  sum = madd(v128.load32_splat(x, 8), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
  return madd(v128.load32_splat(x, 12), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
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
