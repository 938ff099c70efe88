// Taps in attention: the fused kernel makes again what is asked for alone; weights, heads and the inputs of queries, keys and values are
// replaced alone, and gradients flow through what is put in their place.
import { describe, expect, test } from "vitest";
import type { Scorer } from "../../src/attention/scorer";
import { attentionOnly } from "../../src/models/attention-only";
import type { LanguageModel } from "../../src/models/model";
import { namedParameters, parameters } from "../../src/nn/module";
import type { Taps } from "../../src/nn/taps";
import { addTrailing, scale } from "../../src/ops/arithmetic";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { distance } from "../reference/compare";
import { B, C, H, input, kept, logitsOf, make, makers, SIZES, T, TOKENS } from "./tapped";

const fused = ["attention-only", "attention-only, smeared, relative", "gpt with one key head and biases"];

describe.each(fused)("under the fused kernel, %s:", (name) => {
  const places = ["blocks.0.attention.weights", "blocks.1.attention.weights"] as const;

  test("weights are those of the composed path; one head's are the same bits as its part of all", () => {
    scope(() => {
      const model = make(name);
      const [all, composed] = [{}, { attn_scores: () => undefined }].map((more) =>
        places.map((path) => kept(model, path, more)),
      );
      for (const [layer, path] of places.entries()) {
        expect(distance(all![layer]!, composed![layer]!)).toBeLessThan(1e-6);
        for (let head = 0; head < H; head++) {
          const own = kept(model, `${path}.${head}`);
          const part = Array.from({ length: B }, (_, b) =>
            all![layer]!.slice((b * H + head) * T * T, (b * H + head + 1) * T * T),
          );
          expect(Array.from(own)).toEqual(part.flatMap((values) => Array.from(values)));
        }
      }
    });
  });

  test("only what is asked for is made again", () => {
    scope(() => {
      const model = make(name);
      const made = (name: string) => watched(model, { [name]: () => undefined }).made;
      expect(made("blocks.0.attention.mixed")).toEqual([]);
      expect(made("blocks.1.attention.weights.1")).toEqual([1]);
      expect(made("blocks.*.attention.weights.*")).toEqual([0, 1, 0, 1]);
      expect(made("blocks.1.attn.hook_pattern")).toEqual([-1]);
    });
  });

  test("a head's weights are replaced alone; other layers keep their bits", () => {
    scope(() => {
      const model = make(name);
      const path = "blocks.1.attention.weights";
      const weights = kept(model, path);
      const changed = weights.map((weight, i) => (Math.floor(i / (T * T)) % H === 1 ? weight / 2 : weight));
      const whole = logitsOf(model, { [path]: tensor(changed, [B, H, T, T]) });
      let earlier: Float32Array | undefined;
      const alone = logitsOf(model, {
        [`${path}.1`]: (w) => scale(w, 0.5),
        "blocks.0.output": (x) => {
          earlier = x.values();
        },
      });
      expect(alone).toEqual(whole);
      expect(earlier).toEqual(kept(model, "blocks.0.output"));
    });
  });

  test("weights that are given are not computed, unless somebody listens to what they come from", () => {
    scope(() => {
      const model = make(name);
      const given = tensor(kept(model, places[0]), [B, H, T, T]);
      const instead: Taps = { [places[0]]: given };
      const looked: Taps = { [places[0]]: () => given };
      expect(logitsOf(model, instead)).toEqual(logitsOf(model, looked));
      expect(watched(model, instead)).toEqual({ runs: 1, made: [] });
      let heard = 0;
      logitsOf(model, { ...instead, "blocks.0.hook_k": () => void heard++ });
      expect(heard).toBe(1);
      expect(() => logitsOf(model, { [places[0]]: tensor([1]) })).toThrow(
        `taps: what takes the place of ${places[0]} must be f32 [2,2,5,5], got f32 [1]`,
      );
    });
  });

  test("gradients flow through weights that are changed", () => {
    scope(() => {
      const model = make(name);
      const targets = ids([...TOKENS].reverse(), [B, T]);
      const path = "blocks.0.attention.scores.key.weight";
      const gradient = (taps: Taps) => {
        const { gradients } = valueAndGradients(
          () => model.loss(input(), targets, { taps }),
          parameters(model),
        );
        return gradients[[...namedParameters(model).keys()].indexOf(path)]!.values();
      };
      const halve = (w: Tensor) => scale(w, 0.5);
      const part = { "blocks.0.attention.weights.1": halve, "blocks.0.attention.weights.0": halve };
      const composed = gradient({ [places[0]]: halve, "blocks.0.attention.logits": () => undefined });
      expect(Math.max(...composed.map(Math.abs))).toBeGreaterThan(1e-3);
      expect(gradient({ [places[0]]: halve })).toEqual(composed);
      expect(distance(gradient(part), composed)).toBeLessThan(1e-6);
      expect(distance(gradient({}), composed)).toBeGreaterThan(1e-4);
    });
  });
});

