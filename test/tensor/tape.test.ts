// The tape: what is recorded and when, how gradients add up, and that sharing memory between gradients is safe.
import { describe, expect, test } from "vitest";
import { add, mean, multiply, scale, subtract } from "../../src/ops/arithmetic";
import { attention } from "../../src/ops/attention";
import { matmul } from "../../src/ops/matmul";
import { reshape } from "../../src/ops/view";
import { heap } from "../../src/runtime/instance";
import { gradOf, NonFiniteError, record, recording, valueAndGradients } from "../../src/tensor/tape";
import { scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { runWithUpstream } from "../ops/upstream";
import { expectAsGoodAsNaive, reference, type Twin } from "../reference/compare";
import * as twins from "../reference/ops";

const x = { shape: [2, 3], values: [1, -2, 3, 4, -5, 6] };
const dy = [10, 20, 30, 40, 50, 60];

/** The gradient of sum(y dy) by x. */
function gradient(run: (x: Tensor) => Tensor): number[] {
  return Array.from(runWithUpstream((inputs) => run(inputs.x!), { x }, dy).gradients.x!);
}

const times = (factor: number) => dy.map((value) => factor * value);

describe("a tensor that is used more than once", () => {
  test.each<[string, (x: Tensor) => Tensor, number[]]>([
    ["add(x, x)", (x) => add(x, x), times(2)],
    ["subtract(x, x)", (x) => subtract(x, x), times(0)],
    ["multiply(x, x)", (x) => multiply(x, x), dy.map((value, i) => 2 * value * x.values[i]!)],
    ["four times", (x) => add(add(x, x), add(x, x)), times(4)],
    ["a residual connection", (x) => add(x, scale(x, 3)), times(4)],
    ["a residual connection the other way round", (x) => add(scale(x, 3), x), times(4)],
    ["residual connections in a row", (x) => [1, 2, 3].reduce((y) => add(y, scale(y, 2)), x), times(27)],
    [
      "a branch of a branch",
      (x) => {
        const y = add(x, scale(x, 2));
        return add(add(y, x), y);
      },
      times(7),
    ],
    ["views", (x) => add(x, reshape(reshape(x, [6]), [2, 3])), times(2)],
    [
      "one view twice",
      (x) => {
        const flat = reshape(x, [6]);
        return reshape(add(flat, flat), [2, 3]);
      },
      times(2),
    ],
    [
      "views that are used before and after",
      (x) => {
        const flat = reshape(x, [3, 2]);
        return add(add(scale(x, 2), reshape(flat, [2, 3])), reshape(scale(flat, 5), [2, 3]));
      },
      times(8),
    ],
  ])("%s collects all its gradients", (_, run, expected) => {
    expect(gradient(run)).toEqual(expected);
  });

  test("both sides of a product", () => {
    const inputs = { a: { shape: [4, 4], values: noise(16, 3) } };
    const upstream = noise(16, 4);
    const actual = runWithUpstream(({ a }) => matmul(a!, a!, { transposeB: true }), inputs, upstream);
    const twin: Twin = (g, { a }) => twins.matmul(g, a!, a!, { transposeB: true });
    expectAsGoodAsNaive(actual, reference(twin, inputs, upstream));
  });

  test("query, key and value at once", () => {
    const inputs = { a: { shape: [1, 9, 2, 4], values: noise(72, 3) } };
    const upstream = noise(72, 4);
    const options = { scale: 0.5, causal: true };
    const actual = runWithUpstream(({ a }) => attention(a!, a!, a!, options).mixed, inputs, upstream);
    const twin: Twin = (g, { a }) => twins.attention(g, [a!, a!, a!], options);
    expectAsGoodAsNaive(actual, reference(twin, inputs, upstream));
  });
});

describe("recording", () => {
  test("only ops that a parameter reaches are recorded, and only under a tape", () => {
    scope(() => {
      const [parameter, constant] = [tensor([2], [1]), tensor([3], [1])];
      expect(recording()).toBe(false);
      expect(multiply(parameter, constant).needsGrad).toBe(false);
      const { value, gradients } = valueAndGradients(() => {
        expect(recording()).toBe(true);
        expect(multiply(constant, constant).needsGrad).toBe(false);
        const y = multiply(parameter, constant);
        expect(y.needsGrad).toBe(true);
        return y;
      }, [parameter]);
      expect(value).toBe(6);
      expect(gradients[0]!.item()).toBe(3);
      expect(recording()).toBe(false);
      expect(parameter.needsGrad).toBe(false);
    });
  });

  test("what the value does not depend on is computed but not played back", () => {
    scope(() => {
      const parameter = tensor([2], [1]);
      let played = 0;
      const { gradients } = valueAndGradients(() => {
        const aside = scale(parameter, 5);
        record("aside", scale(aside, 1), [aside], () => {
          played += 1;
        });
        return scale(parameter, 7);
      }, [parameter]);
      expect(played).toBe(0);
      expect(gradients[0]!.item()).toBe(7);
    });
  });

  test("a parameter that the value does not depend on has zero gradients", () => {
    scope(() => {
      const [used, unused] = [tensor([2], [1]), tensor([1, 2, 3])];
      const { gradients } = valueAndGradients(() => scale(used, 2), [used, unused]);
      expect([...gradients[1]!.values()]).toEqual([0, 0, 0]);
    });
  });

  test("a parameter that is itself the value, or a view of it, has gradient one", () => {
    scope(() => {
      const parameter = tensor([2], [1]);
      expect(valueAndGradients(() => parameter, [parameter]).gradients[0]!.item()).toBe(1);
      expect(valueAndGradients(() => reshape(parameter, []), [parameter]).gradients[0]!.item()).toBe(1);
    });
  });

  test("a gradient's memory is returned as soon as it was used", () => {
    scope(() => {
      const parameter = tensor(new Float32Array(1 << 16));
      let before = 0;
      valueAndGradients(() => {
        const y = mean(Array.from({ length: 20 }).reduce<Tensor>((y) => scale(y, 1.5), parameter));
        before = heap().liveBytes;
        return y;
      }, [parameter]);
      // The parameter's own gradient, and what mean leaves until the scope ends.
      expect(heap().liveBytes - before).toBeLessThan(4 * 4 * (1 << 16));
    });
  });

  test("everything is as before after an exception in the middle", () => {
    scope(() => {
      const parameter = tensor([2], [1]);
      const fail = () => {
        throw new Error("stop");
      };
      expect(() => valueAndGradients(fail, [parameter])).toThrow("stop");
      expect(() =>
        valueAndGradients(() => record("bad", scale(parameter, 1), [parameter], fail), [parameter]),
      ).toThrow("stop");
      expect(recording()).toBe(false);
      expect(parameter.needsGrad).toBe(false);
    });
  });
});

describe("misuse says what is wrong", () => {
  test("gradients of gradients", () => {
    const nested = () => scale(tensor([valueAndGradients(() => tensor([1]), []).value]), 1);
    expect(() => scope(() => valueAndGradients(nested, []))).toThrow(
      "gradients of gradients are not supported",
    );
  });

  test("a value of more than one element", () => {
    expect(() => scope(() => valueAndGradients(() => tensor([1, 2]), []))).toThrow(
      "item: a tensor of one element is needed, got tensor [2]",
    );
  });

  test("an inner scope frees what the gradient still needs", () => {
    scope(() => {
      const parameter = tensor(noise(4, 1), [2, 2], "weight");
      const compute = () => scope(() => mean(matmul(scale(parameter, 2), parameter)));
      expect(() => valueAndGradients(compute, [parameter])).toThrow(
        /scale \[2,2\] was freed at the end of its scope/,
      );
    });
  });

  test("NaN and infinity are traced to the first op that made them, not to a mask", () => {
    scope(() => {
      const parameter = tensor([1, 2], [2], "weight");
      const masked = () => add(parameter, tensor([0, Number.NEGATIVE_INFINITY]));
      const compute = () => mean(scale(scale(masked(), Number.NaN), 2));
      const error = thrown(() => valueAndGradients(compute, [parameter]));
      expect(error).toBeInstanceOf(NonFiniteError);
      expect((error as NonFiniteError).op).toBe("scale [2]"); // checked just above
      expect(() => valueAndGradients(() => mean(masked()), [parameter])).toThrow(
        "valueAndGradients: the value is -Infinity; the first op that produced NaN or infinity is add [2]",
      );
    });
  });

  test("gradients asked for without a tape", () => {
    expect(() => scope(() => gradOf(tensor([1, 2], [2], "alone")))).toThrow(
      "gradOf: gradients exist only while a tape plays back, got alone [2]",
    );
  });
});

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
