// Cuts of the matrix product. The bits of an element depend on its row of A, its column of B and k alone (assembly/sgemm.ts), so any
// cut over rows, columns and batch is exact.
import type { Arguments } from "./cuts";
import { FLOPS_PER_NS, pieces, ranges } from "./pieces";

/** Whole register tiles and cache lines: a cut elsewhere costs edge tiles. */
const ROWS = 24;
const COLUMNS = 32;

interface Part {
  /** First matrix of the batch, row and column of C. */
  readonly first: number;
  readonly row: number;
  readonly column: number;
  readonly batch: number;
  readonly m: number;
  readonly n: number;
}

/**
 * Whole matrices where there are enough of them. Else each is cut along its longer side: every share packs all of the operand that
 * spans the other one.
 */
export function cutGemm(args: Arguments<"sgemm_batched">, threads: number): Arguments<"sgemm_batched">[] {
  const [, , , , batch, m, n, k] = args;
  const wanted = pieces((2 * batch * m * n * k) / FLOPS_PER_NS, threads);
  if (wanted === 1) return [];
  if (batch >= wanted) {
    return ranges(batch, wanted, 1).map(({ from, count }) =>
      share(args, { first: from, row: 0, column: 0, batch: count, m, n }),
    );
  }
  const each = Math.ceil(wanted / batch);
  const whole = { row: 0, column: 0, batch: 1, m, n };
  return ranges(batch, batch, 1).flatMap(({ from: first }) =>
    m >= n
      ? ranges(m, each, ROWS).map(({ from, count }) => share(args, { ...whole, first, row: from, m: count }))
      : ranges(n, each, COLUMNS).map(({ from, count }) =>
          share(args, { ...whole, first, column: from, n: count }),
        ),
  );
}

function share(
  [
    c,
    a,
    b,
    work,
    ,
    ,
    ,
    k,
    c_bs,
    a_bs,
    b_bs,
    c_rs,
    a_rs,
    a_cs,
    b_rs,
    b_cs,
    alpha,
    beta,
    tall,
  ]: Arguments<"sgemm_batched">,
  { first, row, column, batch, m, n }: Part,
): Arguments<"sgemm_batched"> {
  const to = c + 4 * (first * c_bs + row * c_rs + column);
  const left = a + 4 * (first * a_bs + row * a_rs);
  const right = b + 4 * (first * b_bs + column * b_cs);
  // biome-ignore format: arguments grouped by meaning
  return [
    to, left, right, work, batch, m, n, k, c_bs, a_bs, b_bs, c_rs, a_rs, a_cs, b_rs, b_cs, alpha, beta, tall,
  ];
}