describe("what heads add", () => {
  test.each(["attention-only", "gpt with one key head and biases"])("sums to the output in %s", (name) => {
    scope(() => {
      const model = make(name);
      const bias =
        namedParameters(model).get("blocks.1.attention.output.bias")?.values() ?? new Float32Array(C);
      const heads = kept(model, "blocks.1.attention.heads");
      const output = kept(model, "blocks.1.attention.output");
      const sums = Array.from(output, (_, i) => {
        const [row, c] = [Math.floor(i / C), i % C];
        return heads[row * H * C + c]! + heads[(row * H + 1) * C + c]! + bias[c]!;
      });
      expect(distance(sums, output)).toBeLessThan(1e-5);
      // A head that adds nothing, by its part of the sum or by its mixed values.
      const silent = (width: number) => (x: Tensor) =>
        tensor(
          x.values().map((value, i) => (Math.floor(i / width) % H === 1 ? 0 : value)),
          x.shape,
        );
      const [first, second] = [
        logitsOf(model, { "blocks.1.attention.heads": silent(C) }),
        logitsOf(model, { "blocks.1.attention.mixed": silent(C / H) }),
      ];
      expect(distance(first, second)).toBeLessThan(1e-5);
      expect(distance(first, logitsOf(model))).toBeGreaterThan(1e-3);
    });
  });
});

describe("the inputs of queries, keys and values", () => {
  const inputs = { "query-input": "scores.query", "key-input": "scores.key", "value-input": "value" };

  test.each(Object.entries(inputs))("%s is replaced alone", (place, made) => {
    scope(() => {
      const model = attentionOnly(SIZES, rng(1));
      const y = tensor(noise(B * T * C, 3), [B, T, C]);
      const taps = { [`blocks.1.attention.${place}`]: y };
      for (const other of Object.values(inputs).filter((other) => other !== made)) {
        const path = `blocks.1.attention.${other}`;
        expect(kept(model, path, taps)).toEqual(kept(model, path));
      }
      const { attention } = model.blocks[1]!;
      const scores = Object(attention.scores);
      const { weight } = { "scores.query": scores.query, "scores.key": scores.key, value: attention.value }[
        made
      ]!;
      const places = Object(model.position)
        .weight.values()
        .slice(0, T * C);
      const placed = made === "value" ? y : addTrailing(y, tensor(places, [T, C]));
      const wanted = Array.from({ length: B * T * C }, (_, i) => {
        const row = floats(placed).subarray(Math.floor(i / C) * C, (Math.floor(i / C) + 1) * C);
        return row.reduce((sum, value, c) => sum + value * floats(weight)[c * C + (i % C)]!, 0);
      });
      expect(distance(kept(model, `blocks.1.attention.${made}`, taps), wanted)).toBeLessThan(1e-5);
    });
  });

  test.each(Object.keys(makers).filter((name) => name !== "one-layer"))(
    "all three are the input in %s",
    (name) => {
      scope(() => {
        const model = make(name);
        const instead = model.tapPaths.filter((path) => /^blocks\.0\..*-input$/.test(path));
        const split = Object.fromEntries(
          instead.map((path) => [path, (x: Tensor) => tensor(x.values(), x.shape)]),
        );
        expect(logitsOf(model, split)).toEqual(logitsOf(model));
        expect(instead.map((path) => path.slice(path.lastIndexOf(".") + 1))).toContain("value-input");
      });
    },
  );
});

/** Of which heads the fused path makes weights again, -1 for all, and how often it runs. */
function watched(model: LanguageModel, taps: Taps): { runs: number; made: number[] } {
  const seen = { runs: 0, made: [] as number[] };
  const blocks: { attention: { scores: Scorer } }[] = Object(model).blocks;
  const restore = blocks.map(({ attention: { scores } }) => {
    const mix = scores.mix!.bind(scores); // a fused variant
    scores.mix = (...inputs) => {
      seen.runs += 1;
      const { mixed, weights } = mix(...inputs);
      return {
        mixed,
        weights(head) {
          seen.made.push(head ?? -1);
          return weights(head);
        },
      };
    };
    return () => Reflect.deleteProperty(scores, "mix");
  });
  logitsOf(model, taps);
  for (const back of restore) back();
  return seen;
}
