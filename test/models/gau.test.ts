// The gated attention unit equals its twin; decoding equals the whole; its two limits are a gated MLP and plain attention.
import { describe, expect, test } from "vitest";
import { createPosition, placesOf } from "../../src/attention/position/placement";
import { type Gau, gau } from "../../src/models/gau";
import { type GauConfig, gauConfig } from "../../src/models/gau-config";
import { GauUnit } from "../../src/models/gau-unit";
import { generate } from "../../src/models/generate";
import { namedParameters, parameterCount } from "../../src/nn/module";
import { Run } from "../../src/nn/run";
import type { Taps } from "../../src/nn/taps";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { loadModel, saveModel } from "../../src/train/checkpoint";
import { noise } from "../assembly/battery";
import { against } from "../ops/upstream";
import { distance, expectAsGoodAsNaive, type Outcome, reference } from "../reference/compare";
import { gauUnit } from "../reference/gau";

const [B, T, C, CONTEXT] = [2, 5, 6, 7];
const OPTIONS = {
  vocabulary: 5,
  width: C,
  keyWidth: 4,
  innerWidth: 10,
  context: CONTEXT,
  layers: 2,
  near: 2,
  window: 3,
};

interface Unit {
  readonly layer: GauUnit;
  readonly position: ReturnType<typeof createPosition>;
}

function make(config: GauConfig): Unit {
  const layer = new GauUnit(config, { layer: 0, rng: rng(1) });
  const position = createPosition(config, { headWidth: config.keyWidth, deviation: 0.5, rng: rng(2) });
  // Gains start at one and offsets at zero, where they would show nothing.
  for (const [path, x] of namedParameters({ layer, position }))
    if (/gain|offset|bias|shares/.test(path)) floats(x).set(noise(x.size, path.length, 0.2, 1.2));
  return { layer, position };
}

function apply({ layer, position }: Unit, config: GauConfig, x: Tensor, taps: Taps = {}): Tensor {
  return layer.apply(x, { run: new Run({ taps }), position, places: placesOf(config, x.shape[1]!) });
}

const choices: readonly Partial<GauConfig>[] = [
  ...(["relu2", "relu2-fixed", "relu2-normalized", "softmax", "softmax-plus"] as const).flatMap(
    (normalizer) => (["pre", "post"] as const).map((placement) => ({ normalizer, placement })),
  ),
  { position: "alibi", mask: "bidirectional" },
  { position: "rerope", scale: "log-n", normalizer: "softmax" },
  { position: "qk-only", bias: true },
  { position: "urpe", mask: "sliding-window", normalizer: "l2" },
  { position: "none", smear: "yes", normalizer: "none" },
];

describe.each(choices)("%j", (changes) => {
  const config = gauConfig({ ...OPTIONS, ...changes });

  test("output and gradients of a unit equal the twin's", () => {
    scope(() => {
      const unit = make(config);
      const x = tensor(noise(B * T * C, 1), [B, T, C]);
      const parameters = new Map([["x", x], ...namedParameters(unit)]);
      const upstream = noise(B * T * C, 2);
      let y: Outcome["y"] = [];
      const { gradients } = valueAndGradients(() => {
        const output = apply(unit, config, x);
        y = output.values();
        return against(output, upstream);
      }, [...parameters.values()]);
      const inputs = Object.fromEntries(
        [...parameters].map(([path, p]) => [path, { shape: p.shape, values: p.values() }]),
      );
      const named = [...parameters.keys()].map((path, i) => [path, gradients[i]!.values()]);
      const wanted = reference((g, grids) => gauUnit(g, config, grids), inputs, upstream);
      expectAsGoodAsNaive({ y, gradients: Object.fromEntries(named) }, wanted);
    });
  });

  if (changes.mask !== "bidirectional") {
    test("logits from the cache equal those without", () => {
      scope(() => {
        const model = gau({ ...OPTIONS, ...changes }, rng(3));
        const tokens = [3, 1, 4, 1, 0, 2, 4];
        for (const pieces of [[7], [1, 1, 1, 1, 1, 1, 1], [3, 1, 2, 1]]) {
          const state = model.createState(1);
          for (const piece of pieces) {
            const first = state.length;
            const next = model.next(ids(tokens.slice(first, first + piece), [1, piece]), state).values();
            const length = first + piece;
            const whole = model
              .logits(ids(tokens.slice(0, length), [1, length]))
              .values()
              .slice(-5);
            expect(distance(next, whole)).toBeLessThan(2e-5 * Math.max(...whole.map(Math.abs)));
          }
          state.release();
        }
      });
    });
  }
});

const usual = gauConfig(OPTIONS);

