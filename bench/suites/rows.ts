// Kernels that go over rows once: bound by memory or by exp. Rates count every array once for each direction.
import { kernels } from "../../src/runtime/instance";
import { floats, ids, type Tensor } from "../../src/tensor/tensor";
import { gelu } from "../../test/reference/activation";
import { crossentropy, crossentropyGrad } from "../../test/reference/crossentropy";
import { layernorm, layernormGrad } from "../../test/reference/norm";
import { adamw } from "../../test/reference/optimizer";
import { softmax, softmaxGrad } from "../../test/reference/softmax";
import { disagreement } from "../agreement";
import { Buffers, stretch } from "../buffers";
import type { Prepared, Row, Suite } from "../row";
import { rowShapes } from "../shapes";

const EPSILON = 1e-5;
/** Rows of the short runs before the clock starts. */
const WARM_ROWS = 4;
const FLOAT_BYTES = 4;

export const rows: Suite = {
  what: "softmax, layernorm, cross-entropy, gelu and AdamW, forward and backward, in GB/s",
  rows(size) {
    const shapes = rowShapes[size];
    return [
      ...shapes.softmax.flatMap(([r, c]) => [softmaxRow(r, c), softmaxGradRow(r, c)]),
      ...shapes.layernorm.flatMap(([r, c]) => [layernormRow(r, c), layernormGradRow(r, c)]),
      ...shapes.crossEntropy.flatMap(([r, c]) => [crossEntropyRow(r, c), crossEntropyGradRow(r, c)]),
      ...shapes.gelu.flatMap(([r, c]) => [geluRow(r, c), geluGradRow(r, c)]),
      ...shapes.adamw.map(([r, c]) => adamwRow(r, c)),
    ];
  },
};

/** The kernel over the first `count` rows, and what it should have made of all of them. */
interface Kernel {
  over(count: number): void;
  /** Pairs of a result and its expectation, after `over` ran on zeroed accumulators. */
  compare(): readonly (readonly [Tensor, ArrayLike<number>])[];
  /** Everything that is read or written. */
  readonly touched: readonly Tensor[];
}

/** @param passes how often each element of [rows, cols] is read or written */
function rowKernel(
  kind: string,
  [count, cols]: readonly [number, number],
  passes: number,
  make: (buffers: Buffers) => Kernel,
): Row {
  return {
    kind,
    shape: `${count} x ${cols}`,
    work: { bytes: FLOAT_BYTES * passes * count * cols },
    bound: "memory",
    prepare(): Prepared {
      const buffers = new Buffers();
      const { over, compare, touched } = make(buffers);
      return {
        run: () => over(count),
        check() {
          over(count);
          return Math.max(...compare().map(([actual, expected]) => disagreement(floats(actual), expected)));
        },
        warm: () => over(Math.min(count, WARM_ROWS)),
        reads: touched.map(stretch),
        release: () => buffers.release(),
      };
    },
  };
}

export function softmaxRow(r: number, c: number): Row {
  return rowKernel("softmax", [r, c], 2, (buffers) => {
    const [x, y] = [buffers.random([r, c]), buffers.zeros([r, c])];
    return {
      over: (count) => kernels().ssoftmax(y.ptr, x.ptr, count, c),
      compare: () => [[y, softmax(floats(x), r, c)]],
      touched: [x, y],
    };
  });
}

function softmaxGradRow(r: number, c: number): Row {
  return rowKernel("softmax gradient", [r, c], 4, (buffers) => {
    const [x, y, dy] = [buffers.random([r, c]), buffers.zeros([r, c]), buffers.random([r, c])];
    const dx = buffers.zeros([r, c]);
    kernels().ssoftmax(y.ptr, x.ptr, r, c);
    return {
      over: (count) => kernels().ssoftmax_grad(dx.ptr, dy.ptr, y.ptr, count, c),
      compare: () => {
        floats(dx).fill(0);
        kernels().ssoftmax_grad(dx.ptr, dy.ptr, y.ptr, r, c);
        return [[dx, softmaxGrad(floats(dy), floats(y), r, c)]];
      },
      touched: [y, dy, dx],
    };
  });
}

function layernormRow(r: number, c: number): Row {
  return rowKernel("layernorm", [r, c], 2, (buffers) => {
    const [x, y, stats] = [buffers.random([r, c]), buffers.zeros([r, c]), buffers.zeros([r, 2])];
    const [gain, bias] = [buffers.random([c]), buffers.random([c])];
    return {
      over: (count) => kernels().slayernorm(y.ptr, stats.ptr, x.ptr, gain.ptr, bias.ptr, count, c, EPSILON),
      compare: () => [[y, layernorm(floats(x), floats(gain), floats(bias), r, c, EPSILON).y]],
      touched: [x, y],
    };
  });
}

