// Scopes: who owns a tensor, when it is freed, and what reading it afterwards says.
import { beforeEach, describe, expect, test } from "vitest";
import { add } from "../../src/ops/arithmetic";
import { reshape } from "../../src/ops/view";
import { heap } from "../../src/runtime/instance";
import { scope, Tensor, tensor } from "../../src/tensor/tensor";

const make = (name = "x") => tensor([1, 2, 3], [3], name);

let before = 0;
beforeEach(() => {
  before = heap().liveBytes;
});
const live = () => heap().liveBytes - before;

describe("what was made inside", () => {
  test("is freed at the end", () => {
    const result = scope(() => {
      const y = add(make(), make());
      expect(live()).toBe(3 * 64);
      return y.values();
    });
    expect([...result]).toEqual([2, 4, 6]);
    expect(live()).toBe(0);
  });

  test("is freed when an exception leaves", () => {
    const fail = () =>
      scope(() => {
        make();
        scope(() => {
          make();
          throw new Error("stop");
        });
      });
    expect(fail).toThrow("stop");
    expect(live()).toBe(0);
    const y = scope(make);
    expect([...y.values()]).toEqual([1, 2, 3]);
    y.release();
  });

  test("is freed when a promise is returned, which is refused", () => {
    const later = () => scope(async () => void make());
    expect(later).toThrow("scope: the body must be synchronous, got a promise; await outside the scope");
    expect(live()).toBe(0);
  });
});

describe("what is returned", () => {
  test.each<[string, (x: Tensor) => unknown]>([
    ["alone", (x) => x],
    ["in an array", (x) => [1, x]],
    ["in an object", (x) => ({ deep: { down: x, other: null } })],
    ["in a map", (x) => new Map([["x", x]])],
    ["twice", (x) => [x, x]],
    [
      "in an object that contains itself",
      (x) => {
        const circle: Record<string, unknown> = { x };
        circle.self = circle;
        return circle;
      },
    ],
  ])("%s belongs to the parent", (_, wrap) => {
    scope(() => {
      let kept: Tensor | undefined;
      scope(() => {
        make();
        kept = make();
        return wrap(kept);
      });
      expect(kept?.released).toBe(false);
      expect(live()).toBe(64);
    });
    expect(live()).toBe(0);
  });

  test("belongs to the caller at the outermost level", () => {
    const x = scope(make);
    expect(live()).toBe(64);
    x.release();
    x.release();
    expect(live()).toBe(0);
  });

  test("from an outer scope stays there", () => {
    scope(() => {
      const outer = make();
      scope(() => outer);
      expect([...outer.values()]).toEqual([1, 2, 3]);
    });
    expect(live()).toBe(0);
  });
});

describe("views", () => {
  test("keep the memory that they share as long as one of them lives", () => {
    const flat = scope(() => reshape(tensor([1, 2, 3, 4], [2, 2]), [4]));
    expect(live()).toBe(64);
    expect([...flat.values()]).toEqual([1, 2, 3, 4]);
    flat.release();
    expect(live()).toBe(0);
  });
});

describe("keep", () => {
  test("takes a tensor out of the scope that owns it, however deep the call is", () => {
    const x = scope(() => {
      const y = make();
      scope(() => scope(() => y.keep()));
      return { wrapped: () => y };
    });
    expect([...x.wrapped().values()]).toEqual([1, 2, 3]);
    x.wrapped().release();
    expect(live()).toBe(0);
  });
});

describe("a freed tensor", () => {
  test("says its shape and name when it is read", () => {
    let x: Tensor | undefined;
    scope(() => {
      x = tensor([1, 2, 3, 4, 5, 6], [2, 3], "weights");
    });
    const rule =
      "tensor: weights [2,3] was freed at the end of its scope; return it from the scope to keep it";
    expect(() => x?.values()).toThrow(rule);
    expect(() => x?.ptr).toThrow(rule);
    expect(() => add(x!, x!)).toThrow(rule);
    expect(() => reshape(x!, [6])).toThrow(rule);
    expect(() => x?.keep()).toThrow(rule);
    expect(x?.released).toBe(true);
    expect(x?.shape).toEqual([2, 3]);
    expect(Tensor).toBeTypeOf("function");
  });
});
