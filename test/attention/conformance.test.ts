// What every value of the attention registries must do, alone and combined with the others: agree with its float64 twin forward
// and backward, fused and composed, whole and token by token; hide the future; leak nothing; repeat its bits.
import { describe, expect, test } from "vitest";
import { attentions } from "../../src/attention";
import { masks } from "../../src/attention/mask";
import { normalizers } from "../../src/attention/normalizer";
import { positions } from "../../src/attention/position";
import { indices } from "../../src/attention/position/strategy";
import { refusal } from "../../src/attention/rules";
import { scales } from "../../src/attention/scale";
import { namedParameters } from "../../src/nn/module";
import type { Taps } from "../../src/nn/run";
import { scale } from "../../src/ops/arithmetic";
import { heap } from "../../src/runtime/instance";
import { valueAndGradients } from "../../src/tensor/tape";
import { scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { against } from "../ops/upstream";
import { attentionLayer, hidesFuture as twinHidesFuture } from "../reference/attention-layer";
import { indexTwins, positionTwins } from "../reference/attention-positions";
import { maskTwins, normalizerTwins, scaleTwins } from "../reference/attention-rows";
import { attentionTwins } from "../reference/attention-scores";
import {
  expectAsGoodAsNaive,
  expectValues,
  type Outcome,
  type Reference,
  reference,
  type Twin,
} from "../reference/compare";
import { float64, Graph } from "../reference/graph";
import { type Grid, grid, map, mapRows, valuesOf } from "../reference/ops";
import {
  applyLayer,
  B,
  C,
  type Choice,
  CONTEXT,
  createLayer,
  HEADS,
  inputValues,
  slice,
  T,
  valuesOfLayer,
} from "./layer";
import { pairwise } from "./pairwise";

const registries = {
  attention: attentions,
  position: positions,
  index: indices,
  scale: scales,
  mask: masks,
  normalizer: normalizers,
};
const twins = {
  attention: attentionTwins,
  position: positionTwins,
  index: indexTwins,
  scale: scaleTwins,
  mask: maskTwins,
  normalizer: normalizerTwins,
};

test.each(Object.keys(registries) as (keyof typeof registries)[])("every %s has a twin", (name) => {
  expect(Object.keys(twins[name]).sort()).toEqual(Object.keys(registries[name]).sort());
});

const options = {
  attention: keys(attentions),
  position: keys(positions),
  index: keys(indices),
  scale: keys(scales),
  mask: keys(masks),
  normalizer: keys(normalizers),
  heads: [HEADS],
  kvHeads: [HEADS, 1],
  bias: [true, false],
};
/** What goes with everything. */
const usual: Choice = {
  attention: "dot-product",
  position: "none",
  index: "plain",
  scale: "inverse-sqrt",
  mask: "causal",
  normalizer: "softmax",
  heads: HEADS,
  kvHeads: HEADS,
  bias: false,
};
const combinations: readonly Choice[] = pairwise(
  options,
  (some) => refusal({ ...usual, ...some }) === undefined,
);

const choices: readonly (readonly [keyof Choice, Choice[keyof Choice]])[] = Object.entries(options).flatMap(
  // Values of their own lists.
  ([name, values]) => values.map((value) => [name as keyof Choice, value] as const),
);
const refused = choices.flatMap(([a, x], i) =>
  choices.slice(i + 1).flatMap(([b, y]) => {
    const choice: Choice = { ...usual, [a]: x, [b]: y };
    const why = a === b ? undefined : refusal(choice);
    return why === undefined ? [] : [{ a, x, b, y, choice, why }];
  }),
);

test.each(refused)("$a $x does not go with $b $y, and says why", ({ choice, why, x, y }) => {
  expect(() => createLayer(choice)).toThrow(new Error(`attention: ${why}`));
  for (const name of [x, y]) expect(why).toContain(String(name));
});

const upstream = noise(B * T * C, 99);
/** Both ways through a layer: as it chooses, and composed, which somebody who listens to the logits gets. */
const paths = [
  { path: "as it chooses", taps: {}, fused: true },
  { path: "composed", taps: { logits: () => undefined }, fused: false },
] as const;
type Path = (typeof paths)[number];

describe.each(combinations)(
  "$attention, position $position, scale $scale, mask $mask, $normalizer, $kvHeads key heads, bias $bias",
  (choice) => {
    const twinOf =
      (path: Path, part: "y" | "weights" = "y"): Twin =>
      (g, inputs) =>
        attentionLayer(g, choice, inputs, { ...path, context: CONTEXT })[part];
    const outputs = new Map<Path, Reference>();
    /** The twin's output, made once. */
    const output = (path: Path): Reference => {
      const known = outputs.get(path);
      if (known) return known;
      const made = scope(() => reference(twinOf(path), valuesOfLayer(createLayer(choice), inputValues())));
      outputs.set(path, made);
      return made;
    };
    const hidesFuture = twinHidesFuture(choice.mask);

    test.each(paths)("output and gradients equal the twin's: $path", (path) => {
      scope(() => {
        const { outcome, values } = run(choice, path.taps);
        expectAsGoodAsNaive(outcome, reference(twinOf(path), values, upstream));
      });
    });

    test("the same bits twice, and no memory stays", () => {
      const before = heap().liveBytes;
      const [first, second] = [1, 2].map(() => scope(() => run(choice, {}).outcome));
      expect(second).toEqual(first);
      expect(heap().liveBytes).toBe(before);
    });

    test(hidesFuture ? "later tokens change nothing, not one bit" : "later tokens count", () => {
      scope(() => {
        const model = createLayer(choice);
        const [x, y] = [inputValues(1), inputValues(2)];
        for (const { taps } of paths) {
          for (const kept of [1, 4, 6]) {
            // The first tokens of x, the others of y.
            const mixed = Array.from(x.values, (value, i) =>
              Math.floor(i / C) % T < kept ? value : y.values[i]!,
            );
            const [one, other] = [x.values, mixed].map((values) =>
              rows(applyLayer(model, tensor(values, [B, T, C]), { taps })),
            );
            for (let token = 0; token < T; token++) {
              const same = token < kept && hidesFuture;
              for (let b = 0; b < B; b++) {
                if (same) expect(other![b * T + token]).toEqual(one![b * T + token]);
                else expect(other![b * T + token]).not.toEqual(one![b * T + token]);
              }
            }
          }
        }
      });
    });

    // A token that sees later ones cannot be decoded before them.
    const splits = hidesFuture ? [[T], [1, 1, 1, 1, 1, 1, 1], [3, 1, 3], [1, 5, 1]] : [];
    for (const pieces of splits) {
      test(`decoding in pieces of ${pieces} equals the whole`, () => {
        const x = inputValues();
        for (const path of paths) {
          scope(() => {
            const model = createLayer(choice);
            const state = model.layer.createState(B, T + 1);
            const y = new Float32Array(B * T * C);
            pieces.reduce((first, count) => {
              const part = rows(
                applyLayer(model, slice(x, first, first + count), { taps: path.taps, state }),
              );
              part.forEach((row, i) => {
                y.set(row, (Math.floor(i / count) * T + first + (i % count)) * C);
              });
              return first + count;
            }, 0);
            state.release();
            expectValues(y, output(path));
          });
        }
      });
    }

    test("weights: the twin's, shown by both paths; a replacement is used", () => {
      scope(() => {
        const model = createLayer(choice);
        const x = inputValues();
        const values = valuesOfLayer(model, x);
        for (const path of paths) {
          let weights: Outcome["y"] = [];
          const listen = {
            ...path.taps,
            weights: (w: Tensor) => {
              weights = w.values();
            },
          };
          const heard = applyLayer(model, tensor(x.values, x.shape), { taps: listen }).values();
          expectValues(weights, reference(twinOf(path, "weights"), values));
          expectValues(heard, output(path));
          const sums = (g: Graph, w: Grid) => mapRows(w, (row) => [g.sum(row)]);
          const g = new Graph(float64);
          const total = valuesOf(sums(g, grid(g, weights, [B, HEADS, T, T])));
          const sumTwin: Twin = (g, inputs) => sums(g, twinOf(path, "weights")(g, inputs));
          expectValues(total, reference(sumTwin, values));
          if (choice.normalizer === "softmax") for (const sum of total) expect(sum).toBeCloseTo(1, 5);

          const halve = { ...path.taps, weights: (w: Tensor) => scale(w, 0.5) };
          const halved = applyLayer(model, tensor(x.values, x.shape), { taps: halve }).values();
          const bias = model.layer.output.bias?.values() ?? new Float32Array(C);
          // Half of everything but the last bias.
          const halfTwin: Twin = (g, inputs) =>
            map(twinOf(path)(g, inputs), (value, i) => {
              const last = g.leaf(bias[i % C]!);
              return g.add(g.scale(g.sub(value, last), 0.5), last);
            });
          expectValues(halved, reference(halfTwin, values));
        }
      });
    });
  },
);

/** Output and gradients of sum(y upstream), with what the twin needs for the same. */
function run(choice: Choice, taps: Taps) {
  const model = createLayer(choice);
  const input = inputValues();
  const values = valuesOfLayer(model, input);
  const x = tensor(input.values, input.shape);
  const parameters = new Map([["x", x], ...namedParameters(model)]);
  let y: Outcome["y"] = [];
  const { gradients } = valueAndGradients(() => {
    const output = applyLayer(model, x, { taps });
    expect(output.shape).toEqual([B, T, C]);
    y = output.values();
    return against(output, upstream);
  }, [...parameters.values()]);
  const named = [...parameters.keys()].map((name, i) => [name, gradients[i]!.values()]);
  const outcome: Outcome = { y, gradients: Object.fromEntries(named) };
  return { outcome, values };
}

function rows(x: Tensor): Float32Array[] {
  const values = x.values();
  return Array.from({ length: values.length / C }, (_, i) => values.slice(i * C, (i + 1) * C));
}

/** Object.keys, typed: the registries are constants without other keys. */
function keys<K extends string>(registry: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(registry) as K[];
}
