// The small models of the experiments on length against float64 and against the models that they are made like.
import { describe, expect, test } from "vitest";
import { reasoned } from "../../../src/experiments/length/probe";
import { Reader } from "../../../src/experiments/length/reader";
import { readingOf, readings } from "../../../src/experiments/length/retrieval";
import { Stack, windowOf } from "../../../src/experiments/length/stack";
import { withWeightsOf } from "../../../src/experiments/length/weights";
import { tagger } from "../../../src/models/tagger";
import { namedTensors } from "../../../src/nn/module";
import { rng } from "../../../src/tensor/rng";
import { floats, ids, scope } from "../../../src/tensor/tensor";
import { expectClose, noise } from "../../assembly/battery";
import { chunks } from "../../attention/closed-forms";

describe("the reader", () => {
  const [C, n, trained] = [8, 20, 6];
  const tokens = Array.from({ length: n }, (_, i) => (5 * i * i + i) % 7);

  test.each(Object.keys(readings))("%s: one row of attention, in float64", (name) => {
    scope(() => {
      const sizes = { vocabulary: 7, outputs: 3, width: C, trained };
      const model = new Reader({ ...sizes, ...readingOf(name) }, rng(1));
      for (const [path, w] of namedTensors(model)) floats(w).set(noise(w.size, path.length, -1, 1));
      const of = new Map([...namedTensors(model)].map(([path, w]) => [path, Array.from(w.values())]));
      const times = (x: readonly number[], path: string, columns: number) =>
        Array.from({ length: columns }, (_, c) =>
          x.reduce((sum, value, r) => sum + value * of.get(path)![r * columns + c]!, 0),
        );
      const normed = (x: readonly number[], path: string) => {
        const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / C + 1e-6);
        return x.map((value, c) => (value / root) * of.get(path)![c]!);
      };
      const rows = chunks(of.get("token.weight")!, C);
      const x = tokens.map((id) => normed(rows[id]!, "norm1.gain"));
      const asked = of.get("asked")!;
      const q = times(asked, "query.weight", C);
      const scores = x.map(
        (row) => times(row, "key.weight", C).reduce((sum, k, c) => sum + q[c]! * k, 0) / Math.sqrt(C),
      );
      const factor =
        { E: Math.log(n) / Math.log(trained), "softmax-plus": Math.log(n) / Math.log(512) }[name] ?? 1;
      const squares = name.startsWith("relu2");
      const parts = scores.map((s) => (squares ? Math.max(s, 0) ** 2 : Math.exp(factor * s)));
      const total = parts.reduce((a, b) => a + b);
      const divisor = { relu2: n, "relu2-fixed": trained, "relu2-normalized": total + 1e-6 }[name] ?? total;
      const values = x.map((row) => times(row, "value.weight", C));
      const read = asked.map(
        (value, c) => value + values.reduce((sum, v, j) => sum + (parts[j]! / divisor) * v[c]!, 0),
      );
      const wanted = times(normed(read, "norm2.gain"), "head.weight", 3).map(
        (value, c) => value + of.get("head.bias")![c]!,
      );
      const found = model.logits(ids([...tokens, ...tokens], [2, n])).values();
      expectClose(found, [...wanted, ...wanted], { relative: 1e-4, absolute: 1e-5 });
    });
  });
});

describe("stacks", () => {
  const sizes = { vocabulary: 11, trained: 16, longest: 32, width: 8, heads: 2, layers: 3 };
  const tokens = Array.from({ length: 24 }, (_, i) => (7 * i * i + 3 * i) % 11);
  const logits = (model: Stack, input: readonly number[]) =>
    chunks(model.logits(ids(input, [1, input.length])).values(), 11);

  test("the baseline is the causal tagger of its weights", () => {
    scope(() => {
      const stack = new Stack("baseline", sizes, rng(3));
      const config = { ...sizes, context: 32, outputs: 11, mlpWidth: 32 };
      const { trained: _, longest: __, ...rest } = config;
      const same = tagger({ ...rest, mask: "causal", position: "rope", norm: "rmsnorm" }, rng(4));
      const twin = withWeightsOf(stack, same);
      expect(logits(stack, tokens).flat()).toEqual(Array.from(twin.logits(ids(tokens, [1, 24])).values()));
    });
  });

  test("windows of HWFA reach three quarters of the training length, its top everything before", () => {
    for (const layers of [2, 3, 4, 24]) {
      const w = windowOf({ ...sizes, trained: 512, layers });
      expect((w - 1) * (layers - 1) + 1).toBeLessThanOrEqual(384);
      expect(w * (layers - 1) + 1).toBeGreaterThan(384);
    }
    expect(windowOf({ ...sizes, trained: 512, layers: 24 })).toBe(17);
    scope(() => {
      const stack = new Stack("HWFA", sizes, rng(3));
      const usual = logits(stack, tokens);
      const changed = logits(stack, [10 - tokens[0]!, ...tokens.slice(1)]);
      expect(changed.every((row, i) => row.some((value, c) => value !== usual[i]![c]))).toBe(true);
      const later = logits(stack, [...tokens.slice(0, -1), 10 - tokens.at(-1)!]);
      expect(later.slice(0, -1)).toEqual(usual.slice(0, -1));
    });
  });

  test("two layers of windows of w see 2 (w - 1) tokens back, and no farther", () => {
    scope(() => {
      const w = 4;
      const model = tagger(
        {
          ...{ vocabulary: 11, outputs: 11, context: 24, width: 8, heads: 2, layers: 2 },
          ...{ mask: "sliding-window", window: w, position: "rope" },
        },
        rng(5),
      );
      const rows = (input: readonly number[]) => chunks(model.logits(ids(input, [1, 24])).values(), 11);
      const usual = rows(tokens);
      const changed = rows([...tokens.slice(0, 5), (tokens[5]! + 1) % 11, ...tokens.slice(6)]);
      const seen = changed.map((row, i) => row.some((value, c) => value !== usual[i]![c]));
      expect(seen).toEqual(seen.map((_, i) => i >= 5 && i - 5 <= 2 * (w - 1)));
    });
  });
});

test("who can tell equal tokens apart, by reason", () => {
  const ask = (place: Parameters<typeof reasoned>[0], normalizer: string, mask = "bidirectional") =>
    reasoned(place, { normalizer, mask, marked: false });
  for (const mask of ["bidirectional", "causal"]) {
    for (const normalizer of ["softmax", "softmax-plus"]) {
      expect(["scores", "nowhere"].map((place) => ask(place as "scores", normalizer, mask))).toEqual([
        "no",
        "no",
      ]);
      expect(ask("input", normalizer, mask)).toBe("yes");
      expect(ask("weights", normalizer, mask)).toBe("yes");
    }
    expect(ask("scores", "l2", mask)).toBe("yes");
    expect(ask("scores", "relu2-normalized", mask)).toBe("rarely");
  }
  expect(ask("nowhere", "l2")).toBe("no");
  expect(ask("nowhere", "l2", "causal")).toBe("yes");
  expect(ask("nowhere", "none", "causal")).toBe("no");
  expect(ask("nowhere", "relu2-normalized")).toBe("no");
  expect(ask("nowhere", "relu2-normalized", "causal")).toBe("rarely");
  expect(reasoned("nowhere", { normalizer: "softmax", mask: "causal", marked: true })).toBe("yes");
});
