// What every combination of values of the attention registries must do: agree with its float64 twin forward and backward, fused and
// composed, whole and token by token; hide what the mask hides; leak nothing; repeat its bits.
import { describe, expect, test } from "vitest";
import { namedParameters } from "../../src/nn/module";
import type { Padding } from "../../src/nn/run";
import type { Taps } from "../../src/nn/taps";
import { scale } from "../../src/ops/arithmetic";
import { heap } from "../../src/runtime/instance";
import { valueAndGradients } from "../../src/tensor/tape";
import { scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { against } from "../ops/upstream";
import { attentionLayer } from "../reference/attention-layer";
import { hidesFuture, maskTwins } from "../reference/attention-rows";
import { linearTwins } from "../reference/attention-scores";
import {
  expectAsGoodAsNaive,
  expectValues,
  type Outcome,
  once,
  type Reference,
  reference,
  type Twin,
} from "../reference/compare";
import {
  applyLayer,
  B,
  C,
  type Choice,
  CONTEXT,
  createLayer,
  HEADS,
  inputValues,
  type Layer,
  slice,
  T,
  valuesOfLayer,
} from "./layer";

/** How values of options stand in the choices: small enough that everything happens within T tokens. */
export const SMALL = {
  window: 3,
  prefix: 2,
  near: 3,
  buckets: 8,
  farthest: 6,
  span: 3,
  trained: 5,
  factor: 0.7,
};

const upstream = noise(B * T * C, 99);
/** So that both a half padded and an empty sequence is there. */
const PADDING: Padding = { lengths: [4, 0], side: "right" };
const composed = { logits: () => undefined };

/** Where later rows of the outcome begin: the twin gives output and weights in one. */
const OUTPUTS = B * T * C;

export interface Thoroughness {
  /** Sizes of the pieces that tokens are decoded in. */
  readonly pieces: readonly (readonly number[])[];
  /** Whether every source that is seen must show in the output; far ones under steep biases are lost to rounding. */
  readonly allShow: boolean;
}

export function conform(choice: Choice, { pieces, allShow }: Thoroughness): void {
  const { attention, position, index, scale: factor, mask, normalizer, kvHeads, bias } = choice;
  const { smear = "no", biasPer = "model" } = choice;
  const name = `${attention}, ${position}, ${index}, ${factor}, ${mask}, ${normalizer}, ${kvHeads} key heads, bias ${bias}, smear ${smear}, bias per ${biasPer}`;
  describe(name, () => {
    const hasScores = linearTwins[attention] === undefined;
    const future = hidesFuture(mask);
    /** Both ways through the layer: as it chooses, and composed, which somebody who listens to the logits gets. */
    const ways = (fuses(choice) ? [true, false] : [false]).map((fused) => {
      const taps: Taps = fused || !hasScores ? {} : composed;
      return { fused, taps, wanted: once(() => referenceOf(choice, { fused })) };
    });

    test("output and gradients equal the twin's", () => {
      for (const { taps, wanted } of ways) {
        scope(() => expectAsGoodAsNaive(run(choice, { taps }), outputOf(wanted())));
      }
    });

    test("the same bits twice, and no memory stays", () => {
      const before = heap().liveBytes;
      const [first, second] = [1, 2].map(() => scope(() => run(choice, {})));
      expect(second).toEqual(first);
      expect(heap().liveBytes).toBe(before);
    });

    test("a token changes where it sees a change, and nowhere else", () => {
      scope(() => {
        const model = createLayer(choice);
        const [x, y] = [inputValues(1), inputValues(2)];
        for (const { taps } of ways) {
          for (const kept of [1, 4, 6]) {
            // The first tokens of x, the others of y.
            const mixed = Array.from(x.values, (value, i) =>
              Math.floor(i / C) % T < kept ? value : y.values[i]!,
            );
            const [one, other] = [x.values, mixed].map((values) =>
              rows(applyLayer(model, tensor(values, [B, T, C]), { taps })),
            );
            for (let row = 0; row < B * T; row++) {
              const token = row % T;
              if (!sees(choice, token, kept)) expect(other![row]).toEqual(one![row]);
              else if (allShow && !normalizer.startsWith("relu2")) expect(other![row]).not.toEqual(one![row]);
            }
          }
        }
      });
    });

    test("padding: hidden sources as in the twin, a sequence without tokens gives the bias alone", () => {
      scope(() => {
        const model = createLayer(choice);
        const twin: Twin = (g, inputs) =>
          attentionLayer(g, choice, inputs, { fused: fuses(choice), context: CONTEXT, padding: PADDING }).y;
        const wanted = reference(twin, valuesOfLayer(model, inputValues()), upstream);
        const actual = run(choice, { padding: PADDING });
        expectAsGoodAsNaive(actual, wanted);
        const alone = model.layer.output.bias?.values() ?? new Float32Array(C);
        for (let t = 0; t < T; t++)
          expect(Array.from(actual.y).slice((T + t) * C, (T + t + 1) * C)).toEqual(Array.from(alone));
      });
    });

    for (const sizes of future === "never" ? [] : pieces) {
      if (future === "after-prefix" && sizes[0]! < SMALL.prefix) continue; // the prefix is read at once
      test(`decoding in pieces of ${sizes} equals the whole`, () => {
        for (const { taps, wanted } of ways)
          scope(() => expectValues(decoded(choice, taps, sizes), outputOf(wanted())));
      });
    }

    if (!hasScores) return;
    test("weights: the twin's, shown both ways; a replacement is used", () => {
      scope(() => {
        const model = createLayer(choice);
        const x = inputValues();
        for (const { taps, wanted } of ways) {
          let weights: Outcome["y"] = [];
          const listen = (w: Tensor) => {
            weights = w.values();
          };
          const heard = applyLayer(model, tensor(x.values, x.shape), {
            taps: { ...taps, weights: listen },
          }).values();
          expectValues(weights, weightsOf(wanted()));
          expectValues(heard, outputOf(wanted()));
          if (normalizer === "softmax" && position !== "urpe") {
            for (let row = 0; row < B * HEADS * T; row++) {
              const sum = Array.from(weights)
                .slice(row * T, (row + 1) * T)
                .reduce((total, value) => total + value, 0);
              expect(sum).toBeCloseTo(1, 5);
            }
          }
          const halve = (w: Tensor) => scale(w, 0.5);
          const halved = applyLayer(model, tensor(x.values, x.shape), {
            taps: { ...taps, weights: halve },
          }).values();
          const last = model.layer.output.bias?.values() ?? new Float32Array(C);
          // Half of everything but the last bias.
          const half = (y: ArrayLike<number>) =>
            Array.from(y, (value, i) => (value - last[i % C]!) / 2 + last[i % C]!);
          expectValues(halved, mapped(outputOf(wanted()), half));
        }
      });
    });
  });
}

/** Whether the layer takes the fused kernel where nobody listens. */
export function fuses(choice: Choice): boolean {
  return scope(() => {
    const model = createLayer(choice);
    const { scores } = model.layer;
    if (!("mix" in scores) || !scores.mix) return false;
    const mix = scores.mix.bind(scores);
    let fused = false;
    scores.mix = (...inputs) => {
      fused = true;
      return mix(...inputs);
    };
    applyLayer(model, tensor(inputValues().values, [B, T, C]));
    return fused;
  });
}

/** Whether a token sees one from `first` on, by the twin of the mask. */
function sees(choice: Choice, token: number, first: number): boolean {
  if (token >= first) return true; // itself
  const place = { layer: 0, heads: HEADS, window: SMALL.window, prefix: SMALL.prefix };
  return [...Array(HEADS).keys()].some((head) =>
    [...Array(T).keys()].some(
      (source) => source >= first && maskTwins[choice.mask](token, source, { ...place, head }),
    ),
  );
}

function decoded(choice: Choice, taps: Taps, sizes: readonly number[]): Float32Array {
  const x = inputValues();
  const model = createLayer(choice);
  const state = model.layer.createState(B, T + 1);
  const y = new Float32Array(B * T * C);
  let first = 0;
  for (const count of sizes) {
    const part = rows(applyLayer(model, slice(x, first, first + count), { taps, state }));
    for (const [i, row] of part.entries()) y.set(row, (Math.floor(i / count) * T + first + (i % count)) * C);
    first += count;
  }
  state.release();
  return y;
}

/** Output and gradients of sum(y upstream). */
export function run(choice: Choice, options: { taps?: Taps; padding?: Padding }): Outcome {
  const model: Layer = createLayer(choice);
  const input = inputValues();
  const x = tensor(input.values, input.shape);
  const parameters = new Map([["x", x], ...namedParameters(model)]);
  let y: Outcome["y"] = [];
  const { gradients } = valueAndGradients(() => {
    const output = applyLayer(model, x, options);
    expect(output.shape).toEqual([B, T, C]);
    y = output.values();
    return against(output, upstream);
  }, [...parameters.values()]);
  const named = [...parameters.keys()].map((path, i) => [path, gradients[i]!.values()]);
  return { y, gradients: Object.fromEntries(named) };
}

/** The twin's output and weights, one after the other, with the gradients of sum(output upstream). */
export function referenceOf(choice: Choice, { fused }: { fused: boolean }): Reference {
  const twin: Twin = (g, inputs) => {
    const { y, weights } = attentionLayer(g, choice, inputs, { fused, context: CONTEXT });
    return { shape: [y.data.length + weights.data.length], data: [...y.data, ...weights.data] };
  };
  const weights = new Float32Array(B * HEADS * T * T); // nothing comes back from them
  const values = scope(() => valuesOfLayer(createLayer(choice), inputValues()));
  return reference(twin, values, [...upstream, ...weights]);
}

/** The output of a reference, with the gradients. */
export function outputOf(wanted: Reference): Reference {
  return part(wanted, 0, OUTPUTS);
}

/** Its weights [B, H, T, T]. */
export function weightsOf(wanted: Reference): Reference {
  return part(wanted, OUTPUTS);
}

/** Values first..end-1 of y, with the gradients of all. */
function part(wanted: Reference, first: number, end?: number): Reference {
  return mapped(wanted, (y) => Array.from(y).slice(first, end));
}

function mapped({ exact, naive }: Reference, f: (y: ArrayLike<number>) => ArrayLike<number>): Reference {
  const each = (outcome: Outcome): Outcome => ({ ...outcome, y: f(outcome.y) });
  return { exact: each(exact), naive: naive.map((run) => () => each(run())) };
}

function rows(x: Tensor): Float32Array[] {
  const values = x.values();
  return Array.from({ length: values.length / C }, (_, i) => values.slice(i * C, (i + 1) * C));
}
