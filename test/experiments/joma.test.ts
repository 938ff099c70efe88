// JoMA's small network flows down its loss, its trials give the same bits everywhere, and wrong settings are refused.
import { describe, expect, test } from "vitest";
import { joma } from "../../src/experiments/joma";
import { even, gaussian } from "../../src/experiments/joma/claims";
import { type AttentionKind, flow, type Network, stateSize } from "../../src/experiments/joma/network";
import { expectJoma, type JomaConfig, jomaTrial } from "../../src/experiments/joma/run";
import { digest } from "../../src/math/digest";
import { rng } from "../../src/tensor/rng";

const M = 4;
const K = 3;

/** Mean cross-entropy of the network, from its definition. */
function loss({ counts, attention, temperature }: Network, state: Float64Array): number {
  const z = state.subarray(0, M);
  const losses = counts.map((x, label) => {
    const raw = Array.from(x, (count, m) => {
      if (attention === "linear") return count * z[m]!;
      return count * Math.exp(attention === "exp" ? z[m]! : z[m]! / temperature);
    });
    const sum = attention === "softmax" ? raw.reduce((a, b) => a + b) : 1;
    const logits = counts.map((_, k) =>
      raw.reduce((total, b, m) => total + (state[M + k * M + m]! * b) / sum, state[M + K * M + k]!),
    );
    return Math.log(logits.reduce((total, o) => total + Math.exp(o), 0)) - logits[label]!;
  });
  return losses.reduce((a, b) => a + b) / K;
}

test.each(["linear", "exp", "softmax"] as const)(
  "%s attention flows down the loss",
  (attention: AttentionKind) => {
    const draws = rng(3);
    const counts = Array.from({ length: K }, () => Float64Array.from({ length: M }, () => draws.uniform()));
    const network = { counts, attention, temperature: 0.5 };
    const state = new Float64Array(stateSize(network)).map(() => draws.normal());
    const slope = flow(network, state);
    for (let i = 0; i < state.length; i++) {
      const at = (by: number) =>
        loss(
          network,
          state.map((value, j) => (j === i ? value + by : value)),
        );
      expect(Math.abs(slope[i]! + (at(1e-6) - at(-1e-6)) / 2e-6)).toBeLessThan(1e-8);
    }
  },
);

test.each([
  [{ ...even, steps: 800 }, "f031dff2ef9434ae"],
  [{ part: "erf-law", data: "random", rate: 1e-3, steps: 400 }, "47b70072a45b3309"],
  [{ part: "invariant-exp", data: "uniform", rate: 0.1, steps: 30 }, "7f74bba5cc92f233"],
  [{ ...gaussian, steps: 60 }, "c6d97c22fdc6e78e"],
])("%o gives the same bits everywhere", (config: JomaConfig, recorded) => {
  const running = jomaTrial(config, rng(5));
  let turn = running.next();
  while (!turn.done) turn = running.next();
  expect(digest(numbers(turn.value))).toBe(recorded);
});

describe("a setting is refused", () => {
  test.each([
    [{ part: "toys" }, "joma: part must be one of toy, toy-exp,"],
    [{ data: "gaussian" }, 'joma: data of toy must be one of even, whole, random, got "gaussian"'],
    [{ part: "invariant-exp" }, 'joma: data of invariant-exp must be one of gaussian, uniform, got "even"'],
    [{ rate: 0 }, "joma: rate must be above 0, got 0"],
    [{ steps: 0 }, "joma: steps must be a whole number of at least 1, got 0"],
  ])("%o", (change, message) => {
    expect(() => expectJoma({ ...even, ...change })).toThrow(message);
    expect(() => joma.check!({ ...even, ...change }, {})).toThrow(message);
  });
});

function numbers(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbers) : [];
}
