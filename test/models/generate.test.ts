// Generation: the cache changes nothing, seeds decide, the context may overflow, and sampling follows its distribution.
import { describe, expect, test } from "vitest";
import type { GptConfig } from "../../src/models/config";
import { generate } from "../../src/models/generate";
import { type Gpt, gpt } from "../../src/models/gpt";
import { type SampleOptions, sample } from "../../src/models/sample";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { ids, scope } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { distance } from "../reference/compare";
import { clear, small } from "./clear";

const V = 13;
const prompt = [3, 1, 4, 1, 5];

const model = (changes: Partial<GptConfig> = {}): Gpt =>
  clear(gpt({ ...small, vocabulary: V, ...changes }, rng(1)));

function logitsOf(gpt: Gpt, tokens: readonly number[]): Float32Array {
  return scope(() =>
    gpt
      .logits(ids(tokens, [1, tokens.length]))
      .values()
      .slice(-V),
  );
}

const argmax = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

describe.each<Partial<GptConfig>>([
  {},
  { position: "rope", kvHeads: 1, norm: "rmsnorm", bias: true, tied: false },
  { position: "none", norm: "none", activation: "silu", scale: "one" },
])("gpt with %j", (changes) => {
  test("logits from the cache equal those without", () => {
    scope(() => {
      const gpt = model(changes);
      const tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
      for (const pieces of [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [5, 1, 6], [12], [11, 1]]) {
        const state = gpt.createState(1);
        for (const piece of pieces) {
          const first = state.length;
          const next = gpt.next(ids(tokens.slice(first, first + piece), [1, piece]), state);
          expect(next.shape).toEqual([1, V]);
          const whole = logitsOf(gpt, tokens.slice(0, first + piece));
          expect(distance(next.values(), whole)).toBeLessThan(2e-5 * Math.max(...whole.map(Math.abs)));
        }
        expect(() => gpt.next(ids([1], [1, 1]), state)).toThrow(
          "gpt: at most 12 tokens fit the context, got 13; shorten the input",
        );
        state.release();
      }
    });
  });

  test("sequences of a batch do not see one another", () => {
    scope(() => {
      const gpt = model(changes);
      const [a, b] = [
        [1, 2, 3, 4],
        [9, 8, 7, 6],
      ];
      const both = gpt.logits(ids([...a, ...b], [2, 4])).values();
      const alone = [a, b].map((tokens) => gpt.logits(ids(tokens, [1, 4])).values());
      const largest = Math.max(...both.map(Math.abs));
      expect(distance(both, [...alone[0]!, ...alone[1]!])).toBeLessThan(2e-5 * largest);
      const state = gpt.createState(2);
      const next = gpt.next(ids([...a, ...b], [2, 4]), state).values();
      state.release();
      expect(
        distance(
          next,
          alone.flatMap((logits) => [...logits.slice(-V)]),
        ),
      ).toBeLessThan(2e-5 * largest);
    });
  });

  test("temperature 0 takes the likeliest token, over and over", () => {
    scope(() => {
      const gpt = model(changes);
      const tokens = [...prompt];
      const made = [...generate(gpt, prompt, { maxTokens: 7, temperature: 0, rng: rng(1) })];
      for (const token of made) {
        expect(token).toBe(argmax(logitsOf(gpt, tokens)));
        tokens.push(token);
      }
    });
  });
});

