// A bias that the product of queries and keys adds itself has the bits of one that is added afterwards, forward and backward.
import { expect, test } from "vitest";
import { queryKey } from "../../src/ops/attention-products";
import { addSourceBias } from "../../src/ops/logits";
import type { Tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { randomInputs, runWithUpstream } from "./upstream";

const [B, T, H, D, S] = [3, 17, 4, 8, 21];

test.each([
  { key: H, bias: H },
  { key: H, bias: 1 },
  { key: 1, bias: H },
  { key: 1, bias: 1 },
])("keys of $key heads, biases of $bias", ({ key, bias }) => {
  const inputs = randomInputs({ q: [B, T, H, D], k: [1, S, key, D], bias: [bias, S + 2] }, 1);
  const result = (run: (x: Readonly<Record<string, Tensor>>) => Tensor) =>
    runWithUpstream(run, inputs, noise(B * H * T * S, 2));
  const together = result(({ q, k, bias }) => queryKey(q!, k!, 0.3, S, bias));
  expect(together).toEqual(result(({ q, k, bias }) => addSourceBias(queryKey(q!, k!, 0.3, S), bias!)));
});

test.each([
  { shape: [3, S], message: "queryKey: bias" },
  { shape: [H, S - 1], message: `queryKey: bias must cover ${S} sources, got ${S - 1}` },
])("a bias of $shape is refused before anything is computed", ({ shape, message }) => {
  const inputs = randomInputs({ q: [B, T, H, D], k: [1, S, H, D], bias: shape }, 1);
  const run = () => runWithUpstream(({ q, k, bias }) => queryKey(q!, k!, 1, S, bias), inputs, [0]);
  expect(run).toThrow(message);
});
