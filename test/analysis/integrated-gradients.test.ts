// Integrated gradients are complete: they sum to the change of the metric, the better the more steps; where the metric is linear, at once.
import { describe, expect, test } from "vitest";
import { silenceHeads } from "../../src/analysis/ablation";
import { integratedGradients } from "../../src/analysis/integrated-gradients";
import { logitMetric, lossMetric } from "../../src/analysis/metrics";
import { probe } from "../../src/analysis/probe";
import type { Model } from "../../src/models";
import { heap } from "../../src/runtime/instance";
import { ids, scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { aloneOf, C, gauOf, gptOf, others, T, tokens, V } from "./models";

const targets = [...tokens.slice(1), -1];

describe.each<readonly [string, () => Model]>([
  ["attention-only", () => aloneOf()],
  ["gpt", () => gptOf({ bias: true })],
  ["gau", () => gauOf()],
])("%s", (_, make) => {
  test("attributions of embeddings are complete", () => {
    scope(() => {
      const model = make();
      const before = heap().liveBytes;
      const baseline = probe(model, others, "token").token!.data;
      const [few, many] = [16, 64].map((steps) =>
        integratedGradients(model, tokens, lossMetric(targets), { steps, baseline }),
      );
      expect(heap().liveBytes).toBe(before);
      expect(many!.shape).toEqual([1, T, C]);
      expect(Math.abs(many!.change)).toBeGreaterThan(0.1);
      expect(many!.missing).toBeLessThan(2e-3 * Math.abs(many!.change));
      // A quarter of the step, a sixteenth of the error, as long as rounding is not all that is left.
      expect(many!.missing).toBeLessThan(Math.max(few!.missing / 4, 2e-5));
      const [last, first] = [tokens, others].map((some) =>
        model.loss(ids(some, [1, T]), ids(targets, [1, T])).item(),
      );
      expect(Math.abs(many!.change - (last! - first!))).toBeLessThan(1e-5);
      expect(
        distance([many!.attributions.reduce((a, b) => a + b, 0)], [many!.rows.reduce((a, b) => a + b, 0)]),
      ).toBeLessThan(1e-9);
    });
  });
});

test("without layers a logit is linear: one step is exact, and only the asked token counts", () => {
  scope(() => {
    const model = aloneOf({ layers: 0 });
    const { rows, change, missing } = integratedGradients(
      model,
      tokens,
      logitMetric({ right: 2, position: 4 }),
      { steps: 1 },
    );
    const logit = probe(model, tokens, "logits").logits!.data[4 * V + 2]!;
    expect(Math.abs(change - logit)).toBeLessThan(1e-6);
    expect(missing).toBeLessThan(1e-6);
    for (const [t, value] of rows.entries()) {
      if (t === 4) expect(Math.abs(value - logit)).toBeLessThan(1e-6);
      else expect(value).toBe(0);
    }
  });
});

test("of the weights of a last layer each says what its source adds: logits are linear in them", () => {
  scope(() => {
    const model = aloneOf({ layers: 1 });
    const metric = logitMetric({ right: 2 });
    const { shape, attributions, change, missing } = integratedGradients(model, tokens, metric, {
      at: "pattern",
      steps: 1,
    });
    const without = probe(
      model,
      tokens,
      "logits",
      silenceHeads([0, 1, 2].map((head) => ({ layer: 0, head }))),
    );
    const logit = (found: ReturnType<typeof probe>) => found.logits!.data[(T - 1) * V + 2]!;
    expect(shape).toEqual([1, 3, T, T]);
    expect(missing).toBeLessThan(1e-5);
    expect(Math.abs(change - (logit(probe(model, tokens, "logits")) - logit(without)))).toBeLessThan(1e-5);
    // Sources that nobody sees, and queries that are not asked, have no part.
    for (const [i, value] of attributions.entries())
      if (Math.floor(i / T) % T !== T - 1) expect(Math.abs(value)).toBe(0);
  });
});

test("more than one place, another size and no steps are refused", () => {
  scope(() => {
    const model = aloneOf();
    const metric = logitMetric({ right: 2 });
    expect(() => integratedGradients(model, tokens, metric, { at: "resid_pre" })).toThrow(
      'integratedGradients: at must mean one place, got "resid_pre", which means blocks.0.input, blocks.1.input ...',
    );
    expect(() => integratedGradients(model, tokens, metric, { baseline: [0] })).toThrow(
      "integratedGradients: the baseline must have 108 numbers, as token has, got 1",
    );
    expect(() => integratedGradients(model, tokens, metric, { steps: 0 })).toThrow("at least 1, got 0");
  });
});
