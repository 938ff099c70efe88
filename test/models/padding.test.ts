// Sequences of different lengths in one batch: padding on the left changes nothing about any of them, at once or token by token.
import { describe, expect, test } from "vitest";
import type { GptConfig } from "../../src/models/config";
import { gau } from "../../src/models/gau";
import { gpt } from "../../src/models/gpt";
import type { LanguageModel } from "../../src/models/model";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { ids, scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { clear, small } from "./clear";

const vocabulary = 11;
const rows = [
  [3, 1, 4, 1, 5, 9],
  [2, 6],
  [5, 3, 5, 8],
];
const more = [7, 0, 10];
const T = 6;
const padding = { lengths: rows.map(({ length }) => length), side: "left" } as const;
const padded = rows.flatMap((row) => [...Array.from({ length: T - row.length }, () => 0), ...row]);

const gptOf = (changes: Partial<GptConfig>) => clear(gpt({ ...small, vocabulary, ...changes }, rng(3)), 4);
/** Squared relus of scores a thousand times as large are no numbers to compare. */
const gauOf = () => gau({ vocabulary, context: 12, width: 16, layers: 2, keyWidth: 8 }, rng(3));

const models: [string, () => LanguageModel][] = [
  ...(
    ["none", "learned", "sinusoidal", "qk-only", "rope", "rerope", "alibi", "relative", "urpe"] as const
  ).map((position): [string, () => LanguageModel] => [position, () => gptOf({ position, near: 3 })]),
  ["a sliding window", () => gptOf({ position: "rope", mask: "sliding-window", window: 3 })],
  ["scaled rows", () => gptOf({ position: "rope", scale: "log-n" })],
  [
    "grouped keys and evenly spaced places",
    () => gptOf({ position: "learned", kvHeads: 1, index: "evenly-spaced" }),
  ],
  ["linear attention", () => gptOf({ position: "learned", attention: "linear-elu" })],
  ["gau", gauOf],
];

describe.each(models)("%s", (_, make) => {
  test("the last logits of padded rows equal those of the row alone, and go on so", () => {
    scope(() => {
      const model = make();
      const before = heap().liveBytes;
      const state = model.createState(rows.length);
      for (let step = 0; step <= more.length; step++) {
        const tokens = step === 0 ? padded : rows.map(() => more[step - 1]!);
        const shape = [rows.length, tokens.length / rows.length];
        const together = scope(() =>
          model.next(ids(tokens, shape), state, step === 0 ? { padding } : {}).values(),
        );
        for (const [b, row] of rows.entries()) {
          const whole = [...row, ...more.slice(0, step)];
          const alone = scope(() =>
            model
              .logits(ids(whole, [1, whole.length]))
              .values()
              .slice(-vocabulary),
          );
          const scale = Math.max(...alone.map(Math.abs));
          expect(distance(together.slice(b * vocabulary, (b + 1) * vocabulary), alone)).toBeLessThan(
            2e-5 * scale,
          );
        }
      }
      state.release();
      expect(heap().liveBytes).toBe(before);
    });
  });

  test("without padding they would differ", () => {
    scope(() => {
      const model = make();
      const state = model.createState(rows.length);
      const wrong = model.next(ids(padded, [rows.length, T]), state).values();
      const right = model
        .logits(ids(rows[1]!, [1, 2]))
        .values()
        .slice(-vocabulary);
      const difference = distance(wrong.slice(vocabulary, 2 * vocabulary), right);
      expect(difference).toBeGreaterThan(1e-3 * Math.max(...right.map(Math.abs)));
      state.release();
    });
  });
});

test("fused and composed attention see the same tokens, with the same gradients", () => {
  scope(() => {
    const model = gptOf({ position: "learned" });
    const targets = ids(
      padded.map((id, i) => (i % T === T - 1 ? id : -1)),
      [rows.length, T],
    );
    const losses = [
      {},
      { "blocks.0.attention.logits": () => undefined, "blocks.1.attention.logits": () => undefined },
    ].map((taps) => model.loss(ids(padded, [rows.length, T]), targets, { padding, taps }).item());
    expect(Math.abs(losses[0]! - losses[1]!)).toBeLessThan(1e-5);
  });
});

describe("what cannot be", () => {
  test("padding on the right, or not with the first tokens, or not fitting", () => {
    scope(() => {
      const model = gptOf({});
      const start = () => model.createState(2);
      const four = ids([1, 2, 3, 4], [2, 2]);
      expect(() => model.next(four, start(), { padding: { lengths: [1, 2], side: "right" } })).toThrow(
        "attention: tokens would follow padding on the right; decode with padding on the left",
      );
      expect(() => model.next(four, start(), { padding: { lengths: [3, 1], side: "left" } })).toThrow(
        "attention: padding must give a length of 0..2 for each of 2 sequences, got 3, 1",
      );
      const state = start();
      model.next(four, state);
      expect(() => model.next(four, state, { padding: { lengths: [1, 2], side: "left" } })).toThrow(
        "decode: padding comes with the first tokens, got it after 2",
      );
    });
  });
});
