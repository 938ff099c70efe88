// U1: every synthesizer, in every form, causal and not: heed equals the float64 twin forward and backward, and the twin's gradients are
// the slopes of its output.
import { describe, expect, test } from "vitest";
import type { AttentionName } from "../../src/attention";
import { scope } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { differentiate, expectAsGoodAsNaive, reference, type Values } from "../reference/compare";
import { gradients, inputs, inputsOf, make, type Setup, twinOf } from "./synthesizer-layer";

const [B, T, C, N, HEADS] = [2, 5, 4, 6, 2];
/** Of central differences: their error h²/6 f''' and rounding 1e-16 / h are below 1e-9. */
const STEP = 1e-5;

const forms: readonly (readonly [AttentionName, Partial<Setup>])[] = [
  ["dot-product", {}],
  ["dense-synthesizer", {}],
  ["dense-synthesizer", { second: "shared" }],
  ["dense-synthesizer", { hidden: 3, ownBias: "no" }],
  ["random-synthesizer", {}],
  ["fixed-random", {}],
  ["factorized-random", { rank: 3 }],
  ["factorized-random", { rank: 3, factors: "pooled" }],
  ["factorized-dense", {}],
  ["factorized-dense", { tile: 6, second: "shared" }],
  ["factorized-dense", { tiles: 2, factorMap: "tile-tile" }],
  ["factorized-dense-transposed", {}],
  ["mixture", { members: "random-synthesizer,dot-product" }],
  ["mixture", { members: "dense-synthesizer,dot-product", alphaPer: "layer" }],
  ["mixture", { members: "random-synthesizer,dense-synthesizer", alpha: "sum" }],
  ["mixture", { members: "factorized-random,factorized-dense", alpha: "sigmoid" }],
  ["mixture", { members: "fixed-random,dot-product", alpha: "sigmoid", alphaPer: "layer" }],
  ["mixture", { members: "random-synthesizer,dense-synthesizer,dot-product" }],
  ["mixture", { preset: "mesh" }],
  ["mixture", { preset: "lra" }],
];

describe.each(forms)("%s %j", (attention, options) => {
  test.each(["causal", "bidirectional"] as const)("%s", (mask) => {
    scope(() => {
      const made = make(attention, { width: C, context: N, heads: HEADS, ...options, mask });
      const x = inputs(B, T, C);
      const dy = noise(B * T * C, 11);
      const all = inputsOf(made, x);
      const outcome = gradients(made, x, dy);
      const own = Object.entries(outcome.gradients).map(([name, values]) => [at(name), values]);
      expectAsGoodAsNaive(
        { y: outcome.y, gradients: Object.fromEntries(own) },
        reference(twinOf(made), all, dy),
      );
      expect(own.length).toBeGreaterThan(2);
      const exact = differentiate(twinOf(made), all, dy).gradients;
      for (const [name] of own as [string, unknown][]) expectSlopes(made, all, name, dy, exact[name]!);
    });
  });
});

/** The twin's names stand under `layer`. */
function at(name: string): string {
  return name === "x" ? name : `layer.${name}`;
}

/** A few entries of every input: all of them would repeat the same arithmetic. */
function expectSlopes(
  made: ReturnType<typeof make>,
  all: Record<string, Values>,
  name: string,
  dy: ArrayLike<number>,
  exact: ArrayLike<number>,
): void {
  const { shape, values } = all[name]!;
  const value = (i: number, step: number) => {
    const moved = Float64Array.from(values, (entry, j) => (i === j ? entry + step : entry));
    const { y } = differentiate(twinOf(made), { ...all, [name]: { shape, values: moved } }, undefined);
    return Array.from(y).reduce((sum, entry, j) => sum + entry * dy[j]!, 0);
  };
  for (const share of [0, 0.4, 0.8]) {
    const i = Math.floor(share * values.length);
    const slope = (value(i, STEP) - value(i, -STEP)) / (2 * STEP);
    expect(Math.abs(slope - exact[i]!), `${name}[${i}]`).toBeLessThan(1e-7 + 1e-5 * Math.abs(exact[i]!));
  }
}
