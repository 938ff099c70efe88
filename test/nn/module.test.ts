// A model is a tree of its own fields; a run knows where in it it is, who listens there, and which randomness belongs there.
import { describe, expect, test } from "vitest";
import { gpt } from "../../src/models/gpt";
import {
  named,
  namedParameters,
  namedTensors,
  parameter,
  parameterCount,
  parameters,
} from "../../src/nn/module";
import { norms } from "../../src/nn/norm";
import { Run } from "../../src/nn/run";
import { scale } from "../../src/ops/arithmetic";
import { rng } from "../../src/tensor/rng";
import { ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";

class Hidden {
  readonly shown = parameter(tensor([1], [1]));
  readonly #private = parameter(tensor([2], [1]));

  get sum(): number {
    return this.shown.item() + this.#private.item();
  }
}

test("tensors are found by path in field order, in arrays and objects, not in private fields", () => {
  scope(() => {
    const tree = {
      b: parameter(tensor([1, 2], [2])),
      list: [{ w: parameter(tensor([3], [1])) }, { w: tensor([4], [1]) }],
      hidden: new Hidden(),
      nothing: null,
      text: "x",
      bytes: new Float32Array(3),
    };
    expect([...namedTensors(tree).keys()]).toEqual(["b", "list.0.w", "list.1.w", "hidden.shown"]);
    expect([...namedParameters(tree).keys()]).toEqual(["b", "list.0.w", "hidden.shown"]);
    expect(parameters(tree)).toEqual([tree.b, tree.list[0]!.w, tree.hidden.shown]);
    expect(parameterCount(tree)).toBe(4);
    expect(named(tree)).toBe(tree);
    expect(tree.list[1]!.w.name).toBe("list.1.w");
    expect(tree.hidden.sum).toBe(3);
  });
});

test("a norm that is none gives back what it got", () => {
  scope(() => {
    const x = tensor([1, 2]);
    expect(norms.none().apply(x)).toBe(x);
  });
});

describe("a run", () => {
  test("taps by dotted path listen or replace, and cost nothing elsewhere", () => {
    scope(() => {
      const x = tensor([1, 2]);
      const heard: Tensor[] = [];
      const run = new Run({
        taps: {
          "blocks.0.output": (y) => {
            heard.push(y);
          },
          "blocks.1.output": (y) => scale(y, 2),
        },
      });
      expect(run.at("blocks.0").tap("output", x)).toBe(x);
      expect(run.at("blocks").at("1").tap("output", x).values()).toEqual(new Float32Array([2, 4]));
      expect(run.tap("output", x)).toBe(x);
      expect(heard).toEqual([x]);
      expect(run.at("blocks.0").wants("output")).toBe(true);
      expect(run.at("blocks.0").wants("input")).toBe(false);
    });
  });

  test("has its own randomness at every place, the same every time, and none unless given", () => {
    const run = new Run({ rng: rng(1) });
    expect(run.at("a").rng?.uniform()).toBe(run.at("a").rng?.uniform());
    expect(run.at("a").rng?.uniform()).not.toBe(run.at("b").rng?.uniform());
    expect(new Run().at("a").rng).toBeUndefined();
  });
});

test("a gpt shows every named place to a tap, and takes a replacement for each", () => {
  const places = [
    "token",
    "blocks.0.input",
    "blocks.0.attention.value",
    "blocks.0.attention.scores.query",
    "blocks.0.attention.scores.key",
    "blocks.0.attention.logits",
    "blocks.0.attention.weights",
    "blocks.0.attention.mixed",
    "blocks.0.attention.output",
    "blocks.0.mlp.output",
    "blocks.0.output",
    "logits",
  ];
  scope(() => {
    const model = gpt({ vocabulary: 5, context: 4, width: 8, heads: 2, layers: 1 }, rng(1));
    const input = ids([1, 2, 3], [1, 3]);
    const plain = model.logits(input).values();
    for (const place of places) {
      let seen = 0;
      const listened = model
        .logits(input, {
          taps: {
            [place]: () => {
              seen += 1;
            },
          },
        })
        .values();
      expect([place, seen]).toEqual([place, 1]);
      listened.forEach((value, i) => {
        expect(value).toBeCloseTo(plain[i]!, 5);
      });
      const replaced = model.logits(input, { taps: { [place]: (x) => scale(x, -3) } }).values();
      expect(replaced, place).not.toEqual(plain);
    }
  });
});
