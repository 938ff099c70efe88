// What layers give where the answer is known in closed form: equal tokens under relative positions, random and stretched positions.
import { describe, expect, test } from "vitest";
import { standardOptions } from "../../src/attention/options";
import { alibiSlopes } from "../../src/attention/position/alibi";
import { sandwich } from "../../src/attention/position/curves";
import type { Position } from "../../src/attention/position/position";
import { indices } from "../../src/attention/position/strategy";
import { namedParameters } from "../../src/nn/module";
import { add } from "../../src/ops/arithmetic";
import { rmsnorm } from "../../src/ops/norm";
import { full } from "../../src/ops/random";
import { rng } from "../../src/tensor/rng";
import { floats, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { chunks, make, run, WIDTH } from "./closed-forms";
import { applyLayer, type Choice } from "./layer";

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

  /** Outputs of three random layers with norms and residual sums, whose heads turn queries and keys and have a bias per distance. */
  function throughThree(
    changes: Partial<Choice>,
    { values, factor }: { values: ArrayLike<number>; factor?: Position },
  ): { y: number[][] } {
    const [turning, biased] = (["rope", "relative"] as const).map(
      (position) => make({ position }, T).position,
    );
    const position: Position = {
      rotate: (x, at) => turning!.rotate!(x, at),
      bias: (distances, layer) => biased!.bias!(distances, layer),
      ...(factor && { factor: (distances) => factor.factor!(distances) }),
    };
    const y = [1, 2, 3].reduce(
      (x, seed) => {
        const made = make({ position: "rope", scale: "inverse-sqrt", ...changes }, T);
        for (const [path, w] of namedParameters(made.layer))
          floats(w).set(noise(w.size, seed + path.length, -1, 1));
        return add(x, applyLayer({ ...made, position }, rmsnorm(x, full([WIDTH], 1))));
      },
      tensor(values, [1, T, WIDTH]),
    );
    return { y: chunks(y.values(), WIDTH) };
  }
  const relative = (outcome: { y: number[][] }) =>
    spread(outcome) / Math.max(...outcome.y.flat().map(Math.abs));

  test.each(["causal", "bidirectional"] as const)(
    "three layers under both rope and biases, %s: only other means than these tell them apart",
    (mask) => {
      scope(() => {
        expect(relative(throughThree({ mask }, { values: same }))).toBeLessThan(1e-4);
        const factor = make({ position: "urpe" }, T).position;
        expect(relative(throughThree({ mask }, { values: same, factor }))).toBeLessThan(1e-4); // as it begins: ones
        if ("weight" in factor) floats(factor.weight as Tensor).set(noise(2 * (2 * T - 1), 4, 0, 2));
        const others = {
          urpe: throughThree({ mask }, { values: same, factor }),
          l2: throughThree({ mask, normalizer: "l2" }, { values: same }),
          none: throughThree({ mask, normalizer: "none" }, { values: same }),
          relu2: throughThree({ mask, normalizer: "relu2" }, { values: same }),
          marked: throughThree({ mask }, { values: [...noise(WIDTH, 6), ...same.slice(WIDTH)] }),
        };
        for (const outcome of Object.values(others)) expect(spread(outcome)).toBeGreaterThan(0.97);
      });
    },
  );

  test("factors of one leave softmax as it is", () => {
    scope(() => {
      const x = tensor(noise(T * WIDTH, 9), [1, T, WIDTH]);
      for (const mask of ["causal", "bidirectional"] as const) {
        // Somebody who listens to the logits gets the composed way, which alone has factors.
        const [urpe, none] = (["urpe", "none"] as const).map((position) =>
          applyLayer(make({ position, mask }, T), x, { taps: { logits: () => undefined } }).values(),
        );
        expect(urpe).toEqual(none);
      }
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
  test("left padding with what counts from the start", () => {
    scope(() => {
      const padding = { lengths: [3], side: "left" } as const;
      const pad = (changes: Partial<Choice>) =>
        applyLayer(make(changes, 6), tensor(noise(6 * WIDTH, 1), [1, 6, WIDTH]), { padding });
      for (const [name, changes] of [
        ["smear", { smear: "yes" }],
        ["prefix", { mask: "prefix", prefix: 2 }],
        ["rope", { position: "rope", attention: "linear-elu" }],
      ] as const) {
        expect(() => pad(changes)).toThrow(
          `attention: padding on the left shifts positions, which ${name} counts from the start; pad on the right`,
        );
      }
      expect(pad({ position: "rope" }).values().every(Number.isFinite)).toBe(true);
    });
  });
});
