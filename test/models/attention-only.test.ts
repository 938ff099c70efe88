// Attention-only models equal their twin, forward and backward; their paths add up; decoding and saving change nothing.
import { describe, expect, test } from "vitest";
import { positions } from "../../src/attention/position";
import type { PositionScheme } from "../../src/attention/position/position";
import { type AttentionOnly, attentionOnly } from "../../src/models/attention-only";
import { attentionOnlyConfig, type GivenAttentionOnly } from "../../src/models/attention-only-config";
import { generate } from "../../src/models/generate";
import { namedParameters, parameterCount } from "../../src/nn/module";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, ids, scope } from "../../src/tensor/tensor";
import { loadModel, saveModel } from "../../src/train/checkpoint";
import { noise } from "../assembly/battery";
import { against } from "../ops/upstream";
import { attentionOnlyLogits } from "../reference/attention-only";
import { distance, expectAsGoodAsNaive, type Outcome, reference } from "../reference/compare";
import { euclidean } from "./fixture";

const [B, T, V] = [2, 5, 7];
const SIZES = { vocabulary: V, width: 6, heads: 2, context: 8, layers: 2 };
const TOKENS = [3, 1, 4, 1, 5, 2, 6, 5, 3, 5];

function make(changes: Partial<GivenAttentionOnly>): AttentionOnly {
  const model = attentionOnly({ ...SIZES, ...changes }, rng(1));
  for (const [path, x] of namedParameters(model)) {
    // Shares and biases start at zero, where they would show nothing.
    if (path.endsWith("shares") || floats(x).every((value) => value === 0))
      floats(x).set(noise(x.size, path.length));
  }
  return model;
}

const choices: readonly Partial<GivenAttentionOnly>[] = [
  {},
  { smear: "yes" },
  { position: "relative" },
  { position: "relative", smear: "yes", layers: 1, biasPer: "model", biasFactor: 1 },
  { position: "rope", width: 8, kvHeads: 1 },
  { position: "none", layers: 0 },
  { attention: "dense-synthesizer", position: "none" },
];

describe.each(choices)("%j", (changes) => {
  const config = attentionOnlyConfig({ ...SIZES, ...changes });

  test("logits and gradients equal the twin's", () => {
    scope(() => {
      const model = make(changes);
      const parameters = namedParameters(model);
      const upstream = noise(B * T * V, 2);
      let y: Outcome["y"] = [];
      const { gradients } = valueAndGradients(() => {
        const logits = model.logits(ids(TOKENS, [B, T]));
        expect(logits.shape).toEqual([B, T, V]);
        y = logits.values();
        return against(logits, upstream);
      }, [...parameters.values()]);
      const inputs = Object.fromEntries(
        [...parameters].map(([path, p]) => [path, { shape: p.shape, values: p.values() }]),
      );
      const named = [...parameters.keys()].map((path, i) => [path, gradients[i]!.values()]);
      const wanted = reference(
        (g, grids) => attentionOnlyLogits(g, config, grids, TOKENS, [B, T]),
        inputs,
        upstream,
      );
      expectAsGoodAsNaive({ y, gradients: Object.fromEntries(named) }, wanted);
    });
  });

  test("logits from the cache equal those without, and no memory stays", () => {
    scope(() => {
      const model = make(changes);
      const tokens = TOKENS.slice(0, 8);
      const before = heap().liveBytes;
      for (const pieces of [[8], Array<number>(8).fill(1), [3, 1, 4]]) {
        const state = model.createState(1);
        for (const piece of pieces) {
          const first = state.length;
          scope(() => {
            const next = model.next(ids(tokens.slice(first, first + piece), [1, piece]), state).values();
            const length = first + piece;
            const whole = model.logits(ids(tokens.slice(0, length), [1, length])).values();
            expect(distance(next, whole.slice(-V))).toBeLessThan(1e-5 * Math.max(...whole.map(Math.abs)));
          });
        }
        state.release();
      }
      expect(heap().liveBytes).toBe(before);
    });
  });

  test("saved and loaded it is the same, and goes on with the same text", () => {
    scope(() => {
      const model = make(changes);
      const loaded = loadModel(saveModel(model));
      expect(loaded.kind).toBe("attention-only");
      expect(loaded.config).toEqual(model.config);
      const text = (from: typeof loaded) => [...generate(from, [1, 2], { maxTokens: 9, rng: rng(4) })];
      expect(text(loaded)).toEqual(text(model));
    });
  });
});

