// Without heads: what is left is what the paths around them give; with patterns held nothing but what the head moved is missing.
import { describe, expect, test } from "vitest";
import { ablateHeads, headPlaces, holdPatterns, silenceHeads } from "../../src/analysis/ablation";
import { lossesOf } from "../../src/analysis/losses";
import { matrix, plus } from "../../src/analysis/matrix";
import { circuitsOf } from "../../src/analysis/model-circuits";
import { pathTerms } from "../../src/analysis/paths";
import { attentionPatterns, joinTaps, probe } from "../../src/analysis/probe";
import type { Taps } from "../../src/nn/taps";
import { heap } from "../../src/runtime/instance";
import { ids, scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { aloneOf, gauOf, gptOf, H, others, T, tokens, V } from "./models";

const batch = {
  inputs: Int32Array.from([...tokens, ...others]),
  targets: Int32Array.from([...others, ...tokens.slice(0, -1), -1]),
  batch: 2,
  context: T,
};

function logitsOf(model: ReturnType<typeof aloneOf>, taps: Taps): Float32Array {
  return scope(() => model.logits(ids(tokens, [1, T]), { taps }).values());
}

const rounding = (losses: Float32Array) => 5e-6 * Math.max(...losses);

test("losses are those of the model, token by token", () => {
  scope(() => {
    const model = gptOf();
    const losses = lossesOf(model, batch);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / (2 * T - 1);
    const loss = model.loss(ids(batch.inputs, [2, T]), ids(batch.targets, [2, T])).item();
    expect(Math.abs(mean - loss)).toBeLessThan(1e-5 * loss);
    expect(losses.at(-1)).toBe(0);
  });
});

test("without any head the direct path is left, to the bit", () => {
  scope(() => {
    const model = aloneOf();
    const direct = model.unembedding!.apply(model.token.apply(ids(tokens, [1, T]))).values();
    expect(logitsOf(model, silenceHeads(headPlaces(model)))).toEqual(direct);
  });
});

describe.each(headPlaces(scope(() => aloneOf())))("with patterns held and without head %j", (place) => {
  test("the paths through it are missing, and nothing else", () => {
    scope(() => {
      const model = aloneOf();
      const taps = joinTaps(holdPatterns(model, tokens), silenceHeads([place]));
      const all = attentionPatterns(model, tokens);
      const patterns = [0, 1].map((layer) =>
        all.filter((p) => p.layer === layer).map(({ weights }) => weights),
      );
      let left = matrix(T, V);
      for (const { path, logits } of pathTerms(circuitsOf(model), tokens, patterns)) {
        if (!path.some(({ layer, head }) => layer === place.layer && head === place.head))
          left = plus(left, logits);
      }
      expect(distance(logitsOf(model, taps), left.values)).toBeLessThan(5e-5);
    });
  });
});

test("heads of the last layer are missed alike either way, earlier ones not", () => {
  scope(() => {
    const model = aloneOf();
    const before = heap().liveBytes;
    const [anew, held] = (["anew", "held"] as const).map((patterns) => [
      ...ablateHeads(model, batch, { patterns }),
    ]);
    expect(heap().liveBytes).toBe(before);
    expect(anew!.map(({ layer, head }) => [layer, head])).toEqual(
      [0, 1].flatMap((layer) => [0, 1, 2].map((head) => [layer, head])),
    );
    for (const [i, { layer, losses }] of anew!.entries()) {
      const apart = distance(losses, held![i]!.losses);
      if (layer === 1) expect(apart).toBeLessThan(rounding(losses));
      else expect(apart).toBeGreaterThan(1e-3);
      expect(distance(losses, lossesOf(model, batch))).toBeGreaterThan(1e-3);
    }
  });
});

test("holding the patterns of the same run changes nothing but rounding, in every kind of model", () => {
  scope(() => {
    for (const model of [
      aloneOf({ smear: "yes" }),
      gptOf({ kvHeads: 1 }),
      gauOf(),
      gptOf({ attention: "random-synthesizer" }),
    ]) {
      const held = lossesOf(model, batch, holdPatterns(model, batch));
      expect(distance(held, lossesOf(model, batch))).toBeLessThan(rounding(held));
    }
  });
});

test("a silenced unit of a gau adds nothing", () => {
  scope(() => {
    const model = gauOf();
    expect(headPlaces(model)).toEqual([
      { layer: 0, head: 0 },
      { layer: 1, head: 0 },
    ]);
    const silent = probe(model, tokens, ["blocks.1.input", "stream"], silenceHeads([{ layer: 1, head: 0 }]));
    expect(silent.stream!.data).toEqual(silent["blocks.1.input"]!.data);
  });
});

test("heads and layers that are not there are refused, and patterns of another length", () => {
  scope(() => {
    const model = aloneOf();
    expect(() => logitsOf(model, silenceHeads([{ layer: 0, head: H }]))).toThrow(
      "silenceHeads: heads must be 0..2, got 3",
    );
    expect(() => logitsOf(model, silenceHeads([{ layer: 2, head: 0 }]))).toThrow(
      'got "blocks.2.attention.mixed"; near it are blocks.',
    );
    const held = holdPatterns(model, tokens.slice(0, 5));
    expect(() => logitsOf(model, held)).toThrow(
      "taps: what takes the place of blocks.0.attention.weights must be f32 [1,3,9,9], got f32 [1,3,5,5]",
    );
  });
});
