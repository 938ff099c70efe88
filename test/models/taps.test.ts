// Taps in whole models: every place is shown once and costs nothing but itself, and what is put in place of something is used.
import { describe, expect, test } from "vitest";
import { attentionOnly } from "../../src/models/attention-only";
import { encoderDecoder } from "../../src/models/encoder-decoder";
import { tagger } from "../../src/models/tagger";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { distance } from "../reference/compare";
import { C, H, input, logitsOf, make, makers, SIZES, V } from "./tapped";

describe.each(Object.keys(makers))("%s", (name) => {
  test("every place is shown once, and the bits stay while somebody listens", () => {
    scope(() => {
      const model = make(name);
      const plain = logitsOf(model);
      expect(new Set(model.tapPaths).size).toBe(model.tapPaths.length);
      // Somebody who listens to logits gets the composed path, whose bits are others: that is for those who ask.
      const quiet = model.tapPaths.filter((path) => !path.endsWith("attention.logits"));
      const seen: string[] = [];
      const listen = Object.fromEntries(
        quiet.map((path) => [path, (_: Tensor, at: string) => void seen.push(at)]),
      );
      const before = heap().liveBytes;
      const listened = scope(() => logitsOf(model, listen));
      expect(heap().liveBytes).toBe(before);
      expect(listened).toEqual(plain);
      expect([...seen].sort()).toEqual([...quiet].sort());
      for (const path of model.tapPaths) {
        let count = 0;
        const alone = logitsOf(model, { [path]: () => void count++ });
        expect([path, count]).toEqual([path, 1]);
        expect(distance(alone, plain), path).toBeLessThan(2e-6 * Math.max(...plain.map(Math.abs)));
      }
    });
  });

  test("a copy in place of something changes at most the rounding, another tensor the logits", () => {
    scope(() => {
      const model = make(name);
      const plain = logitsOf(model);
      const most = Math.max(...plain.map(Math.abs));
      for (const path of model.tapPaths) {
        const copied = logitsOf(model, { [path]: (x) => tensor(x.values(), x.shape) });
        expect(distance(copied, plain), path).toBeLessThan(2e-6 * most);
        // Tables of positions ask with nothing that could be another.
        if (name.includes("table") && path.endsWith("query-input")) continue;
        const other = logitsOf(model, { [path]: (x) => tensor(noise(x.size, 9), x.shape) });
        expect(distance(other, plain), path).toBeGreaterThan(1e-4 * most);
      }
    });
  });

  test("decoding can be tapped, too", () => {
    scope(() => {
      const model = make(name);
      const state = model.createState(1);
      const quiet = model.tapPaths.filter((path) => !path.endsWith("attention.logits"));
      const seen = new Set<string>();
      const taps = Object.fromEntries(quiet.map((path) => [path, () => void seen.add(path)]));
      model.next(ids([3, 1], [1, 2]), state);
      const heard = model.next(ids([4], [1, 1]), state, { taps }).values();
      expect(seen.size).toBe(quiet.length);
      const whole = model.logits(ids([3, 1, 4], [1, 3])).values();
      expect(distance(heard, whole.slice(-V))).toBeLessThan(1e-5 * Math.max(...whole.map(Math.abs)));
      state.release();
    });
  });
});

test("the places of a layer of attention alone", () => {
  scope(() => {
    const own = [
      ...["input", "attention.value-input", "attention.value", "attention.query-input"],
      ...["attention.key-input", "attention.weights", "attention.logits", "attention.weights.0"],
      ...["attention.weights.1", "attention.scores.query", "attention.scores.key", "attention.mixed"],
      ...["attention.heads", "attention.output", "output"],
    ].map((path) => `blocks.0.${path}`);
    const model = attentionOnly({ ...SIZES, layers: 1 }, rng(1));
    expect([...model.tapPaths].sort()).toEqual(["token", ...own, "stream", "logits"].sort());
  });
});

test("models that are no language models know their places, too", () => {
  scope(() => {
    const labels = tagger(
      { vocabulary: V, outputs: 3, fields: 2, context: 6, width: C, heads: H, layers: 1 },
      rng(1),
    );
    expect(labels.tapPaths).toEqual(
      expect.arrayContaining(["token", "blocks.0.attention.weights.1", "logits"]),
    );
    expect(() => labels.logits(input(), { taps: { "encoder.0.output": () => undefined } })).toThrow(
      'got "encoder.0.output"; near it are blocks.0.output',
    );
    const both = encoderDecoder({ ...SIZES, layers: 1, sources: 4 }, rng(1));
    const places = ["encoder.0.attention.weights", "decoder.0.attention.weights", "decoder.0.cross.weights"];
    expect(both.tapPaths).toEqual(expect.arrayContaining(places));
    const seen: string[] = [];
    const taps = Object.fromEntries(
      places.map((path) => [path, (_: Tensor, at: string) => void seen.push(at)]),
    );
    both.logits(ids([1, 2, 3], [1, 3]), ids([4, 5], [1, 2]), { taps });
    expect(seen).toEqual(places);
    expect(() =>
      both.logits(ids([1], [1, 1]), ids([4], [1, 1]), { taps: { pattern: () => undefined } }),
    ).toThrow('got "pattern"; near it are');
  });
});

test("a tap on nothing is refused before anything is computed", () => {
  scope(() => {
    const model = make("gpt");
    let heard = 0;
    const taps = { token: () => void heard++, "blocks.2.attention.weights": () => undefined };
    expect(() => logitsOf(model, taps)).toThrow(
      'taps: a name must be of a place in the model, got "blocks.2.attention.weights"; near it are blocks.0.attention.weights, ',
    );
    expect(heard).toBe(0);
    expect(() => model.loss(input(), input(), { taps: { patern: () => undefined } })).toThrow('got "patern"');
  });
});
