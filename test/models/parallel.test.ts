// Parallel context windows: one window is plain reading, windows neither see nor shift one another, and what follows sees them all.
import { describe, expect, test } from "vitest";
import type { GptConfig } from "../../src/models/config";
import { gau } from "../../src/models/gau";
import { type Gpt, gpt } from "../../src/models/gpt";
import { readWindows } from "../../src/models/parallel";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { ids, scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { clear, small } from "./clear";

const vocabulary = 11;
const windows = [
  [0, 1, 4, 1, 5],
  [0, 6, 7],
  [0, 3, 5, 8],
];
const task = [9, 2];

const gptOf = (changes: Partial<GptConfig> = {}): Gpt =>
  clear(gpt({ ...small, vocabulary, ...changes }, rng(3)), 4);

/** Logits after the task, one token at a time. */
function read(
  model: Gpt,
  given: readonly (readonly number[])[],
  options?: Parameters<typeof readWindows>[2],
): number[] {
  return scope(() => {
    const state = readWindows(model, given, options);
    const logits = task.map((token) => model.next(ids([token], [1, 1]), state).values());
    state.release();
    return Array.from(logits.at(-1)!);
  });
}

function expectNear(actual: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const scale = Math.max(...Array.from(wanted, Math.abs));
  expect(distance(actual, wanted)).toBeLessThan(2e-5 * scale);
}

describe.each(["none", "learned", "rope", "alibi", "rerope"] as const)("%s", (position) => {
  test("one window is the plain model", () => {
    scope(() => {
      const model = gptOf({ position, near: 3 });
      const window = windows[0]!;
      const plain = model
        .logits(ids([...window, ...task], [1, 7]))
        .values()
        .slice(-vocabulary);
      for (const align of ["left", "right"] as const) expectNear(read(model, [window], { align }), plain);
    });
  });

  test("the order of windows changes nothing, what stands in them does", () => {
    scope(() => {
      const model = gptOf({ position, near: 3 });
      const logits = read(model, windows);
      expectNear(read(model, [...windows].reverse()), logits);
      const other = [windows[0]!, [0, 6, 2], windows[2]!];
      expect(distance(read(model, other), logits)).toBeGreaterThan(1e-2);
    });
  });
});

test("one layer: the task's output is the windows' mean by their share of the sum of exponentials", () => {
  scope(() => {
    // Values and logits of a single head, read off the model: what the task attends to in each window, then all together.
    const model = gptOf({ position: "rope", layers: 1, heads: 1, width: 8 });
    const query = 9;
    const seen = (given: readonly (readonly number[])[]) => {
      let logits: Float32Array = new Float32Array();
      let mixed: Float32Array = new Float32Array();
      const state = readWindows(model, given);
      model.next(ids([query], [1, 1]), state, {
        taps: {
          "blocks.0.attention.logits": (x) => {
            logits = x.values();
          },
          "blocks.0.attention.mixed": (x) => {
            mixed = x.values();
          },
        },
      });
      state.release();
      return { logits, mixed };
    };
    // Windows of one length: then the task stands at the same place after one and after all.
    const even = [windows[0]!, [0, 6, 7, 2, 10], [0, 3, 5, 8, 8]];
    const all = seen(even);
    const own = all.logits.at(-1)!; // the task token's own logit, the same everywhere
    const parts = even.map((window) => seen([window]));
    const sums = parts.map(({ logits }) =>
      logits.slice(0, -1).reduce((sum, logit) => sum + Math.exp(logit), 0),
    );
    const total = sums.reduce((a, b) => a + b) + Math.exp(own);
    // Each part's output holds the task token too: parts weighed by their sums, with it, count it once too often each.
    const value = seenValue(model, query, even[0]!.length);
    const wanted = all.mixed.map((_, c) => {
      const within = parts.map(
        ({ mixed }, k) => mixed[c]! * (sums[k]! + Math.exp(own)) - Math.exp(own) * value[c]!,
      );
      return (within.reduce((a, b) => a + b) + Math.exp(own) * value[c]!) / total;
    });
    expect(distance(all.mixed, wanted)).toBeLessThan(1e-5);
    // A plain mean of the windows, which NBCE takes with beta 0, is something else.
    const plain = all.mixed.map((_, c) =>
      parts.reduce((sum, { mixed }) => sum + mixed[c]! / parts.length, 0),
    );
    expect(distance(all.mixed, plain)).toBeGreaterThan(1e-3);
  });
});

/** The value vector of a token, which positions do not touch. */
function seenValue(model: Gpt, token: number, before: number): Float32Array {
  let value: Float32Array = new Float32Array();
  const row = [...Array.from({ length: before }, () => 0), token];
  model.logits(ids(row, [1, row.length]), {
    taps: {
      "blocks.0.attention.value": (x) => {
        value = x.values().slice(-8);
      },
    },
  });
  return value;
}

test("the token that begins texts is kept of the longest window alone", () => {
  scope(() => {
    const model = gptOf({ position: "rope" });
    const counted = (begin?: number) => {
      const state = readWindows(model, windows, { begin });
      const { length } = state;
      state.release();
      return length;
    };
    expect(counted()).toBe(12);
    expect(counted(0)).toBe(10);
    expect(counted(5)).toBe(12);
  });
});

test("windows together may hold more than the context; the task has what the longest leaves", () => {
  scope(() => {
    const model = gptOf({ position: "rope" });
    const before = heap().liveBytes;
    const state = readWindows(model, [...windows, ...windows]);
    expect(state.length).toBe(24);
    const next = () => scope(() => void model.next(ids([1], [1, 1]), state));
    for (let i = 0; i < 7; i++) next();
    expect(next).toThrow("gpt: at most 12 tokens fit the context, got 13");
    state.release();
    expect(heap().liveBytes).toBe(before);
  });
});

test("gau reads windows, too", () => {
  scope(() => {
    const model = gau({ vocabulary, context: 12, width: 16, layers: 2, keyWidth: 8 }, rng(3));
    const state = readWindows(model, [windows[0]!]);
    const plain = model
      .logits(ids([...windows[0]!, 9], [1, 6]))
      .values()
      .slice(-vocabulary);
    expectNear(model.next(ids([9], [1, 1]), state).values(), plain);
    state.release();
  });
});

test.each<[Partial<GptConfig>, readonly (readonly number[])[], string]>([
  [{}, [], "windows: each must hold at least one token, got no windows"],
  [{}, [[1], []], "windows: each must hold at least one token, got an empty one"],
  [
    {},
    [Array.from({ length: 12 }, () => 1)],
    "windows: each must leave a position of the context of 12, got one of 12 tokens",
  ],
  [{ mask: "sliding-window" }, [[1]], "windows: mask sliding-window goes by the number of a token"],
  [{ attention: "dense-synthesizer" }, [[1]], "windows: dense-synthesizer keeps no keys"],
  [{ attention: "linear-elu", position: "none" }, [[1]], "windows: linear-elu keeps no keys"],
  [{ smear: "yes" }, [[1]], "windows: smear mixes neighbours"],
])("refused: %j, %j", (changes, given, message) => {
  scope(() => {
    expect(() => readWindows(gptOf(changes), given)).toThrow(message);
  });
});
