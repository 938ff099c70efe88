// The golden vectors of the synthesizers, of heed's kernels and of the twins: logits, outputs, gradients.
import { describe, test } from "vitest";
import { scope } from "../../src/tensor/tensor";
import golden from "./fixtures/synthesizer-golden.json";
import {
  expectNear,
  gradients,
  type Made,
  make,
  plainValues,
  type Rows,
  rowsOf,
  run,
  type Setup,
  set,
  twin,
} from "./synthesizer-layer";

/** Half a unit of the sixth digit that was written down, and for heed some roundings of numbers up to 3. */
const TWIN = 5.1e-7;
const F32 = TWIN + 5e-7;
const D = 3;
const x = { shape: [1, 4, D], values: golden.x.flat() };
const base: Setup = { width: D, context: 4 };

function made(
  attention: Parameters<typeof make>[0],
  setup: Partial<Setup>,
  weights: Record<string, Rows>,
): Made {
  const layer = make(attention, { ...base, ...setup });
  plainValues(layer, D);
  for (const [path, values] of Object.entries(weights)) set(layer, path, values.flat());
  return layer;
}

/** Rows of heed's and of the twin's results. */
function expectRows(
  of: (row: number) => [heed: readonly number[], twin: readonly number[]],
  rows: Record<string, readonly number[]> | Rows,
) {
  for (const [row, wanted] of Object.entries(rows)) {
    const [heed, reference] = of(Number(row));
    expectNear(heed, wanted, F32);
    expectNear(reference, wanted, TWIN);
  }
}

function expectOutput(layer: Made, rows: Record<string, readonly number[]> | Rows): void {
  const [heed, reference] = [rowsOf(run(layer, x).y, D), rowsOf(twin(layer, x).y, D)];
  expectRows((row) => [heed[row]!, reference[row]!], rows);
}

function expectLogits(layer: Made, rows: Record<string, readonly number[]>): void {
  const logits = rowsOf(run(layer, x).logits, 4);
  for (const [row, wanted] of Object.entries(rows)) expectNear(logits[Number(row)]!, wanted, F32);
}

const transpose = (rows: Rows): number[][] => rows[0]!.map((_, j) => rows.map((row) => row[j]!));

describe("random", () => {
  const { table, y, causal, firstOfThree, dTable, dx } = golden.random;
  const random = (setup: Partial<Setup> = {}) => made("random-synthesizer", setup, { "scores.table": table });

  test("whole", () => scope(() => expectOutput(random(), y)));
  test("causal", () => scope(() => expectOutput(random({ mask: "causal" }), causal)));

  test("the first three tokens use a part of the table", () => {
    scope(() => {
      const three = { shape: [1, 3, D], values: golden.x.slice(0, 3).flat() };
      const layer = random();
      expectRows(
        () => [rowsOf(run(layer, three).y, D)[0]!, rowsOf(twin(layer, three).y, D)[0]!],
        [firstOfThree],
      );
    });
  });

  test("gradients of sum over i, j of Y_ij (3 i + j) / 10", () => {
    scope(() => {
      const dy = Array.from({ length: 12 }, (_, i) => i / 10);
      const layer = random();
      const [heed, reference] = [gradients(layer, x, dy), twin(layer, x, dy)];
      const of =
        (name: string, columns: number) =>
        (row: number): [number[], number[]] => [
          rowsOf(heed.gradients[name]!, columns)[row]!,
          rowsOf(reference.gradients[name]!, columns)[row]!,
        ];
      expectRows(of("scores.table", 4), dTable);
      expectRows(of("x", D), dx);
    });
  });
});

test("dense", () => {
  scope(() => {
    const { first, firstBias, second, secondBias, logits, y } = golden.dense;
    const layer = made(
      "dense-synthesizer",
      { hidden: 2 },
      {
        "scores.hidden.first.weight": first,
        "scores.hidden.first.bias": [firstBias],
        "scores.second.weight": transpose(second),
        "scores.second.bias": [secondBias],
      },
    );
    expectLogits(layer, logits);
    expectOutput(layer, y);
  });
});

test.each(["tile-repeat", "tile-tile"] as const)(
  "factorized dense, %s, of factors that are linear",
  (factorMap) => {
    scope(() => {
      const { a, b, tileRepeat, tileTile } = golden.factorizedDense;
      const wanted = factorMap === "tile-repeat" ? tileRepeat : tileTile;
      // x = relu(x) - relu(-x): twice the channels make a hidden layer linear.
      const both = (rows: Rows) => [...rows, ...rows.map((row) => row.map((value) => -value))];
      const eye = [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ];
      const layer = made(
        "factorized-dense",
        { hidden: 6, ownBias: "no", factorMap },
        {
          "scores.hidden.first.weight": eye.map((row) => [...row, ...row.map((value) => -value)]),
          "scores.a.weight": transpose(both(a)),
          "scores.b.weight": transpose(both(b)),
        },
      );
      expectLogits(layer, wanted.logits);
      expectOutput(layer, wanted.y);
    });
  },
);

test("factorized random", () => {
  scope(() => {
    const { left, right, logits, y } = golden.factorizedRandom;
    const layer = made("factorized-random", { rank: 2 }, { "scores.left": left, "scores.right": right });
    expectLogits(layer, logits);
    expectOutput(layer, y);
  });
});

test("dot product, beside them", () => {
  scope(() => {
    const { query, key, logits, y } = golden.dotProduct;
    const wide = (rows: Rows) => rows.map((row) => [...row, 0]); // as wide as values are
    const layer = made(
      "dot-product",
      { scale: "fixed", factor: Math.SQRT1_2 },
      {
        "scores.query.weight": wide(query),
        "scores.key.weight": wide(key),
      },
    );
    expectLogits(layer, logits);
    expectOutput(layer, y);
  });
});
