// The entropy of attention rows in closed form: what scales keep of it, and what Gaussian logits and keys on a sphere make of it.
import { describe, expect, test } from "vitest";
import { entropy } from "../../src/analysis/entropy";
import { standardOptions } from "../../src/attention/options";
import { type Scale, scales } from "../../src/attention/scale";
import { scope } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { make, run, WIDTH, weigh } from "./closed-forms";

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
