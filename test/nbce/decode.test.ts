// Decoding: batched rows with caches give what separate forward passes give, whoever computes the logits; streaming stops when it is told.
import { describe, expect, test } from "vitest";
import type { GptConfig } from "../../src/models/config";
import { gau } from "../../src/models/gau";
import { generate } from "../../src/models/generate";
import { type Gpt, gpt } from "../../src/models/gpt";
import type { LanguageModel } from "../../src/models/model";
import { type NbceDecodeOptions, type NbceToken, nbce } from "../../src/nbce/decode";
import { modelSource, windowSource } from "../../src/nbce/model-source";
import { readerOf } from "../../src/nbce/reader";
import { functionSource, type LogitsSource } from "../../src/nbce/source";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { clear } from "../models/clear";
import { collect } from "./collect";
import { separate } from "./separate";

const vocabulary = 17;
const rows = [
  [3, 1],
  [4, 1, 5, 9, 2, 3, 1],
  [6, 5, 3, 1],
  [8, 9, 7, 9, 3, 1],
];

const gptOf = (changes: Partial<GptConfig> = {}): Gpt =>
  clear(gpt({ vocabulary, context: 24, width: 16, layers: 2, heads: 2, tied: false, ...changes }, rng(1)), 4);

async function all(
  source: LogitsSource,
  given: readonly (readonly number[])[],
  options: Partial<NbceDecodeOptions> = {},
): Promise<NbceToken[]> {
  return collect(nbce(source, given, { maxTokens: 9, ...options }));
}

describe.each<[string, () => LanguageModel]>([
  ["rope", () => gptOf({ position: "rope", kvHeads: 1 })],
  ["learned positions", () => gptOf()],
  ["alibi", () => gptOf({ position: "alibi" })],
  ["smeared keys", () => gptOf({ smear: "yes" })],
  ["a random synthesizer", () => gptOf({ attention: "random-synthesizer" })],
  ["gau", () => gau({ vocabulary, context: 24, width: 16, layers: 2, keyWidth: 8, tied: false }, rng(2))],
])("a model with %s", (_, make) => {
  test.each<Partial<NbceDecodeOptions>>([
    {},
    { pool: "mean", beta: 3, topP: 1 },
    { pool: "max", topK: 5 },
    { pool: "weighted", temperature: 1, rng: rng(5) },
  ])("%j: batched with caches equals n + 1 separate forward passes", async (options) => {
    const model = make();
    const before = heap().liveBytes;
    const batched = await all(readerOf(model).source, rows, options);
    const wanted = await all(separate(model), rows, options.rng ? { ...options, rng: rng(5) } : options);
    expect(batched).toHaveLength(9);
    for (const [i, token] of batched.entries()) {
      const other = wanted[i]!;
      expect([token.id, token.chosen]).toEqual([other.id, other.chosen]);
      expect(Math.abs(token.logProbability - other.logProbability)).toBeLessThan(1e-4);
      for (const [k, entropy] of token.entropies.entries())
        expect(Math.abs(entropy - other.entropies[k]!)).toBeLessThan(1e-4);
    }
    expect(heap().liveBytes).toBe(before);
  });
});

test("without contexts it is plain decoding", async () => {
  const model = gptOf({ position: "rope" });
  const plain = [...generate(model, rows[1]!, { maxTokens: 9, temperature: 0, rng: rng(1) })];
  const tokens = await all(modelSource(model), [rows[1]!], { topP: 1 });
  expect(tokens.map(({ id }) => id)).toEqual(plain);
});

test("one context, beta 0: what the model says after it", async () => {
  const model = gptOf({ position: "rope" });
  const plain = [...generate(model, rows[1]!, { maxTokens: 9, temperature: 0, rng: rng(1) })];
  const tokens = await all(modelSource(model), rows.slice(0, 2), { topP: 1, beta: 0 });
  expect(tokens.map(({ id }) => id)).toEqual(plain);
  expect(tokens.every(({ chosen }) => chosen === 0)).toBe(true);
});

