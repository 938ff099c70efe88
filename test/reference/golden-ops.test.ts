// The float64 twins against PyTorch in float64: what the other tests take for the truth has an outside source. There are two
// families, the loops beside the kernels and the graph of single numbers beside the ops; each case goes through both.
import { describe, expect, test } from "vitest";
import type { GoldenArray, GoldenOperation, GoldenUpdates } from "../models/fixture";
import golden from "../models/fixtures/ops.json";
import * as activation from "./activation";
import { type AttentionShape, attention, attentionGradient } from "./attention";
import { differentiate, distance, type Outcome, type Twin } from "./compare";
import { crossentropy, crossentropyGrad } from "./crossentropy";
import { layernorm, layernormGrad, rmsnorm, rmsnormGrad } from "./norm";
import * as twins from "./ops";
import { adamw, sgd } from "./optimizer";
import { rope } from "./rope";
import { softmax, softmaxGrad } from "./softmax";

const BOUND = 1e-12; // largest difference of values of size 1 to 30
const EPSILON = 1e-5; // of the norms, golden.py's
const TARGETS = [2, -1, 0, 4, -1, 2]; // of the cross-entropies, golden.py's

const cases: readonly GoldenOperation[] = golden.cases;
const optimizers: readonly GoldenUpdates[] = golden.optimizers;

interface Case {
  /** Of an input by name; throws when the case has none of that name. */
  readonly input: (name: string) => GoldenArray;
  readonly dy: readonly number[];
  readonly causal: boolean;
}

const { relu, gelu, geluTanh, silu, squareRelu } = activation;
const kernelTwins: Record<string, (c: Case) => Outcome> = {
  relu: pointwise(relu),
  gelu: pointwise(gelu),
  "gelu-tanh": pointwise(geluTanh),
  silu: pointwise(silu),
  "square-relu": pointwise(squareRelu),
  softmax({ input, dy }) {
    const [rows, cols] = matrix(input("x"));
    const y = softmax(input("x").values, rows, cols);
    return { y, gradients: { x: softmaxGrad(dy, y, rows, cols) } };
  },
  layernorm({ input, dy }) {
    const [x, gain, bias] = [input("x").values, input("gain").values, input("bias").values];
    const [rows, cols] = matrix(input("x"));
    const { dx, dgain, dbias } = layernormGrad(dy, x, gain, rows, cols, EPSILON);
    return {
      y: layernorm(x, gain, bias, rows, cols, EPSILON).y,
      gradients: { x: dx, gain: dgain, bias: dbias },
    };
  },
  rmsnorm({ input, dy }) {
    const [x, gain] = [input("x").values, input("gain").values];
    const [rows, cols] = matrix(input("x"));
    const { dx, dgain } = rmsnormGrad(dy, x, gain, rows, cols, EPSILON);
    return { y: rmsnorm(x, gain, rows, cols, EPSILON).y, gradients: { x: dx, gain: dgain } };
  },
  "cross-entropy"({ input, dy }) {
    const [rows, cols] = matrix(input("x"));
    const unscaled = crossentropyGrad(input("x").values, TARGETS, rows, cols, 1);
    return {
      y: crossentropy(input("x").values, TARGETS, rows, cols).loss,
      gradients: { x: unscaled.map((value, i) => value * dy[Math.floor(i / cols)]!) },
    };
  },
  "cross-entropy-mean"({ input, dy }) {
    const [rows, cols] = matrix(input("x"));
    const counted = TARGETS.filter((target) => target >= 0).length;
    const { loss } = crossentropy(input("x").values, TARGETS, rows, cols);
    return {
      y: [loss.reduce((sum, value) => sum + value, 0) / counted],
      gradients: { x: crossentropyGrad(input("x").values, TARGETS, rows, cols, dy[0]! / counted) },
    };
  },
  rope({ input, dy }) {
    const [batch, tokens, heads, dim] = input("x").shape as [number, number, number, number]; // rotate's [B, T, H, D]
    const half = dim / 2;
    const angles = Array.from(
      { length: tokens * half },
      (_, i) => Math.floor(i / half) * 10000 ** ((-2 * (i % half)) / dim),
    );
    const [cos, sin] = [angles.map(Math.cos), angles.map(Math.sin)];
    const shape = { batch, tokens, heads, dim, rotary: dim };
    return { y: rope(input("x").values, cos, sin, shape), gradients: { x: rope(dy, cos, sin, shape, -1) } };
  },
  attention({ input, dy, causal }) {
    const [q, k, v] = [input("q").values, input("k").values, input("v").values];
    const [batch, tokens, heads, dim] = input("q").shape as [number, number, number, number]; // attend's [B, T, H, D]
    const [, sources, kvHeads] = input("k").shape as [number, number, number, number]; // attend's [B, S, Hkv, D]
    const scale = 1 / Math.sqrt(dim);
    const shape: AttentionShape = { batch, heads, kvHeads, tokens, sources, dim, scale, causal };
    const { dq, dk, dv } = attentionGradient(shape, { q, k, v }, dy);
    return { y: attention(shape, { q, k, v }).out, gradients: { q: dq, k: dk, v: dv } };
  },
};