function layernormGradRow(r: number, c: number): Row {
  return rowKernel("layernorm gradient", [r, c], 4, (buffers) => {
    const [x, y, dy, stats] = [
      buffers.random([r, c]),
      buffers.zeros([r, c]),
      buffers.random([r, c]),
      buffers.zeros([r, 2]),
    ];
    const [gain, dgain, dbias] = [buffers.random([c]), buffers.zeros([c]), buffers.zeros([c])];
    const dx = buffers.zeros([r, c]);
    kernels().slayernorm(y.ptr, stats.ptr, x.ptr, gain.ptr, 0, r, c, EPSILON);
    const over = (count: number) =>
      // biome-ignore format: arguments grouped by meaning
      kernels().slayernorm_grad(dx.ptr, dgain.ptr, dbias.ptr, dy.ptr, x.ptr, gain.ptr, stats.ptr, count, c);
    return {
      over,
      compare: () => {
        for (const gradient of [dx, dgain, dbias]) floats(gradient).fill(0);
        over(r);
        const expected = layernormGrad(floats(dy), floats(x), floats(gain), r, c, EPSILON);
        return [
          [dx, expected.dx],
          [dgain, expected.dgain],
          [dbias, expected.dbias],
        ];
      },
      touched: [x, dy, dx],
    };
  });
}

function crossEntropyRow(r: number, c: number): Row {
  return rowKernel("cross-entropy", [r, c], 1, (buffers) => {
    const { logits, targets, loss, lse } = crossEntropyBuffers(buffers, r, c);
    return {
      over: (count) => kernels().scrossentropy(loss.ptr, lse.ptr, logits.ptr, targets.ptr, count, c),
      compare: () => [[loss, crossentropy(floats(logits), targetsOf(r, c), r, c).loss]],
      touched: [logits],
    };
  });
}

function crossEntropyGradRow(r: number, c: number): Row {
  return rowKernel("cross-entropy gradient", [r, c], 3, (buffers) => {
    const { logits, targets, loss, lse } = crossEntropyBuffers(buffers, r, c);
    const dlogits = buffers.zeros([r, c]);
    kernels().scrossentropy(loss.ptr, lse.ptr, logits.ptr, targets.ptr, r, c);
    const over = (count: number) =>
      kernels().scrossentropy_grad(dlogits.ptr, logits.ptr, lse.ptr, targets.ptr, count, c, 1 / r);
    return {
      over,
      compare: () => {
        floats(dlogits).fill(0);
        over(r);
        return [[dlogits, crossentropyGrad(floats(logits), targetsOf(r, c), r, c, 1 / r)]];
      },
      touched: [logits, dlogits],
    };
  });
}

function crossEntropyBuffers(buffers: Buffers, r: number, c: number) {
  const [logits, loss, lse] = [buffers.random([r, c]), buffers.zeros([r]), buffers.zeros([r])];
  return { logits, loss, lse, targets: buffers.own(ids(targetsOf(r, c)).keep()) };
}

/** Targets all over the vocabulary. */
function targetsOf(r: number, c: number): number[] {
  return Array.from({ length: r }, (_, i) => (i * 7919) % c);
}

function geluRow(r: number, c: number): Row {
  return rowKernel("gelu", [r, c], 2, (buffers) => {
    const [x, y] = [buffers.random([r, c]), buffers.zeros([r, c])];
    return {
      over: (count) => kernels().sgelu(y.ptr, x.ptr, count * c),
      compare: () => [[y, Float64Array.from(floats(x), gelu.f)]],
      touched: [x, y],
    };
  });
}

function geluGradRow(r: number, c: number): Row {
  return rowKernel("gelu gradient", [r, c], 4, (buffers) => {
    const [x, dy, dx] = [buffers.random([r, c]), buffers.random([r, c]), buffers.zeros([r, c])];
    const over = (count: number) => kernels().sgelu_grad(dx.ptr, dy.ptr, x.ptr, count * c);
    return {
      over,
      compare: () => {
        floats(dx).fill(0);
        over(r);
        const upstream = floats(dy);
        return [[dx, Float64Array.from(floats(x), (value, i) => upstream[i]! * gelu.slope(value))]];
      },
      touched: [x, dy, dx],
    };
  });
}

function adamwRow(r: number, c: number): Row {
  return rowKernel("adamw", [r, c], 7, (buffers) => {
    const [p, g, m, v] = [
      buffers.random([r, c]),
      buffers.random([r, c]),
      buffers.zeros([r, c]),
      buffers.zeros([r, c]),
    ];
    const options = {
      lr: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weightDecay: 0.01,
      gradScale: 1,
      step: 1,
    };
    const over = (count: number) => {
      const { lr, beta1, beta2, eps, weightDecay, gradScale } = options;
      // biome-ignore format: arguments grouped by meaning
      kernels().sadamw(
        p.ptr, m.ptr, v.ptr, g.ptr, count * c, lr, beta1, beta2, eps, weightDecay, 1 - beta1, 1 - beta2, gradScale,
      );
    };
    return {
      over,
      compare: () => {
        for (const moment of [m, v]) floats(moment).fill(0);
        const expected = adamw(p.values(), floats(m), floats(v), floats(g), options);
        over(r);
        return [
          [p, expected.p],
          [m, expected.m],
          [v, expected.v],
        ];
      },
      touched: [p, m, v, g],
    };
  });
}
