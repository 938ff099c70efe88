// From one sequence to another: the layer that asks the source against its float64 twin, decoding against the whole, padding, gradients
// of the whole model by central differences, and what is refused.
import { describe, expect, test } from "vitest";
import type { AttentionName } from "../../src/attention";
import { CrossAttention, type CrossKind } from "../../src/attention/cross-attention";
import { encoderDecoder } from "../../src/models/encoder-decoder";
import { namedParameters, parameterCount } from "../../src/nn/module";
import { Run } from "../../src/nn/run";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, ids, scope, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { expectNear } from "../attention/synthesizer-layer";
import { against } from "../ops/upstream";
import { expectAsGoodAsNaive, type Outcome, reference, type Twin } from "../reference/compare";
import { linear, map, queryKey, reshape, softmax, weighValues } from "../reference/ops";

const KINDS = ["dot-product", "random-synthesizer"] as const satisfies readonly CrossKind[];
const [B, T, S, C, HEADS] = [2, 3, 5, 4, 2];

describe.each(KINDS)("cross-attention: %s", (kind) => {
  test.each([undefined, [3, 5]])("output and gradients equal the twin's, source lengths %j", (lengths) => {
    scope(() => {
      const layer = new CrossAttention({
        ...{ kind, width: C, heads: HEADS, context: T + 1, sources: S + 2, bias: true },
        ...{ deviation: 0.5, outputDeviation: 0.5, rng: rng(3) },
      });
      for (const [path, x] of namedParameters(layer))
        if (path.endsWith("bias")) floats(x).set(noise(x.size, path.length));
      const inputs = {
        x: { shape: [B, T, C], values: noise(B * T * C, 1) },
        source: { shape: [B, S, C], values: noise(B * S * C, 2) },
      };
      const dy = noise(B * T * C, 3);
      const [x, source] = [inputs.x, inputs.source].map(({ shape, values }) => tensor(values, shape));
      const all = new Map([["x", x!], ["source", source!], ...namedParameters(layer)]);
      let y: Outcome["y"] = [];
      const { gradients } = valueAndGradients(() => {
        const output = layer.apply(x!, layer.remember(source!, lengths), { run: new Run() });
        y = output.values();
        return against(output, dy);
      }, [...all.values()]);
      const values = Object.fromEntries(
        [...all].map(([name, p]) => [name, { shape: p.shape, values: p.values() }]),
      );
      const named = [...all.keys()].map((name, i) => [name, gradients[i]!.values()]);
      expectAsGoodAsNaive(
        { y, gradients: Object.fromEntries(named) },
        reference(twin(kind, lengths), values, dy),
      );
    });
  });
});

function twin(kind: CrossKind, lengths: readonly number[] | undefined): Twin {
  return (g, inputs) => {
    const project = (x: (typeof inputs)[string], name: string) =>
      linear(g, x, inputs[`${name}.weight`]!, inputs[`${name}.bias`]);
    const split = (x: (typeof inputs)[string]) => reshape(g, x, [B, x.shape[1]!, HEADS, C / HEADS]);
    const [x, source] = [inputs.x!, inputs.source!];
    const table = inputs.table;
    const raw =
      kind === "dot-product"
        ? queryKey(g, split(project(x, "query")), split(project(source, "key")), 1 / Math.sqrt(C / HEADS))
        : {
            shape: [B, HEADS, T, S],
            data: Array.from({ length: B * HEADS * T * S }, (_, i) => {
              const [h, t, s] = [Math.floor(i / (T * S)) % HEADS, Math.floor(i / S) % T, i % S];
              return table!.data[(h * table!.shape[1]! + t) * table!.shape[2]! + s]!;
            }),
          };
    const hidden = (i: number) => lengths !== undefined && i % S >= lengths[Math.floor(i / (HEADS * T * S))]!;
    const logits = map(raw, (value, i) => (hidden(i) ? g.leaf(Number.NEGATIVE_INFINITY) : value));
    const mixed = weighValues(g, softmax(g, logits), split(project(source, "value")));
    return project(reshape(g, mixed, [B, T, C]), "output");
  };
}

const config = { vocabulary: 9, context: 4, sources: 6, width: 8, heads: 2, layers: 2, pad: 8 };
const source = [3, 1, 4, 1, 8, 8, 2, 7, 1, 5, 2, 6];
const target = [0, 1, 2, 3, 4, 3, 2, 1];

