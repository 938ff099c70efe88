// The bound that combinations are held to is not a loose one: errors of the size that a mistake makes are above it, wherever they are put.
import { describe, expect, test } from "vitest";
import { addTrailing, scale } from "../../src/ops/arithmetic";
import { scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { linearTwins } from "../reference/attention-scores";
import { expectAsGoodAsNaive, once, type Reference } from "../reference/compare";
import { alone } from "./choices";
import { outputOf, referenceOf, run, weightsOf } from "./conformance";
import { type Choice, T } from "./layer";

/** Some 80 units in the last place: a constant that was typed in with five digits, say. */
const OFF = 1e-5;
const planted = {
  "logits that are off by 1e-5": (logits) => scale(logits, 1 + OFF),
  "a bias of 1e-3 on one pair": (logits, pair) => atPair(logits, pair, 1e-3),
  "a pair that the mask hides": (logits, pair) => atPair(logits, pair, Number.NEGATIVE_INFINITY),
} as const satisfies Record<string, (logits: Tensor, pair: number) => Tensor>;
const errors = Object.keys(planted) as (keyof typeof planted)[]; // its own keys

/** One of each kind of scores and of each normaliser. */
const choices = alone.filter(
  (choice, i) => linearTwins[choice.attention] === undefined && alone.findIndex(like(choice)) === i,
);

describe.each(choices)("$attention, $normalizer", (choice) => {
  const reference = once(() => referenceOf(choice, { fused: false }));
  const wanted = () => outputOf(reference());
  const result = (change: (logits: Tensor) => Tensor | undefined) =>
    scope(() => run(choice, { taps: { logits: change } }));
  // Shares of a sum of squares stay as they are where all logits grow alike.
  const showing = errors.filter(
    (error) => choice.normalizer !== "relu2-normalized" || error !== "logits that are off by 1e-5",
  );

  test("is within the bound as it is", () =>
    expectAsGoodAsNaive(
      result(() => undefined),
      wanted(),
    ));

  test.each(showing)("%s is not", (error) => {
    expect(() =>
      expectAsGoodAsNaive(
        result((logits) => planted[error](logits, weighedPair(weightsOf(reference())))),
        wanted(),
      ),
    ).toThrow("twice that of naive f32");
  });
});

/** Token times T plus source of the first pair with a weight whose token has other weights as well. */
function weighedPair({ exact }: Reference): number {
  const weight = (pair: number) => exact.y[pair]!; // of the first head
  const pair = Array.from({ length: T * T }, (_, i) => i).find(
    (i) => weight(i) !== 0 && weight(i + 1) !== 0 && i % T < T - 1,
  );
  if (pair === undefined) throw new Error("planted: no token has two weights side by side");
  return pair;
}

function atPair(logits: Tensor, pair: number, bias: number): Tensor {
  const table = new Float32Array(T * T);
  table[pair] = bias;
  return addTrailing(logits, tensor(table, [T, T]));
}

function like({ attention, normalizer }: Choice): (other: Choice) => boolean {
  return (other) => other.attention === attention && other.normalizer === normalizer;
}