test("windows as a source: one window is plain decoding; several give other tokens than one after the other", async () => {
  const model = gptOf({ position: "rope" });
  const [window, task] = [rows[1]!.slice(0, -2), rows[1]!.slice(-2)];
  const plain = [...generate(model, rows[1]!, { maxTokens: 9, temperature: 0, rng: rng(1) })];
  const read = async (windows: readonly (readonly number[])[]) =>
    (await all(windowSource(model, windows), [task], { topP: 1 })).map(({ id }) => id);
  expect(await read([window])).toEqual(plain);
  expect(await read([window, rows[3]!])).not.toEqual(plain);
  await expect(all(windowSource(model, [window]), rows)).rejects.toThrow(
    "windows: one row follows them, the question, got 4",
  );
});

describe("stopping", () => {
  test("at a stop token, at maxTokens, and when nobody listens: memory returns", async () => {
    const model = gptOf({ position: "rope" });
    const before = heap().liveBytes;
    const tokens = (await all(modelSource(model), rows)).map(({ id }) => id);
    const last = tokens.at(-1)!;
    const stopped = await all(modelSource(model), rows, { stop: new Set([last]) });
    expect(stopped.map(({ id }) => id)).toEqual(tokens.slice(0, tokens.indexOf(last)));
    expect(await all(modelSource(model), rows, { maxTokens: 0 })).toEqual([]);
    for await (const { id } of nbce(modelSource(model), rows, { maxTokens: 9 })) {
      expect(id).toBe(tokens[0]);
      break;
    }
    expect(heap().liveBytes).toBe(before);
  });

  test("when the signal says so, before the next step", async () => {
    const model = gptOf({ position: "rope" });
    const before = heap().liveBytes;
    const control = new AbortController();
    const seen: number[] = [];
    const run = async () => {
      for await (const { id } of nbce(modelSource(model), rows, { maxTokens: 9, signal: control.signal })) {
        seen.push(id);
        if (seen.length === 3) control.abort(new Error("enough"));
      }
    };
    await expect(run()).rejects.toThrow("enough");
    expect(seen).toHaveLength(3);
    expect(heap().liveBytes).toBe(before);
    const never = AbortSignal.abort(new Error("not at all"));
    await expect(all(modelSource(model), rows, { signal: never })).rejects.toThrow("not at all");
  });

  test("a source that fails is released, once", async () => {
    let released = 0;
    const failing: LogitsSource = {
      prefill: () => ({
        logits: [[0, 1]],
        step: () => Promise.reject(new Error("gone")),
        release: () => {
          released += 1;
        },
      }),
    };
    await expect(all(failing, [[1]])).rejects.toThrow("gone");
    expect(released).toBe(1);
  });
});

test.each<[readonly (readonly number[])[], Partial<NbceDecodeOptions>, string]>([
  [[], {}, "nbce: a row without context must come first, got no rows"],
  [[[], [1]], {}, "nbce: the prompt without context must hold at least one token; keep the question"],
  [[[1], [1], []], {}, "nbce: the prompt with context 2 of 2 must hold at least one token"],
  [
    [[1], Array.from({ length: 20 }, () => 1)],
    {},
    "nbce: the prompt with context 1 of 1 and 9 new tokens must fit 24 positions, got 20 and so 5 too many; split the context, or ask for fewer tokens",
  ],
  [[[1]], { maxTokens: -1 }, "nbce: maxTokens must be a whole number of at least 0, got -1"],
  [[[1]], { temperature: -0.1 }, "sample: temperature must be at least 0, got -0.1"],
  [[[1]], { eta: Number.NaN }, "nbce: eta must be at least 0, got NaN"],
])("refused before anything is read: %j with %j", async (given, options, message) => {
  let reads = 0;
  const source = functionSource((r) => {
    reads += 1;
    return r.map(() => [0, 1]);
  }, 24);
  await expect(all(source, given, options)).rejects.toThrow(message);
  expect(reads).toBe(0);
});

test("a source that forgets rows is told", async () => {
  await expect(
    all(
      functionSource(() => [[0, 1]]),
      [[1], [2]],
    ),
  ).rejects.toThrow("nbce: the source must give logits for each of 2 rows, got 1");
});
