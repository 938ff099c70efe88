// What layers give where the answer is known in closed form: needles and uniform rows under entropy-invariant scales, equal tokens under
// relative positions, what masks make of the matrix of weights, random and stretched positions.
import { describe, expect, test } from "vitest";
import { entropy } from "../../src/analysis/entropy";
import { type Normalizer, normalizers } from "../../src/attention/normalizer";
import { standardOptions } from "../../src/attention/options";
import { alibiSlopes } from "../../src/attention/position/alibi";
import { sandwich } from "../../src/attention/position/curves";
import { indices } from "../../src/attention/position/strategy";
import { type Scale, scales } from "../../src/attention/scale";
import { rng } from "../../src/tensor/rng";
import { floats, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { applyLayer, type Choice, type Layer, makeLayer } from "./layer";

const usual: Choice = {
  ...{
    attention: "dot-product",
    position: "none",
    index: "plain",
    scale: "one",
    mask: "bidirectional",
    normalizer: "softmax",
  },
  ...{ heads: 2, kvHeads: 2, bias: false },
};
const WIDTH = 8;

function make(changes: Partial<Choice>, context: number): Layer {
  return makeLayer({ ...usual, ...changes }, { width: WIDTH, context, deviation: 0.5 });
}

/** Output [T, C] and weights [H, T, T] of x [T, C]. */
function run(layer: Layer, values: ArrayLike<number>): { y: number[][]; weights: number[][] } {
  const T = values.length / WIDTH;
  let weights: number[] = [];
  const keep = (w: Tensor) => {
    weights = Array.from(w.values());
  };
  const y = applyLayer(layer, tensor(values, [1, T, WIDTH]), { taps: { weights: keep } }).values();
  return { y: chunks(y, WIDTH), weights: chunks(weights, T) };
}

function chunks(values: ArrayLike<number>, size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, i) =>
    Array.from(values).slice(i * size, (i + 1) * size),
  );
}

/** Weights of one row of logits under a scale whose row sees all of them. */
function weigh(name: keyof typeof scales, logits: readonly number[], trained: number): number[] {
  const scale: Scale = scales[name];
  const inputs = { width: 1, trained, options: standardOptions };
  const factor = scale.constant(inputs) * (scale.row?.(logits.length, inputs) ?? 1);
  const scaled = tensor(
    logits.map((value) => factor * value),
    [1, 1, 1, logits.length],
  );
  const rows = { perRow: () => tensor([1], [1]), trained };
  const { apply }: Normalizer = normalizers.softmax;
  return Array.from(apply(scaled, rows).values());
}

describe("entropy-invariant scales", () => {
  test("values of log_512 n, and the pinned kappa", () => {
    const of = (name: "log-n" | "log-n-clipped" | "kappa-log-n", n: number) => {
      const scale: Scale = scales[name];
      const inputs = { width: 16, trained: 512, options: standardOptions };
      return 4 * scale.constant(inputs) * scale.row!(n, inputs);
    };
    for (const [n, wanted] of [
      [1, 0],
      [2, 1 / 9],
      [16, 4 / 9],
      [512, 1],
      [2048, 11 / 9],
      [4096, 12 / 9],
    ] as const) {
      expect(of("log-n", n)).toBeCloseTo(wanted, 12);
      expect(of("kappa-log-n", n)).toBeCloseTo(wanted, 12);
      expect(of("log-n-clipped", n)).toBeCloseTo(Math.max(1, wanted), 12);
    }
  });

  test("a needle of g = 5 above the rest keeps its mass under log-n and loses it without", () => {
    scope(() => {
      for (const [name, n, wanted] of [
        ["log-n", 64, 0.702],
        ["inverse-sqrt", 64, 0.702],
        ["log-n", 4096, 0.8432],
        ["inverse-sqrt", 4096, 0.035],
      ] as const) {
        const logits = Array.from({ length: n }, (_, i) => (i === 0 ? 5 : 0));
        const mass = weigh(name, logits, 64)[0]!;
        const power = name === "log-n" ? n ** (5 / Math.log(64)) : Math.exp(5);
        expect(mass).toBeCloseTo(power / (power + n - 1), 4); // 4096 terms in float32
        expect(mass).toBeCloseTo(wanted, 4);
      }
    });
  });

  test("uniform logits have entropy log n under any scale; any logits between 0 and log n", () => {
    scope(() => {
      for (const name of ["log-n", "inverse-sqrt", "kappa-log-n", "log-n-clipped"] as const) {
        for (const n of [1, 2, 17, 300]) {
          expect(entropy(weigh(name, new Array(n).fill(3), 64))).toBeCloseTo(Math.log(n), 5);
          const h = entropy(weigh(name, Array.from(noise(n, 3, -9, 9)), 64));
          expect(h).toBeGreaterThanOrEqual(0);
          expect(h).toBeLessThanOrEqual(Math.log(n) + 1e-6);
        }
      }
    });
  });

  test("a single visible source has weight one whatever the scale", () => {
    scope(() => {
      for (const scale of Object.keys(scales) as (keyof typeof scales)[]) {
        const { weights } = run(make({ scale, mask: "causal" }, 4), noise(4 * WIDTH, 1));
        for (const head of [0, 4]) expect(weights[head]![0]).toBeCloseTo(1, 6);
      }
    });
  });
});

