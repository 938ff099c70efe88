// Matrix products: squares, transposed operands, the projections of two models, and single rows against weights.
import { flip, gemm, rowMajor } from "../../src/ops/gemm";
import { floats } from "../../src/tensor/tensor";
import { disagreement, sampled } from "../agreement";
import { Buffers, stretch } from "../buffers";
import { productFlops } from "../flops";
import type { Row, Suite } from "../row";
import { type ProductShape, products } from "../shapes";

/** Rows and columns of C that are compared. */
const SAMPLES = 8;

export const matmul: Suite = {
  what: "matrix products: squares, projections of GPT-2 and Llama, one token against weights",
  rows: (size) => products[size].map(productRow),
};

export function productRow(shape: ProductShape): Row {
  const { name, m, n, k, layout } = shape;
  return {
    kind: name,
    shape: `${m} x ${n} x ${k}`,
    work: { flops: productFlops(shape), ...(m === 1 && { bytes: 4 * (k * n + k + n) }) },
    bound: m === 1 ? "memory" : "arithmetic",
    prepare() {
      const buffers = new Buffers();
      const a = buffers.random([m, k]);
      const b = buffers.random([k, n]);
      const c = buffers.zeros([m, n]);
      const left = layout === "tn" ? flip(rowMajor(a, k, m)) : rowMajor(a, m, k);
      const right = layout === "nt" ? flip(rowMajor(b, n, k)) : rowMajor(b, k, n);
      const run = () => gemm(rowMajor(c, m, n), left, right, { batch: 1, m, n, k, beta: 0 });
      return {
        run,
        warm() {
          const part = { m: Math.min(m, 24), n: Math.min(n, 40), k: Math.min(k, 64) };
          gemm(rowMajor(c, m, n), left, right, { batch: 1, ...part, beta: 0 });
        },
        check() {
          run();
          const [A, B, C] = [floats(a), floats(b), floats(c)];
          const places = sampled(m, SAMPLES).flatMap((i) => sampled(n, SAMPLES).map((j) => [i, j] as const));
          const expected = places.map(([i, j]) => {
            let sum = 0;
            for (let p = 0; p < k; p++) {
              sum += A[i * left.row + p * left.column]! * B[p * right.row + j * right.column]!;
            }
            return sum;
          });
          return disagreement(
            places.map(([i, j]) => C[i * n + j]!),
            expected,
          );
        },
        reads: [stretch(b)],
        release: () => buffers.release(),
      };
    },
  };
}