test("there are W_E, W_U, positions and four matrices per layer, of the deviations that they should begin with", () => {
  scope(() => {
    const [vocabulary, width, layers, context] = [40, 64, 3, 11];
    const model = attentionOnly({ vocabulary, width, layers, context, heads: 4, smear: "yes" }, rng(3));
    expect(parameterCount(model)).toBe(
      2 * vocabulary * width + context * width + layers * (4 * width * width + 4),
    );
    for (const [path, x] of namedParameters(model)) {
      if (path.endsWith("shares") || path.startsWith("position")) continue;
      const variance = path.endsWith("output.weight") ? 1 / (2 * layers * width) : 1 / width;
      const observed = euclidean(floats(x)) ** 2 / x.size;
      // Of a sample variance the relative deviation is sqrt(2 / n).
      expect(Math.abs(observed / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / x.size));
    }
  });
});

test("positions begin as sinusoids of length one, wavelengths up to 400 pi", () => {
  scope(() => {
    const model = attentionOnly({ vocabulary: 3, width: 10, heads: 2, context: 50 }, rng(3));
    const weight = floats(Object(model.position).weight);
    for (const p of [0, 1, 7, 49]) {
      const row = weight.subarray(10 * p, 10 * (p + 1));
      const wanted = Array.from(row, (_, c) => {
        const angle = p * 200 ** (-(c - (c % 2)) / 10);
        return (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle)) / Math.sqrt(5);
      });
      expect(distance(row, wanted)).toBeLessThan(2e-7);
    }
  });
});

test("a position moves attention and nothing else: without heads that write, logits are of tokens alone", () => {
  scope(() => {
    const model = make({});
    for (const { attention } of model.blocks) floats(attention.output.weight).fill(0);
    const logits = model.logits(ids([4, 2, 4, 4], [1, 4])).values();
    for (const t of [2, 3]) expect(logits.slice(t * V, (t + 1) * V)).toEqual(logits.slice(0, V));
  });
});

const inStream = Object.entries<PositionScheme>(positions).flatMap(([name, { residual }]) =>
  residual ? [name] : [],
);

test.each<[Record<string, unknown>, string]>([
  ...inStream.map((position): [Record<string, unknown>, string] => [
    { position },
    `attention-only: positions must stay out of the residual stream, which ${position} adds to; use one of none, qk-only`,
  ]),
  [{ heads: 4 }, "attention-only: heads must divide width, got heads 4 and width 6"],
  [{ kvHeads: 4 }, "attention-only: kvHeads must divide heads, got kvHeads 4 and heads 2"],
  [{ norm: "layernorm" }, 'attention-only: there is no setting "norm"'],
  [{ layers: -1 }, "attention-only: layers must be a whole number of at least 0, got -1"],
  [
    { attention: "linear-elu", smear: "yes" },
    "attention-only: smear mixes keys before they are compared, which linear-elu never does",
  ],
  [
    { attention: "random-synthesizer", position: "none", smear: "yes" },
    "attention-only: smear mixes keys before they are compared, which random-synthesizer never does",
  ],
  [
    { position: "rerope", width: 8, smear: "yes" },
    "attention-only: smear needs one key per source, position rerope has others for far ones",
  ],
])("%j is refused", (changes, rule) => {
  // Not typed on purpose: what comes from a file.
  const given = { ...SIZES, ...changes } as GivenAttentionOnly;
  expect(() => scope(() => attentionOnly(given, rng(1)))).toThrow(rule);
});

test("those that add to the stream are the schemes that embed", () => {
  expect(inStream).toEqual(["learned", "sinusoidal"]);
});
