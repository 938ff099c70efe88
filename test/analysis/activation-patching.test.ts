// Activation patching: a run patched with itself is itself; all of what a layer reads is the clean run; pieces are what is named, alone.
import { describe, expect, test } from "vitest";
import { patchActivations, recovered } from "../../src/analysis/activation-patching";
import { logitMetric, lossMetric } from "../../src/analysis/metrics";
import { probe } from "../../src/analysis/probe";
import type { Model } from "../../src/models";
import { heap } from "../../src/runtime/instance";
import { ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { aloneOf, C, gauOf, gptOf, H, others, T, tokens } from "./models";

const runs = { clean: tokens, corrupted: others };
const metric = logitMetric({ right: 4, wrong: 7 });

const models: readonly (readonly [string, () => Model])[] = [
  ["attention-only", () => aloneOf()],
  ["gpt", () => gptOf({ bias: true })],
  ["gau", () => gauOf()],
];

describe.each(models)("%s", (_, make) => {
  test("a clean run patched into itself has no effect", () => {
    scope(() => {
      const model = make();
      // Weights and their logits are patched on the composed path, whose rounding is another.
      const exact = model.tapPaths.filter((path) => !/attention\.(weights|logits|heads)/.test(path));
      const same = { clean: tokens, corrupted: tokens };
      const whole = patchActivations(model, same, metric, { at: exact });
      expect(whole.patches).toHaveLength(exact.length);
      for (const { value } of whole.patches) expect(value).toBe(whole.clean);
      const cut = patchActivations(model, same, metric, { at: "hook_z", by: ["position"] });
      for (const { value } of cut.patches) expect(value).toBe(cut.corrupted);
      const composed = patchActivations(model, same, metric, { at: "pattern" });
      for (const { value } of composed.patches) expect(Math.abs(value - composed.clean)).toBeLessThan(1e-5);
    });
  });

  test("all that the first block reads brings the clean answer back", () => {
    scope(() => {
      const model = make();
      const patching = patchActivations(model, runs, metric, { at: "blocks.0.hook_resid_pre" });
      expect(Math.abs(patching.clean - patching.corrupted)).toBeGreaterThan(0.1);
      expect(patching.patches.map(({ value }) => recovered(patching, value))).toEqual([1]);
      const { clean, corrupted } = patching;
      expect(Math.abs(recovered(patching, corrupted))).toBe(0);
      expect(clean).toBe(scope(() => metric(model.logits(ids(tokens, [1, T]))).item()));
    });
  });

  test("what stands after the asked position has no effect", () => {
    scope(() => {
      const model = make();
      const asked = logitMetric({ right: 4, position: 3 });
      const { corrupted, patches } = patchActivations(model, runs, asked, {
        at: "resid_pre",
        by: ["position"],
      });
      expect(patches.map(({ position }) => position)).toEqual([0, 1].flatMap(() => tokens.map((_, t) => t)));
      for (const { position, value } of patches) if (position! > 3) expect(value).toBe(corrupted);
      expect(patches.some(({ value }) => value !== corrupted)).toBe(true);
    });
  });
});

test("pieces by position and head are those of the clean run, and no others", () => {
  scope(() => {
    const model = aloneOf();
    const before = heap().liveBytes;
    const { patches } = patchActivations(model, runs, metric, {
      at: "blocks.1.attn.hook_z",
      by: ["position", "head"],
    });
    expect(heap().liveBytes).toBe(before);
    expect(patches.map(({ path, position, head }) => [path, position, head])).toEqual(
      tokens.flatMap((_, t) => Array.from({ length: H }, (_, h) => ["blocks.1.attention.mixed", t, h])),
    );
    const path = "blocks.1.attention.mixed";
    const clean = probe(model, tokens, path)[path]!.data;
    const D = C / H;
    const byHand = (x: Tensor) => {
      const values = x.values();
      values.set(clean.subarray((T - 1) * C + D, (T - 1) * C + 2 * D), (T - 1) * C + D);
      return tensor(values, x.shape);
    };
    const wanted = scope(() =>
      metric(model.logits(ids(others, [1, T]), { taps: { [path]: byHand } })).item(),
    );
    expect(patches.find(({ position, head }) => position === T - 1 && head === 1)!.value).toBe(wanted);
  });
});

test("rows of a head's weights are patched by the query", () => {
  scope(() => {
    const model = aloneOf({ layers: 1 });
    const { corrupted, patches } = patchActivations(model, runs, metric, {
      at: "pattern",
      by: ["head", "position"],
    });
    expect(patches).toHaveLength(H * T);
    // Only the last query is asked.
    for (const { position, value } of patches) {
      if (position === T - 1) expect(Math.abs(value - corrupted)).toBeGreaterThan(1e-3);
      else expect(Math.abs(value - corrupted)).toBeLessThan(1e-5);
    }
  });
});

describe("metrics", () => {
  test("are what they say", () => {
    scope(() => {
      const logits = tensor(
        Array.from({ length: 2 * 3 * 4 }, (_, i) => i * i),
        [2, 3, 4],
      );
      const at = (b: number, t: number, v: number) => ((b * 3 + t) * 4 + v) ** 2;
      expect(logitMetric({ right: 1 })(logits).item()).toBe((at(0, 2, 1) + at(1, 2, 1)) / 2);
      expect(logitMetric({ right: 3, wrong: 0, position: 1 })(logits).item()).toBe(
        (at(0, 1, 3) - at(0, 1, 0) + at(1, 1, 3) - at(1, 1, 0)) / 2,
      );
      const even = tensor(new Float32Array(24), [2, 3, 4]);
      expect(lossMetric([0, 1, 2, 3, -1, -1])(even).item()).toBeCloseTo(Math.log(4), 6);
    });
  });

  test("refuse positions and tokens that are not there", () => {
    scope(() => {
      const logits = tensor(new Float32Array(24), [2, 3, 4]);
      expect(() => logitMetric({ right: 4 })(logits)).toThrow("logitMetric: tokens must be 0..3, got 4");
      expect(() => logitMetric({ right: 1, position: -4 })(logits)).toThrow(
        "logitMetric: position must be one of 3 tokens, got -4",
      );
    });
  });
});

test("runs of different lengths, unknown names and cuts that cannot be are refused", () => {
  scope(() => {
    const model = aloneOf();
    const shorter = { clean: tokens, corrupted: others.slice(1) };
    expect(() => patchActivations(model, shorter, metric, { at: "resid_pre" })).toThrow(
      "patchActivations: both runs must have the same length, got 1 x 9 and 1 x 8 tokens",
    );
    expect(() => patchActivations(model, runs, metric, { at: "resid_per" })).toThrow(
      'got "resid_per"; near it are',
    );
    expect(() => patchActivations(model, runs, metric, { at: "resid_pre", by: ["head"] })).toThrow(
      `patchActivations: blocks.0.input [1,${T},${C}] has no head to be cut by`,
    );
  });
});
