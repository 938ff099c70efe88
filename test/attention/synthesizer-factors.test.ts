// What factorized synthesizers are, by identities that hold exactly: of which rank, and when they are the ones that are not.
import { expect, test } from "vitest";
import { scope } from "../../src/tensor/tensor";
import { copy, expectNear, identity, inputs, make, rowsOf, run, type Setup, set } from "./synthesizer-layer";

const C = 8;
const N = 9;
const base: Setup = { width: C, context: N, heads: 2 };

test("U5: with one entry that is 1, factorized dense is dense, whichever factor it is", () => {
  scope(() => {
    const x = inputs(2, N, C);
    const dense = make("dense-synthesizer", base);
    for (const [tile, long, short] of [
      [N, "a", "b"],
      [1, "b", "a"],
    ] as const) {
      const factorized = make("factorized-dense", { ...base, tile });
      copy(dense, "scores.hidden.", factorized, "scores.hidden.");
      copy(dense, "scores.second.", factorized, `scores.${long}.`);
      set(factorized, `scores.${short}.weight`, new Array(C).fill(0));
      set(factorized, `scores.${short}.bias`, [1, 1]);
      expect(run(factorized, x).logits).toEqual(run(dense, x).logits);
    }
  });
});

test("U5: of full rank, with one factor the identity, factorized random is random; of rank K it has rank K", () => {
  scope(() => {
    const x = inputs(1, N, C);
    const random = make("random-synthesizer", { ...base, heads: 1 });
    const whole = make("factorized-random", { ...base, heads: 1, rank: N });
    const table = rowsOf(run(random, x).logits, N);
    set(whole, "scores.left", identity(N));
    set(
      whole,
      "scores.right",
      table[0]!.flatMap((_, j) => table.map((row) => row[j]!)),
    );
    expect(run(whole, x).logits).toEqual(run(random, x).logits);
    for (const rank of [1, 3]) {
      const { logits } = run(make("factorized-random", { ...base, heads: 1, rank }), x);
      expect(rankOf(rowsOf(logits, N))).toBe(rank);
    }
    expect(rankOf(table)).toBe(N);
  });
});

test.each([
  [4, 4, "tile-repeat", 16],
  [4, 8, "tile-repeat", 32],
  [3, 4, "tile-repeat", 12],
  [4, 4, "tile-tile", 4],
  [4, 8, "tile-tile", 8],
  [3, 4, "tile-tile", 12],
] as const)(
  "U5: factors of %i and %i, %s: a row has %i different logits, and its matrix rank 1",
  (a, b, factorMap, wanted) => {
    scope(() => {
      const context = a * b;
      const setup = { width: C, context, tile: a, tiles: b, factorMap } as const;
      const row = rowsOf(run(make("factorized-dense", setup), inputs(1, 2, C)).logits, 2);
      expect(row).toHaveLength(2); // a prefix of the same logits
      const logits = rowsOf(run(make("factorized-dense", setup), inputs(1, context, C)).logits, context);
      expect(new Set(logits[0]).size).toBe(wanted);
      expectNear(logits[0]!.slice(0, 2), row[0]!, 0);
      if (factorMap === "tile-repeat") expect(rankOf(rowsOf(logits[0]!, a))).toBe(1);
    });
  },
);

/** By elimination with pivots; what is below a millionth of the largest entry is nothing. */
function rankOf(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  const least = 1e-6 * Math.max(...rows.flat().map(Math.abs));
  let rank = 0;
  for (let column = 0; column < rows[0]!.length; column++) {
    const rest = rows.slice(rank).map((row) => Math.abs(row[column]!));
    const pivot = rank + rest.indexOf(Math.max(...rest));
    if (rank === rows.length || Math.abs(rows[pivot]![column]!) <= least) continue;
    [rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!];
    for (const row of rows.slice(rank + 1)) {
      const factor = row[column]! / rows[rank]![column]!;
      row.forEach((value, c) => {
        row[c] = value - factor * rows[rank]![c]!;
      });
    }
    rank += 1;
  }
  return rank;
}
