// Bad input for products and sums: one error that names the sizes, and memory as before the call.
import { describe, expect, it } from "vitest";
import { mean } from "../../src/ops/arithmetic";
import { linear, matmul } from "../../src/ops/matmul";
import { info } from "../../src/runtime/instance";
import { empty, ids, scope, type Tensor } from "../../src/tensor/tensor";

const cases: readonly (readonly [what: string, run: () => Tensor, message: string])[] = [
  [
    "inner dims",
    () => matmul(empty([4, 64]), empty([32, 8])),
    "matmul: inner dims must match, got a [4,64] and b [32,8]",
  ],
  [
    "inner dims of transposed operands",
    () => matmul(empty([64, 4]), empty([8, 32]), { transposeA: true, transposeB: true }),
    "matmul: inner dims must match, got a [64,4]ᵀ and b [8,32]ᵀ",
  ],
  [
    "an inner dim of zero against another",
    () => matmul(empty([4, 0]), empty([1, 8])),
    "matmul: inner dims must match, got a [4,0] and b [1,8]",
  ],
  [
    "leading dims",
    () => matmul(empty([2, 3, 4]), empty([3, 4, 5])),
    "matmul: leading dims must match, got a [2,3,4] and b [3,4,5]",
  ],
  [
    "a vector",
    () => matmul(empty([4]), empty([4, 5])),
    "matmul: two axes at least are needed, got a [4] and b [4,5]",
  ],
  [
    "integers in a product",
    () => matmul(ids([1, 2], [1, 2]), empty([2, 3])),
    "matmul: a must hold f32, got i32 [1,2]",
  ],
  [
    "a weight of other inputs",
    () => linear(empty([2, 3]), empty([4, 5])),
    "linear: inner dims must match, got x [2,3] and weight [4,5]",
  ],
  [
    "a scalar through a layer",
    () => linear(empty([]), empty([1, 5])),
    "linear: inner dims must match, got x [] and weight [1,5]",
  ],
  [
    "a bias of another size",
    () => linear(empty([2, 3]), empty([3, 5]), empty([3])),
    "linear: bias must be [5], got [3]",
  ],
  [
    "ids instead of embeddings",
    () => linear(ids([1, 2, 3], [1, 3]), empty([3, 5])),
    "linear: x must hold f32, got i32 [1,3]",
  ],
  ["the mean of nothing", () => mean(empty([3, 0])), "mean: at least one element is needed, got [3,0]"],
];

describe("bad input", () => {
  it.each(cases)("%s", (_, run, message) => {
    const before = info().liveBytes;
    expect(() => scope(run)).toThrow(new Error(message));
    expect(info().liveBytes).toBe(before);
  });

  it("an operand that was freed says so", () => {
    let freed: Tensor | undefined;
    scope(() => {
      freed = empty([3, 5], "weight");
    });
    expect(() => scope(() => linear(empty([2, 3]), freed!))).toThrow(
      "tensor: weight [3,5] was freed at the end of its scope; return it from the scope to keep it",
    );
  });

  it("a result larger than memory names the sizes and leaves memory as it was", () => {
    const before = info().liveBytes;
    const tooLarge = () => matmul(empty([40_000, 1]), empty([1, 40_000]));
    expect(() => scope(tooLarge)).toThrow(
      /^heap: memory cannot grow by 6144 MB, [\d.]+ MB are in use \(the limit is 4096 MB\)/,
    );
    expect(info().liveBytes).toBe(before);
  });
});