describe("equal tokens", () => {
  const T = 9;
  const same = Array.from({ length: T }, () => Array.from(noise(WIDTH, 5))).flat();
  const spread = ({ y }: { y: number[][] }) =>
    Math.max(...y.flatMap((row) => row.map((value, c) => Math.abs(value - y[0]![c]!))));

  test.each([
    ...(
      [
        "rope",
        "alibi",
        "t5",
        "relative",
        "kerple-log",
        "kerple-power",
        "sandwich",
        "rerope",
        "window-rope",
      ] as const
    ).flatMap((position) => (["causal", "bidirectional"] as const).map((mask) => ({ position, mask }))),
  ])("are not told apart by $position under softmax, $mask", (changes) => {
    scope(() => expect(spread(run(make({ ...changes, near: 3 }, T), same))).toBeLessThan(1e-5));
  });

  test.each<Partial<Choice>>([
    { position: "urpe" },
    { normalizer: "l2" },
    { normalizer: "none" },
    { normalizer: "relu2", scale: "one" },
    { position: "learned" },
    { position: "sinusoidal" },
  ])("are told apart by %j with a causal mask or its table", (changes) => {
    scope(() => {
      const layer = make({ position: "rope", mask: "causal", ...changes }, T);
      if ("weight" in layer.position && changes.position === "urpe")
        floats(layer.position.weight as Tensor).set(noise(2 * (2 * T - 1), 4, 0, 2));
      expect(spread(run(layer, same))).toBeGreaterThan(0.01);
    });
  });

  test("of zero scores: l2 rows sum to the root of what they see, a step as factor counts the tokens", () => {
    scope(() => {
      const zeros = new Array(T * WIDTH).fill(0);
      for (const mask of ["causal", "bidirectional"] as const) {
        const { weights } = run(make({ normalizer: "l2", mask }, T), zeros);
        weights.slice(0, T).forEach((row, i) => {
          expect(row.reduce((a, b) => a + b)).toBeCloseTo(Math.sqrt(mask === "causal" ? i + 1 : T), 5);
        });
      }
      const layer = make({ position: "urpe" }, T);
      const steps = Float32Array.from({ length: 2 * (2 * T - 1) }, (_, r) =>
        r % (2 * T - 1) >= T - 1 ? 1 : 0,
      );
      if ("weight" in layer.position) floats(layer.position.weight as Tensor).set(steps);
      run(layer, zeros).weights.forEach((row, r) => {
        expect(T * row.reduce((a, b) => a + b)).toBeCloseTo((r % T) + 1, 4);
      });
    });
  });
});

describe("the matrix of weights", () => {
  test("causal, of zero scores: 1 / (i + 1), with determinant 1 / n!", () => {
    scope(() => {
      const { weights } = run(make({ mask: "causal" }, 8), new Array(8 * WIDTH).fill(0));
      const determinant = weights.slice(0, 8).reduce((product, row, i) => product * row[i]!, 1);
      expect(determinant).toBeCloseTo(2.480159e-5, 10);
      weights.slice(0, 8).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(value).toBeCloseTo(j <= i ? 1 / (i + 1) : 0, 6);
        });
      });
    });
  });

  test("causal: a positive diagonal, from which forward substitution gives the values back", () => {
    scope(() => {
      const T = 16;
      const { weights } = run(make({ mask: "causal" }, T), noise(T * WIDTH, 7, -1, 1));
      const A = weights.slice(0, T);
      const v = Array.from(noise(T, 8));
      const o = A.map((row) => row.reduce((sum, a, j) => sum + a * v[j]!, 0));
      const found: number[] = [];
      for (const [i, row] of A.entries()) {
        expect(row[i]).toBeGreaterThan(0);
        found.push((o[i]! - found.reduce((sum, value, j) => sum + row[j]! * value, 0)) / row[i]!);
      }
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(v[i]!, 8);
    });
  });

  test("prefix: the prefix sees itself whole, then as causal; a prefix of one is causal, bit for bit", () => {
    scope(() => {
      const x = noise(6 * WIDTH, 9);
      const { weights } = run(make({ mask: "prefix", prefix: 3 }, 6), x);
      weights.slice(0, 6).forEach((row, i) => {
        expect(row.map((value) => value > 0)).toEqual(row.map((_, j) => j <= Math.max(i, 2)));
      });
      const one = run(make({ mask: "prefix", prefix: 1 }, 6), x);
      const none = run(make({ mask: "prefix", prefix: 0 }, 6), x);
      expect(one).toEqual(none);
    });
  });

  test("half the heads see what comes before, the others what comes after", () => {
    scope(() => {
      const { weights } = run(make({ mask: "half-heads" }, 5), noise(5 * WIDTH, 9));
      weights.forEach((row, r) => {
        const [head, i] = [Math.floor(r / 5), r % 5];
        expect(row.map((value) => value > 0)).toEqual(row.map((_, j) => (head === 0 ? j <= i : j >= i)));
      });
    });
  });

  test("a window that shows as much as there is equals the causal mask", () => {
    scope(() => {
      const x = noise(6 * WIDTH, 9);
      const whole = run(make({ mask: "causal", position: "rope" }, 6), x);
      expect(run(make({ mask: "sliding-window", window: 6, position: "rope" }, 6), x)).toEqual(whole);
      expect(run(make({ mask: "sliding-window", window: 5, position: "rope" }, 6), x)).not.toEqual(whole);
    });
  });
});

