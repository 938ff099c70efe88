// Names of taps: exact, globs, the field's own; what means nothing is refused with what is near; what does not fit is refused.
import { describe, expect, test } from "vitest";
import { beginRun, listPaths, Run } from "../../src/nn/run";
import { meantBy, type Taps, tapAliases } from "../../src/nn/taps";
import { scale } from "../../src/ops/arithmetic";
import { ids, scope, tensor } from "../../src/tensor/tensor";

const paths = ["token", ...[0, 1, 2].flatMap((layer) => block(layer)), "logits"];

function block(layer: number): string[] {
  const own = [
    ...["input", "middle", "output", "mlp.output"],
    ...["query-input", "key-input", "value-input", "scores.query", "scores.key", "value"].map(inAttention),
    ...["logits", "weights", "weights.0", "weights.1", "mixed", "heads", "output"].map(inAttention),
  ];
  return own.map((name) => `blocks.${layer}.${name}`);
}

function inAttention(name: string): string {
  return `attention.${name}`;
}

describe("a name means", () => {
  test.each<[string, string[]]>([
    ["blocks.1.attention.weights", ["blocks.1.attention.weights"]],
    ["blocks.*.output", [0, 1, 2].map((layer) => `blocks.${layer}.output`)],
    ["blocks.2.attention.weights.*", ["blocks.2.attention.weights.0", "blocks.2.attention.weights.1"]],
    [
      "blocks.*.attention.*-input",
      [0, 1, 2].flatMap((layer) => block(layer).filter((p) => /-input/.test(p))),
    ],
    ["pattern", [0, 1, 2].map((layer) => `blocks.${layer}.attention.weights`)],
    ["hook_pattern", [0, 1, 2].map((layer) => `blocks.${layer}.attention.weights`)],
    ["blocks.0.attn.hook_pattern", ["blocks.0.attention.weights"]],
    ["blocks.0.attn.hook_pattern.1", ["blocks.0.attention.weights.1"]],
    ["blocks.*.hook_pattern.0", [0, 1, 2].map((layer) => `blocks.${layer}.attention.weights.0`)],
    ["blocks.1.hook_resid_pre", ["blocks.1.input"]],
    ["resid_post", [0, 1, 2].map((layer) => `blocks.${layer}.output`)],
    ["blocks.2.hook_q_input", ["blocks.2.attention.query-input"]],
    ["blocks.2.attn.hook_result", ["blocks.2.attention.heads"]],
    ["hook_embed", ["token"]],
    ["*", ["token", "logits"]],
  ])("%s", (name, meant) => {
    expect(meantBy(name, paths).sort()).toEqual([...meant].sort());
  });

  test("every alias means something in every block", () => {
    for (const alias of Object.keys(tapAliases))
      expect(meantBy(`hook_${alias}`, paths)).toHaveLength(alias === "embed" ? 1 : 3);
  });

  test.each([
    ["blocks.0.attention.weight", "blocks.0.attention.weights"],
    ["blocks.1.attn.weights", "blocks.1.attention.weights"],
    ["blocks.3.hook_pattern", "blocks.0.attention.weights"],
    ["logit", "logits"],
    ["Token", "token"],
    ["blocks.0.attention.weights.2", "blocks.0.attention.weights"],
  ])("%s means nothing, and what is near is named", (name, near) => {
    const refused = () => meantBy(name, paths);
    expect(refused).toThrow(`taps: a name must be of a place in the model, got "${name}"; near it are `);
    expect(refused).toThrow(near);
  });

  test("characters of regular expressions are characters", () => {
    expect(() => meantBy("blocks.(0|1).output", paths)).toThrow("a name must be of a place");
    expect(meantBy("a+b", ["a+b", "aab"])).toEqual(["a+b"]);
  });
});

describe("a run of a model", () => {
  const begin = (taps: Taps) => beginRun({ taps }, () => paths);

  test("asks all who listen, in the order given, each shown what the one before made of it, with the path", () => {
    scope(() => {
      const heard: [string, number][] = [];
      const taps: Taps = {
        "blocks.*.output": (x, path) => {
          heard.push([path, x.item()]);
          return scale(x, 2);
        },
        resid_post: (x, path) => void heard.push([path, x.item()]),
        "blocks.1.output": tensor([7], [1]),
      };
      const run = begin(taps);
      expect(
        run
          .at("blocks.0")
          .tap("output", tensor([1], [1]))
          .item(),
      ).toBe(2);
      expect(
        run
          .at("blocks.1")
          .tap("output", tensor([1], [1]))
          .item(),
      ).toBe(7);
      expect(heard).toEqual([
        ["blocks.0.output", 1],
        ["blocks.0.output", 2],
        ["blocks.1.output", 1],
        ["blocks.1.output", 2],
      ]);
    });
  });

  test("knows what is wanted: names, parts, and anything inside", () => {
    const run = begin({
      "blocks.0.attn.hook_pattern.1": () => undefined,
      "blocks.1.hook_q": () => undefined,
    });
    const at = (layer: number) => run.at(`blocks.${layer}`).at("attention");
    expect(at(0).wants("weights")).toBe(false);
    expect(at(0).wantedParts("weights", 2)).toEqual([1]);
    expect(at(1).wantedParts("weights", 2)).toEqual([]);
    expect(at(0).wantsInside("scores")).toBe(false);
    expect(at(1).wantsInside("scores")).toBe(true);
  });

  test("gives what stands in place of something without asking for it, where nobody else listens", () => {
    scope(() => {
      const fixed = tensor([1, 2], [2]);
      expect(begin({ "blocks.0.output": fixed }).at("blocks.0").given("output", [2])).toBe(fixed);
      expect(
        begin({ "blocks.0.output": () => fixed })
          .at("blocks.0")
          .given("output", [2]),
      ).toBeUndefined();
      const both = begin({ "blocks.0.output": fixed, resid_post: () => undefined });
      expect(both.at("blocks.0").given("output", [2])).toBeUndefined();
    });
  });

  test("refuses what does not fit, naming the place and both shapes", () => {
    scope(() => {
      const x = tensor([1, 2], [1, 2]);
      const wrong = (y: Taps[string]) => () => begin({ resid_pre: y }).at("blocks.2").tap("input", x);
      const message = "taps: what takes the place of blocks.2.input must be f32 [1,2], got f32 [2]";
      expect(wrong(tensor([1, 2], [2]))).toThrow(message);
      expect(wrong(() => tensor([1, 2], [2]))).toThrow(message);
      expect(wrong(() => ids([1, 2], [1, 2]))).toThrow("got i32 [1,2]");
      expect(() =>
        begin({ resid_pre: tensor([1], [1]) })
          .at("blocks.0")
          .given("input", [1, 2]),
      ).toThrow("must be f32 [1,2], got f32 [1]");
    });
  });

  test("lists the places that it comes by, wanted or not", () => {
    const found = listPaths((run) => {
      const x = tensor([1], [1]);
      run.tap("a", x);
      run.at("b").wants("c");
      run.at("b").wantedParts("d", 2);
      run.tap("a", x);
    });
    expect(found).toEqual(["a", "b.c", "b.d.0", "b.d.1"]);
    expect(listPaths((run) => expect(run).toBeInstanceOf(Run))).toEqual([]);
  });
});
