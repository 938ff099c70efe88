// Path patching: what is kept is read, through the chosen inputs of the chosen heads, and nothing else changes.
import { describe, expect, test } from "vitest";
import { patchPaths } from "../../src/analysis/path-patching";
import { probe } from "../../src/analysis/probe";
import type { Model } from "../../src/models";
import { scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { aloneOf, C, gauOf, gptOf, H, others, tokens } from "./models";

const logits = (model: Model, taps = {}) => probe(model, tokens, "logits", taps).logits!.data;
const all = () => true;
const none = () => false;

const models: readonly (readonly [string, () => Model])[] = [
  ["attention-only", () => aloneOf()],
  ["attention-only, smeared", () => aloneOf({ smear: "yes" })],
  ["gpt", () => gptOf({ bias: true })],
  ["gau", () => gauOf()],
];

describe.each(models)("%s", (_, make) => {
  test.each(["query", "key", "value"] as const)(
    "everything kept through %s, or taken from the same run, changes nothing",
    (input) => {
      scope(() => {
        const model = make();
        const plain = logits(model);
        const most = Math.max(...plain.map(Math.abs));
        for (const patch of [{ keep: all }, { keep: none, other: tokens }]) {
          const taps = patchPaths(model, tokens, { layer: 1, inputs: [input], ...patch });
          expect(distance(logits(model, taps), plain)).toBeLessThan(1e-5 * most);
        }
        const less = patchPaths(model, tokens, {
          layer: 1,
          inputs: [input],
          keep: ({ name }) => name === "token",
        });
        expect(distance(logits(model, less), plain)).toBeGreaterThan(1e-3 * most);
      });
    },
  );

  test("everything through all inputs taken from another run gives that run's queries, keys and values", () => {
    scope(() => {
      const model = make();
      const places = ["scores.query", "scores.key", "value"].map((place) => `blocks.1.attention.${place}`);
      const taps = patchPaths(model, tokens, {
        layer: 1,
        inputs: ["query", "key", "value"],
        keep: none,
        other: others,
      });
      const [patched, wanted] = [probe(model, tokens, places, taps), probe(model, others, places)];
      for (const place of places)
        expect(distance(patched[place]!.data, wanted[place]!.data)).toBeLessThan(1e-5);
      const stream = probe(model, tokens, "blocks.1.input", taps)["blocks.1.input"]!.data;
      expect(stream).toEqual(probe(model, tokens, "blocks.1.input")["blocks.1.input"]!.data);
    });
  });
});

test("with the embedding alone as key input the keys are of tokens and positions (check M5's replacement)", () => {
  scope(() => {
    const model = aloneOf();
    const taps = patchPaths(model, tokens, {
      layer: 1,
      inputs: ["key"],
      keep: ({ name }) => name === "token",
    });
    const key = probe(model, tokens, "blocks.1.attn.hook_k", taps)["blocks.1.attention.scores.key"]!.data;
    const weight: Float32Array = Object(model.blocks[1]!.attention.scores).key.weight.values();
    const [table, places] = [model.token.weight.values(), Object(model.position).weight.values()];
    const wanted = Array.from(key, (_, i) => {
      const [t, column] = [Math.floor(i / C), i % C];
      let sum = 0;
      for (let c = 0; c < C; c++)
        sum += (table[tokens[t]! * C + c]! + places[t * C + c]!) * weight[c * C + column]!;
      return sum;
    });
    expect(distance(key, wanted)).toBeLessThan(1e-5);
  });
});

test("chosen heads read something else alone", () => {
  scope(() => {
    const model = aloneOf();
    const keep = ({ name }: { name: string }) => name === "token";
    const [whole, chosen] = [undefined, [1]].map((heads) =>
      patchPaths(model, tokens, { layer: 1, inputs: ["key", "query"], keep, ...(heads && { heads }) }),
    );
    const weights = (taps = {}) => probe(model, tokens, "blocks.1.attn.hook_pattern.*", taps);
    const [plain, changed, all] = [weights(), weights(chosen), weights(whole)];
    for (let head = 0; head < H; head++) {
      const path = `blocks.1.attention.weights.${head}`;
      const like = head === 1 ? all : plain;
      expect(distance(changed[path]!.data, like[path]!.data)).toBeLessThan(1e-6);
      expect(distance(all[path]!.data, plain[path]!.data)).toBeGreaterThan(1e-3);
    }
  });
});

test("what cannot be is refused", () => {
  scope(() => {
    const patch = { layer: 1, inputs: ["key"], keep: all } as const;
    const model = aloneOf();
    expect(() => patchPaths(model, tokens, { ...patch, layer: 2 })).toThrow(
      "patchPaths: layer must be 0..1, got 2",
    );
    expect(() => patchPaths(model, tokens, { ...patch, heads: [3] })).toThrow(
      "patchPaths: heads must be 0..2, got 3",
    );
    expect(() => patchPaths(model, tokens, { ...patch, other: tokens.slice(1) })).toThrow(
      "patchPaths: both runs must have the same length, got 1 x 9 and 1 x 8 tokens",
    );
    expect(() => patchPaths(aloneOf({ kvHeads: 1 }), tokens, { ...patch, heads: [0] })).toThrow(
      "patchPaths: chosen heads must have keys and values of their own, got 3 heads for 1; patch the whole layer",
    );
    expect(() => patchPaths(gauOf({ placement: "post" }), tokens, patch)).toThrow(
      "the stream, so it is no sum",
    );
    // For these tokens only.
    const taps = patchPaths(model, tokens, patch);
    expect(() => probe(model, tokens.slice(1), "logits", taps)).toThrow(
      "must be f32 [1,8,12], got f32 [1,9,12]",
    );
  });
});