const opTwins: Record<string, (c: Case) => Twin> = {
  ...Object.fromEntries(
    Object.entries(twins.activations).map(([name, f]) => [
      name,
      () => unary((g, x) => twins.map(x, (n) => f(g, n))),
    ]),
  ),
  softmax: () => unary(twins.softmax),
  layernorm:
    () =>
    (g, { x, gain, bias }) =>
      twins.layernorm(g, x!, gain!, bias, EPSILON),
  rmsnorm:
    () =>
    (g, { x, gain }) =>
      twins.rmsnorm(g, x!, gain!, EPSILON),
  "cross-entropy": () =>
    unary((g, x) => {
      const cols = x.shape[1]!;
      const losses = TARGETS.map((target, i) => {
        const row = { shape: [1, cols], data: x.data.slice(i * cols, (i + 1) * cols) };
        return twins.crossEntropy(g, row, [target]).data[0]!;
      });
      return { shape: [losses.length], data: losses };
    }),
  "cross-entropy-mean": () => unary((g, x) => twins.crossEntropy(g, x, TARGETS)),
  rope: () => unary((g, x) => twins.rope(g, x, { rotary: x.shape[3]! })),
  attention:
    ({ causal }) =>
    (g, { q, k, v }) =>
      twins.attention(g, [q!, k!, v!], { scale: 1 / Math.sqrt(q!.shape[3]!), causal }),
};

describe.each(cases.map((c, index) => ({ title: `${index}: ${c.name}`, c })))("$title", ({ c }) => {
  const inputs = Object.fromEntries(Object.entries(c.inputs).flatMap(([name, x]) => (x ? [[name, x]] : [])));
  const facts: Case = {
    dy: c.dy.values,
    causal: c.options.causal === true,
    input(name) {
      const x = inputs[name];
      if (!x) throw new Error(`golden-ops: ${c.name} has no input ${name}`);
      return x;
    },
  };

  test("the kernel's twin gives PyTorch's values and gradients", () => {
    expectGolden(kernelTwins[c.name]!(facts), c);
  });

  test("the op's twin gives PyTorch's values and gradients", () => {
    expectGolden(differentiate(opTwins[c.name]!(facts), inputs, c.dy.values), c);
  });
});

const updates: Record<
  string,
  (parameter: readonly number[], gradients: GoldenUpdates["steps"]) => Float64Array[]
> = {
  adamw(parameter, gradients) {
    const settings = { lr: 0.03, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, gradScale: 1 };
    const zeros = new Float64Array(parameter.length);
    let state = { p: Float64Array.from(parameter), m: zeros, v: zeros };
    return gradients.map((gradient, i) => {
      state = adamw(state.p, state.m, state.v, gradient, { ...settings, step: i + 1 });
      return state.p;
    });
  },
  sgd(parameter, gradients) {
    const settings = { lr: 0.03, momentum: 0.9, weightDecay: 0.1, gradScale: 1 };
    let state = { p: Float64Array.from(parameter), velocity: new Float64Array(parameter.length) };
    return gradients.map((gradient) => {
      state = sgd(state.p, state.velocity, gradient, settings);
      return state.p;
    });
  },
};

test.each(optimizers.map((c) => ({ name: c.name, c })))(
  "the twin of $name takes PyTorch's steps",
  ({ c }) => {
    const after = updates[c.name]!(c.parameter, c.steps);
    expect(after.map((p, step) => distance(p, c.after[step]!)).filter((error) => !(error <= BOUND))).toEqual(
      [],
    );
    expect(after).toHaveLength(4);
  },
);

function expectGolden({ y, gradients }: Outcome, c: GoldenOperation): void {
  const errors = Object.entries(c.gradients).map(([name, value]) => [
    name,
    distance(gradients[name] ?? [], value ?? []),
  ]);
  const wrong = [["y", distance(y, c.y)], ...errors].filter(([, error]) => !(Number(error) <= BOUND));
  expect(wrong).toEqual([]);
}

function pointwise({ f, slope }: activation.Activation): (c: Case) => Outcome {
  return ({ input, dy }) => {
    const x = input("x").values;
    return { y: x.map(f), gradients: { x: x.map((value, i) => slope(value) * dy[i]!) } };
  };
}

function unary(f: (g: Parameters<Twin>[0], x: twins.Grid) => twins.Grid): Twin {
  return (g, { x }) => f(g, x!);
}

function matrix({ shape }: GoldenArray): [rows: number, cols: number] {
  return [shape[0]!, shape[1]!];
}