describe("positions", () => {
  test("rope sees distances only: shifting all tokens changes nothing", () => {
    scope(() => {
      const x = noise(6 * WIDTH, 9);
      const [here, there] = [0, 1000].map((ropeOffset) => run(make({ position: "rope", ropeOffset }, 6), x));
      here!.weights.flat().forEach((value, i) => {
        expect(Math.abs(value - there!.weights.flat()[i]!)).toBeLessThan(1e-5);
      });
    });
  });

  test("slopes of alibi, and sandwich's decay", () => {
    expect(alibiSlopes(4)).toEqual([2 ** -2, 2 ** -4, 2 ** -6, 2 ** -8].map((x) => expect.closeTo(x, 12)));
    // Those of 4, then the first, third ... of 8.
    expect(alibiSlopes(6).slice(4)).toEqual([2 ** -1, 2 ** -3].map((x) => expect.closeTo(x, 12)));
    const decay = [0, 1, 4, 16, 64, 256].map((gap) => sandwich(gap, 64).toFixed(2));
    expect(decay).toEqual(["32.00", "30.92", "23.93", "19.37", "13.91", "11.32"]);
  });

  const inputs = { tokens: 64, context: 64, reach: 2048, causal: true };

  test("random subsets are sorted, distinct, in range, with the mean of order statistics", () => {
    const sums = new Float64Array(64);
    const DRAWS = 400;
    for (let draw = 0; draw < DRAWS; draw++) {
      const { at } = indices["random-subset"].places({ ...inputs, rng: rng(draw) });
      at.forEach((position, i) => {
        expect(position).toBeGreaterThan(i === 0 ? -1 : at[i - 1]!);
        expect(position).toBeLessThan(2048);
        sums[i]! += position / DRAWS;
      });
    }
    for (const k of [0, 31, 63]) {
      const mean = ((k + 1) * 2049) / 65 - 1;
      // The beta distribution's deviation is at most 125 here.
      expect(Math.abs(sums[k]! - mean)).toBeLessThan((4 * 125) / Math.sqrt(DRAWS));
    }
    expect(() => indices["random-subset"].reach(64, { ...standardOptions, reach: 63 })).toThrow(
      "index: reach must be at least the context 64, got 63",
    );
  });

  test("stretched positions are evenly spaced with exponential lengths; one token stands at 0", () => {
    const lengths = Array.from(
      { length: 2000 },
      (_, draw) => indices["equal-mean"].places({ ...inputs, rng: rng(draw) }).at[63]!,
    );
    const beyond = (x: number) => lengths.filter((length) => length > x).length / lengths.length;
    for (const x of [64, 128, 256]) {
      const p = Math.exp(-x / 64);
      expect(Math.abs(beyond(x) - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / lengths.length));
    }
    expect(Array.from(indices["equal-mean"].places({ ...inputs, tokens: 1, rng: rng(1) }).at)).toEqual([0]);
    expect(Array.from(indices["equal-mean"].places({ ...inputs, tokens: 3 }).at)).toEqual([0, 1, 2]);
  });
});

describe("what cannot be", () => {
  test("left padding with positions that count from the start", () => {
    scope(() => {
      const padding = { lengths: [3], side: "left" } as const;
      const pad = (changes: Partial<Choice>) =>
        applyLayer(make(changes, 6), tensor(noise(6 * WIDTH, 1), [1, 6, WIDTH]), { padding });
      for (const position of ["learned", "sinusoidal", "qk-only"] as const) {
        expect(() => pad({ position })).toThrow(
          `attention: padding on the left shifts positions, which ${position} counts from the start; pad on the right`,
        );
      }
      expect(pad({ position: "rope" }).values().every(Number.isFinite)).toBe(true);
    });
  });
});