test("weights that are the identity leave a gated MLP; a gate of ones leaves attention", () => {
  scope(() => {
    const config = { ...usual, norm: "none" as const };
    const unit = make(config);
    const x = tensor(noise(B * T * C, 1), [B, T, C]);
    const kept = new Map<string, Float32Array>();
    const keep = Object.fromEntries(
      ["gate", "value", "mixed"].map((name) => [
        `attention.${name}`,
        (x: Tensor) => {
          kept.set(name, x.values());
        },
      ]),
    );
    const eye = tensor(
      Float32Array.from({ length: B * T * T }, (_, i) => (i % T === Math.floor(i / T) % T ? 1 : 0)),
      [B, 1, T, T],
    );
    const glu = apply(unit, config, x, { ...keep, "attention.weights": () => eye });
    const through = (hidden: Float32Array) =>
      unit.layer.output.apply(tensor(hidden, [B, T, config.innerWidth])).values();
    const sum = (change: Float32Array) => change.map((v, i) => v + floats(x)[i]!);
    expect(glu.values()).toEqual(sum(through(kept.get("gate")!.map((u, i) => u * kept.get("value")![i]!))));
    const ones = tensor(new Float32Array(B * T * config.innerWidth).fill(1), [B, T, config.innerWidth]);
    const plain = apply(unit, config, x, { ...keep, "attention.gate": () => ones });
    expect(plain.values()).toEqual(sum(through(kept.get("mixed")!)));
  });
});

test("without a positive score relu² gives zeros, and a gradient that is a number", () => {
  for (const normalizer of ["relu2", "relu2-normalized"] as const) {
    scope(() => {
      const config = { ...usual, normalizer, position: "none" as const };
      const unit = make(config);
      for (const part of [unit.layer.query, unit.layer.key]) {
        floats(part.gain).fill(0);
        floats(part.offset).fill(part === unit.layer.query ? -1 : 1);
      }
      const x = tensor(noise(B * T * C, 1), [B, T, C]);
      let weights: ArrayLike<number> = [1];
      const keepWeights = (w: Tensor) => {
        weights = w.values();
      };
      const parameters = [x, ...namedParameters(unit).values()];
      const { gradients } = valueAndGradients(
        () => against(apply(unit, config, x, { "attention.weights": keepWeights }), noise(B * T * C, 2)),
        parameters,
      );
      expect(Array.from(weights).every((value) => value === 0)).toBe(true);
      for (const gradient of gradients) expect(gradient.values().every(Number.isFinite)).toBe(true);
    });
  }
});

test("two units have the parameters of the formula: 2 (3 d e + d s), and gains and offsets", () => {
  const [d, e, s] = [768, 1536, 128];
  expect(2 * (3 * d * e + d * s)).toBe(7_274_496); // beside 12 d² = 7 077 888 of attention and MLP
  scope(() => {
    const [width, innerWidth, keyWidth] = [12, 24, 5];
    const model = gau(
      { vocabulary: 7, width, innerWidth, keyWidth, layers: 2, norm: "none", position: "none" },
      rng(1),
    );
    expect(parameterCount(model)).toBe(
      7 * width + 2 * (3 * width * innerWidth + width * keyWidth + 4 * keyWidth),
    );
  });
});

test("a saved gau is made again, and goes on with the same text", () => {
  scope(() => {
    const model = gau({ ...OPTIONS, normalizer: "softmax-plus", placement: "post" }, rng(1));
    const loaded = loadModel(saveModel(model));
    expect(loaded.kind).toBe("gau");
    expect(loaded.config).toEqual(model.config);
    const text = (from: typeof loaded | Gau) => [...generate(from, [1, 2], { maxTokens: 9, rng: rng(4) })];
    expect(text(loaded)).toEqual(text(model));
  });
});

test.each<[Record<string, unknown>, string]>([
  [{ keyWidth: 0 }, "gau: keyWidth must be a whole number of at least 1, got 0"],
  [{ heads: 2 }, "gau: there is one head, got heads 2 and kvHeads 1"],
  [{ placement: "middle" }, 'gau: placement must be one of pre, post, got "middle"'],
  [{ attention: "dot-product" }, 'gau: there is no setting "attention"'],
  [{ mask: "half-heads" }, "gau: mask half-heads needs an even number of heads, got 1"],
  [{ keyWidth: 3 }, "rope: heads must have an even width, got 3"],
])("%j is refused", (changes, rule) => {
  // Not typed on purpose: what comes from a file.
  expect(() => scope(() => gau({ ...OPTIONS, ...changes } as Parameters<typeof gau>[0], rng(1)))).toThrow(
    rule,
  );
});
