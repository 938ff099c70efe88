// What a realm computes for the same-bits tests: matrix products and attention with their gradients, in shapes with tails that are
// large enough to be shared out among threads, and a short training with dropout.
import { windows } from "../../src/data/batches";
import { digest } from "../../src/math/digest";
import { gpt } from "../../src/models/gpt";
import { attention } from "../../src/ops/attention";
import { matmul } from "../../src/ops/matmul";
import { normal } from "../../src/ops/random";
import { rng } from "../../src/tensor/rng";
import { scope } from "../../src/tensor/tensor";
import { saveModel } from "../../src/train/checkpoint";
import { train } from "../../src/train/trainer";

const PRODUCTS = [
  [
    [150, 131],
    [131, 70],
  ],
  [
    [3, 2, 600],
    [600, 1501],
  ],
  [
    [7, 61, 100],
    [7, 100, 45],
  ],
] as const;

const HEADS = [
  { B: 9, T: 37, S: 37, H: 4, G: 2, D: 20, causal: true },
  { B: 1, T: 195, S: 230, H: 1, G: 1, D: 24, causal: true },
  { B: 2, T: 131, S: 67, H: 4, G: 1, D: 17, causal: false },
] as const;

/** A digest for each thing that is computed. */
export function battery(): Record<string, string> {
  const products = PRODUCTS.map(([a, b]) => [`${a} by ${b}`, scope(() => product(a, b))] as const);
  const heads = HEADS.map((sizes) => [JSON.stringify(sizes), scope(() => attend(sizes))] as const);
  return Object.fromEntries([...products, ...heads, ["training", training()]]);
}

function product(a: readonly number[], b: readonly number[]): string {
  const y = matmul(normal(a, { rng: rng(1) }), normal(b, { rng: rng(2) }));
  return digest(y.values());
}

function attend({ B, T, S, H, G, D, causal }: (typeof HEADS)[number]): string {
  const q = normal([B, T, H, D], { rng: rng(3) });
  const [k, v] = [normal([B, S, G, D], { rng: rng(4) }), normal([B, S, G, D], { rng: rng(5) })];
  const { mixed, lse } = attention(q, k, v, { scale: 0.3, causal });
  return `${digest(mixed.values())} ${digest(lse.values())}`;
}

/** All gradients take part: parameters after three steps, and the losses. */
function training(): string {
  const model = gpt(
    {
      vocabulary: 97,
      context: 33,
      width: 48,
      layers: 2,
      heads: 4,
      kvHeads: 2,
      position: "rope",
      dropout: 0.1,
    },
    rng(6),
  );
  const draws = rng(7);
  const tokens = Int32Array.from({ length: 2000 }, () => draws.integer(97));
  const batches = windows(tokens, { batch: 9, context: 33, rng: rng(8) });
  const losses = [];
  for (const { loss } of train(model, { batches, steps: 3, learningRate: 1e-2, clip: 1, rng: rng(9) }))
    losses.push(loss);
  return `${digest(losses)} ${digest(saveModel(model))}`;
}