describe.each(
  KINDS.flatMap((cross) =>
    (["dot-product", "random-synthesizer", "dense-synthesizer", "mixture"] as const).map(
      (attention) => [attention, cross] as const,
    ),
  ),
)("%s, asking by %s", (attention: AttentionName, cross: CrossKind) => {
  const make = () => encoderDecoder({ ...config, attention, cross }, rng(5));

  test("token by token to the last is the whole", () => {
    scope(() => {
      const model = make();
      const whole = model.logits(ids(source, [2, 6]), ids(target, [2, 4])).values();
      const state = model.createState(ids(source, [2, 6]));
      for (let t = 0; t < 4; t++) {
        const step = model.next(ids([target[t]!, target[4 + t]!], [2, 1]), state).values();
        for (const b of [0, 1]) {
          expectNear(step.slice(9 * b, 9 * (b + 1)), whole.slice(9 * (4 * b + t), 9 * (4 * b + t + 1)), 1e-6);
        }
      }
      expect(() => model.next(ids([1, 1], [2, 1]), state)).toThrow(
        "encoder-decoder: at most 4 tokens of the target fit, got 5; shorten it",
      );
      state.release();
    });
  });

  test("padding at the end of a source could as well not be there; what is there counts", () => {
    scope(() => {
      const model = make();
      const run = (from: readonly number[]) =>
        model.logits(ids(from, [1, from.length]), ids(target.slice(0, 4), [1, 4])).values();
      expectNear(run([3, 1, 4, 1, 8, 8]), run([3, 1, 4, 1]), 1e-6);
      expect(run([3, 1, 4, 1])).not.toEqual(run([3, 1, 4, 2]));
    });
  });

  test("the gradient is the slope of the loss along a random direction", () => {
    scope(() => {
      const model = make();
      const parameters = [...namedParameters(model).values()];
      // Larger weights than at first, so that every part shows.
      parameters.forEach((p, i) => {
        if (p.shape.length > 1) floats(p).set(noise(p.size, i, -0.5, 0.5));
      });
      const rows = [...source.slice(0, 6), ...target.slice(0, 4), ...source.slice(6), ...target.slice(4)];
      const wanted = rows.map((id, i) => (i % 10 < 6 ? -1 : (id + 1) % 8));
      const loss = () => model.loss(ids(rows, [2, 10]), ids(wanted, [2, 10]));
      const { gradients } = valueAndGradients(loss, parameters);
      // Uphill everywhere, so that no part cancels another.
      const directions = gradients.map((gradient, i) =>
        gradient.values().map((value, j) => Math.sign(value) * noise(gradient.size, 100 + i, 0, 1)[j]!),
      );
      const predicted = gradients.reduce(
        (sum, gradient, i) =>
          sum + gradient.values().reduce((s, value, j) => s + value * directions[i]![j]!, 0),
        0,
      );
      const before = parameters.map((p) => p.values());
      const at = (step: number) => {
        for (const [i, p] of parameters.entries())
          floats(p).set(before[i]!.map((value, j) => value + step * directions[i]![j]!));
        return scope(() => loss().item());
      };
      const step = 3e-4;
      const slope = (at(step) - at(-step)) / (2 * step);
      expect(predicted).toBeGreaterThan(1);
      expect(Math.abs(slope - predicted)).toBeLessThan(0.02 * predicted);
    });
  });
});

test("a table between sequences has heads times target times source positions in place of queries and keys", () => {
  scope(() => {
    const [vanilla, random] = KINDS.map((cross) =>
      parameterCount(encoderDecoder({ ...config, cross }, rng(1))),
    );
    expect(random! - vanilla!).toBe(2 * (2 * 4 * 6 - 2 * 8 * 8));
  });
});

test("what is refused", () => {
  scope(() => {
    const make = (more: object) => () => encoderDecoder({ ...config, ...more }, rng(1));
    expect(make({ cross: "dance" })).toThrow(
      'encoder-decoder: cross must be one of dot-product, random-synthesizer, got "dance"',
    );
    expect(make({ sources: 0 })).toThrow(
      "encoder-decoder: sources must be a whole number of at least 1, got 0",
    );
    expect(make({ mask: "bidirectional" })).toThrow(
      "encoder-decoder: the mask is that of the target and must be causal",
    );
    const model = make({})();
    const long = ids([1, 1, 1, 1, 1, 1, 1], [1, 7]);
    expect(() => model.createState(long)).toThrow(
      "encoder-decoder: at most 6 tokens of the source fit, got 7; shorten it",
    );
  });
});
