// Direct logit attribution sums to the logits (check P2), with a final norm held too; effects of sources sum to those of heads; the lens ends in the
// model's logits.
import { describe, expect, test } from "vitest";
import { zeroed } from "../../src/analysis/ablation";
import { logitAttributions } from "../../src/analysis/attribution";
import { fullOv } from "../../src/analysis/circuits";
import { headViews, valueWeighted } from "../../src/analysis/head-views";
import { logitLens } from "../../src/analysis/logit-lens";
import { circuitsOf } from "../../src/analysis/model-circuits";
import { probe } from "../../src/analysis/probe";
import { scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { aloneOf, C, gauOf, gptOf, H, others, streaming, T, tokens, V } from "./models";

const sequences = [tokens, others];
const answers = Array.from({ length: 2 * T }, (_, row) => (row === 3 ? -1 : (5 * row + 2) % V));
const against = answers.map((token) => (token + 4) % V);

/** P2's: 5e-5 of the largest logit, or of 1. */
const within = (logits: ArrayLike<number>) => 5e-5 * Math.max(1, ...Array.from(logits, Math.abs));

describe.each(streaming)("%s", (_, make) => {
  test("shares of parts sum to the logits, and to their differences", () => {
    scope(() => {
      const model = make();
      const logits = probe(model, sequences, "logits").logits!.data;
      for (const other of [undefined, against]) {
        const parts = logitAttributions(model, sequences, answers, other);
        for (const [row, token] of answers.entries()) {
          const sum = parts.reduce((total, { values }) => total + values[row]!, 0);
          const minus = other ? logits[row * V + other[row]!]! : 0;
          const wanted = token < 0 ? 0 : logits[row * V + token]! - minus;
          expect(Math.abs(sum - wanted)).toBeLessThan(within(logits));
        }
      }
    });
  });

  test("the lens ends in the model's logits, and begins with the embedding's", () => {
    scope(() => {
      const model = make();
      const points = logitLens(model, sequences);
      expect(points.at(-1)!.path).toBe("stream");
      expect(points.at(-1)!.logits).toEqual(probe(model, sequences, "logits").logits!.data);
      const silenced = Object.fromEntries(
        model.tapPaths
          .filter((path) => /^blocks\.\d+\.(attention|mlp)\.output$/.test(path))
          .map((path) => [path, zeroed]),
      );
      const alone = probe(model, sequences, "logits", silenced).logits!.data;
      expect(distance(points[0]!.logits, alone)).toBeLessThan(within(alone));
    });
  });
});

describe("heads", () => {
  test.each([
    ["attention-only", () => aloneOf()],
    ["attention-only, smeared, keys shared", () => aloneOf({ smear: "yes", kvHeads: 1 })],
    ["gpt with norms and biases", () => gptOf({ bias: true, tied: false })],
    ["gpt with a table of positions", () => gptOf({ attention: "random-synthesizer", norm: "rmsnorm" })],
  ] as const)("effects of sources sum to the head's attribution in %s", (_, make) => {
    scope(() => {
      const model = make();
      const next = [...tokens.slice(1), -1];
      const parts = logitAttributions(model, tokens, next);
      const views = headViews(model, tokens);
      expect(views).toHaveLength(H * model.config.layers);
      for (const { layer, head, effects, weights } of views) {
        const { values } = parts.find((part) => part.layer === layer && part.head === head)!;
        const sums = Float64Array.from(values, (_, i) =>
          effects.subarray(i * T, (i + 1) * T).reduce((a, b) => a + b, 0),
        );
        // Values have biases of their own, which heads add wherever they look: rows of weights sum to one.
        expect(distance(sums, values)).toBeLessThan(within(values));
        const pattern = probe(model, tokens, `blocks.${layer}.attention.weights.${head}`);
        expect(weights).toEqual(Object.values(pattern)[0]!.data);
      }
    });
  });

  test("of one layer have the effects of their full OV circuit, weighted by attention; values the norms of theirs", () => {
    scope(() => {
      const model = aloneOf({ layers: 1 });
      const circuits = circuitsOf(model);
      for (const view of headViews(model, tokens)) {
        const circuit = circuits.layers[0]![view.head]!;
        const full = fullOv(circuits, circuit);
        const wanted = Float64Array.from({ length: T * T }, (_, at) => {
          const [i, j] = [Math.floor(at / T), at % T];
          return i === T - 1 ? 0 : view.weights[at]! * full.row(tokens[j]!)[tokens[i + 1]!]!;
        });
        expect(distance(view.effects, wanted)).toBeLessThan(within(wanted));
        const D = C / H;
        const { embedding } = circuits;
        const norms = tokens.map((token) => {
          let squares = 0;
          for (let d = 0; d < D; d++) {
            let sum = 0;
            for (let c = 0; c < C; c++)
              sum += embedding.values[token * C + c]! * circuit.ov.left.values[c * D + d]!;
            squares += sum * sum;
          }
          return Math.sqrt(squares);
        });
        expect(distance(view.valueNorms, norms)).toBeLessThan(1e-5);
        const weighted = valueWeighted(view);
        expect(weighted[4 * T + 2]).toBe(view.weights[4 * T + 2]! * view.valueNorms[2]!);
      }
    });
  });
});

test("what has no such parts is refused", () => {
  scope(() => {
    expect(() => logitAttributions(gauOf({ placement: "post" }), tokens, answers.slice(0, T))).toThrow(
      "stream: a norm after every unit rescales the stream",
    );
    expect(() => headViews(gauOf(), tokens)).toThrow(
      "headViews: gated units multiply what they mix by a gate",
    );
    expect(() => headViews(gptOf({ attention: "linear-exp" }), tokens)).toThrow(
      "headViews: linear-exp keeps sums of sources, it has no weights to show",
    );
    expect(() => logitAttributions(aloneOf(), tokens, [1, 2])).toThrow(
      "attribution: there must be an answer for each of 9 tokens, got 2",
    );
    expect(() =>
      headViews(
        aloneOf(),
        tokens,
        tokens.map(() => V),
      ),
    ).toThrow("attribution: answers must be below 11, or negative for none, got 11");
  });
});
