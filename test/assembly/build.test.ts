// What a build says of itself.
import { expect, inject, test } from "vitest";
import { heap, kernels } from "../../src/runtime/instance";

test("the kernels know their build, and the heap starts beyond the compiler's data", () => {
  expect(kernels().build_relaxed()).toBe(inject("build") === "fast" ? 1 : 0);
  expect(kernels().build_shared()).toBe(0);
  const block = heap().alloc(1);
  expect(block.ptr).toBeGreaterThanOrEqual(kernels().heap_base());
  heap().free(block);
});