describe("generate", () => {
  test("the same seed gives the same tokens, another one others", () => {
    scope(() => {
      const gpt = model();
      const run = (seed: number) => [
        ...generate(gpt, prompt, { maxTokens: 30, temperature: 3, rng: rng(seed) }),
      ];
      expect(run(1)).toEqual(run(1));
      expect(run(1)).not.toEqual(run(2));
    });
  });

  test("goes on from the later half when the context is full", () => {
    scope(() => {
      const gpt = model();
      const made = [...generate(gpt, prompt, { maxTokens: 40, temperature: 0, rng: rng(1) })];
      expect(made).toHaveLength(40);
      // The same rule without a cache.
      const tokens = [...prompt];
      let window = [...prompt];
      for (const token of made) {
        if (window.length > 12) window = tokens.slice(-6);
        expect(token).toBe(argmax(logitsOf(gpt, window)));
        tokens.push(token);
        window.push(token);
      }
    });
  });

  test("a prompt longer than the context is read from its end", () => {
    scope(() => {
      const gpt = model();
      const long = Array.from({ length: 50 }, (_, i) => (i * i) % V);
      const [first] = generate(gpt, long, { maxTokens: 1, temperature: 0, rng: rng(1) });
      expect(first).toBe(argmax(logitsOf(gpt, long.slice(-12))));
      expect([...generate(gpt, long, { maxTokens: 20, rng: rng(1) })]).toHaveLength(20);
    });
  });

  test("a context of one token works", () => {
    scope(() => {
      const gpt = model({ context: 1 });
      expect([...generate(gpt, [3], { maxTokens: 5, rng: rng(1) })]).toHaveLength(5);
    });
  });

  test("leaves no memory, whether it ends, is dropped, or throws", () => {
    scope(() => {
      const gpt = model();
      const before = heap().liveBytes;
      for (const _ of generate(gpt, prompt, { maxTokens: 20, rng: rng(1) }))
        expect(heap().liveBytes).toBeGreaterThan(before);
      expect(heap().liveBytes).toBe(before);
      for (const _ of generate(gpt, prompt, { maxTokens: 20, rng: rng(1) })) break;
      expect(heap().liveBytes).toBe(before);
      expect(() => [...generate(gpt, [V], { maxTokens: 1, rng: rng(1) })]).toThrow(
        "embedding: ids must be 0..12 for token.weight [13,16], got 13",
      );
      expect(heap().liveBytes).toBe(before);
    });
  });

  test.each<[readonly number[], SampleOptions & { maxTokens: number }, string]>([
    [[], { maxTokens: 1 }, "generate: the prompt must hold at least one token, got none"],
    [[1.5], { maxTokens: 1 }, "ids: values must be 32-bit integers, got 1.5"],
    [[1], { maxTokens: -1 }, "generate: maxTokens must be a whole number of at least 0, got -1"],
    [[1], { maxTokens: Number.NaN }, "generate: maxTokens must be a whole number of at least 0, got NaN"],
    [[1], { maxTokens: 1, temperature: -1 }, "sample: temperature must be at least 0, got -1"],
    [[1], { maxTokens: 1, topK: 0 }, "sample: topK must be a whole number of at least 1, got 0"],
    [[1], { maxTokens: 1, topP: 0 }, "sample: topP must be in (0, 1], got 0"],
    [[1], { maxTokens: 1, topP: 1.1 }, "sample: topP must be in (0, 1], got 1.1"],
  ])("prompt %j with %j is refused", (tokens, options, rule) => {
    expect(() => scope(() => [...generate(model(), tokens, { ...options, rng: rng(1) })])).toThrow(rule);
  });
});

describe("sample", () => {
  const logits = noise(9, 5, -2, 2);

  /** Probabilities by the definitions: tempered softmax, the k likeliest, the smallest set of these that reaches p. */
  function distribution({ temperature = 1, topK = logits.length, topP = 1 }: SampleOptions): number[] {
    const top = Math.max(...logits);
    const weights = Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
    const ranked = weights.toSorted((a, b) => b - a).slice(0, topK);
    const total = ranked.reduce((sum, weight) => sum + weight, 0);
    const enough = ranked.findIndex(
      (_, i) => ranked.slice(0, i + 1).reduce((sum, w) => sum + w, 0) >= topP * total - 1e-12,
    );
    const least = ranked[enough]!;
    const kept = weights.map((weight) => (weight >= least ? weight : 0));
    const sum = kept.reduce((all, weight) => all + weight, 0);
    return kept.map((weight) => weight / sum);
  }

  test.each<SampleOptions>([
    {},
    { temperature: 0.5 },
    { temperature: 3 },
    { topK: 1 },
    { topK: 4 },
    { topP: 0.6 },
    { topP: 1e-9 },
    { temperature: 2, topK: 5, topP: 0.8 },
    { temperature: 1e-3 },
    { topK: 100 },
  ])("%j draws by its distribution", (options) => {
    const wanted = distribution(options);
    const draws = 4000;
    const random = rng(11);
    const counts = new Array<number>(logits.length).fill(0);
    for (let i = 0; i < draws; i++) counts[sample(logits, options, random)]! += 1;
    wanted.forEach((probability, token) => {
      // Five standard deviations; what has no probability never comes.
      const spread = 5 * Math.sqrt((probability * (1 - probability)) / draws);
      expect(Math.abs(counts[token]! / draws - probability)).toBeLessThanOrEqual(spread);
    });
  });

  test("temperature 0 takes the first of equals", () => {
    expect(sample([1, 3, 3, 2], { temperature: 0 }, rng(1))).toBe(1);
  });

  test("a token with logit -infinity never comes", () => {
    const random = rng(1);
    for (let i = 0; i < 50; i++)
      expect(sample([Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY], {}, random)).toBe(1);
  });

  test.each<[number[], string]>([
    [[1, Number.NaN, 2], "sample: logits must be numbers below infinity, got NaN for token 1"],
    [
      [1, Number.POSITIVE_INFINITY],
      "sample: logits must be numbers below infinity, got Infinity for token 1",
    ],
    [[], "sample: at least one logit must be finite, got none"],
    [[Number.NEGATIVE_INFINITY], "sample: at least one logit must be finite, got none"],
  ])("logits %j are refused", (bad, rule) => {
    for (const temperature of [0, 1]) expect(() => sample(bad, { temperature }, rng(1))).toThrow(rule);
  });
});
