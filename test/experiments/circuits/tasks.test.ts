// What the experiments on circuits measure with: held-out pairs, copies, broken repeats, and heads whose effects add up to the logits.
import { expect, test } from "vitest";
import { brokenRepeats } from "../../../src/experiments/circuits/broken-repeat";
import { headViews } from "../../../src/experiments/circuits/head-view";
import { fromHexadecimal, inductionLook, watched } from "../../../src/experiments/circuits/induction-look";
import { circuitModel } from "../../../src/experiments/circuits/model";
import {
  answers,
  binding,
  nameProbes,
  namesSizes,
  recallAccuracy,
} from "../../../src/experiments/circuits/names";
import {
  isFirstCopy,
  isHeldOut,
  isSecondCopy,
  predict,
  repeatsBatches,
  repeatsSets,
  repeatsSizes,
} from "../../../src/experiments/circuits/repeats";
import { headsOnText } from "../../../src/experiments/heads-on-text";
import { rng } from "../../../src/tensor/rng";
import { floats, ids, scope } from "../../../src/tensor/tensor";

const small = { layers: 2, width: 16, heads: 2, position: "qk-learned", smear: "no" } as const;
const task = { batch: 64, periods: [6, 16] } as const;

test("pairs that are held out are never trained on, and every sequence of their set has one", () => {
  const count = ({ inputs, targets }: { inputs: Int32Array; targets: Int32Array }) =>
    inputs.reduce((sum, symbol, at) => sum + (isHeldOut(symbol, targets[at]!) ? 1 : 0), 0);
  const batches = repeatsBatches(task, rng(1));
  expect([0, 1, 2].map((step) => count(batches(step)))).toEqual([0, 0, 0]);
  const { withHeldOut } = repeatsSets(task, rng(2));
  const { inputs, targets, batch, context } = withHeldOut;
  expect(batch).toBe(128);
  for (let row = 0; row < batch; row++) {
    const cut = (all: Int32Array) => all.subarray(row * context, (row + 1) * context);
    expect(count({ inputs: cut(inputs), targets: cut(targets) })).toBeGreaterThan(0);
  }
});

test("first copies are new, second copies follow a symbol that stood before", () => {
  const { sequences } = repeatsSets(task, rng(3));
  const { inputs, targets, context } = sequences;
  let [first, second] = [0, 0];
  for (let at = 0; at < inputs.length; at++) {
    const before = Array.from(inputs.subarray(at - (at % context), at));
    if (isFirstCopy(sequences, at)) {
      first += 1;
      expect(before).not.toContain(targets[at]);
    }
    if (isSecondCopy(sequences, at)) {
      second += 1;
      expect(targets[at - (at % context) + before.indexOf(inputs[at]!)]).toBe(targets[at]);
    }
  }
  // All but one place of each sequence, the seam of the first two blocks.
  expect(first + second).toBe(inputs.length - sequences.batch);
});

test("a broken repeat has one symbol that is not of the block, in the third", () => {
  const { inputs, targets, batch, context, places } = brokenRepeats(rng(4));
  for (let row = 0; row < batch; row++) {
    const tokens = [inputs[row * context]!, ...targets.subarray(row * context, (row + 1) * context)];
    const block = tokens.slice(1, 13);
    const odd = tokens.flatMap((token, at) => (at > 0 && token !== block[(at - 1) % 12] ? [at] : []));
    expect(odd).toEqual([places[row]! + 1]);
    expect(odd[0]).toBeGreaterThan(25); // there is one before it in the block
    expect(odd[0]).toBeLessThanOrEqual(36);
    expect(block).not.toContain(tokens[odd[0]!]);
  }
});

test("effects of all heads and the direct path add up to the logits of the targets", () => {
  const model = circuitModel({ ...small, smear: "yes" }, repeatsSizes, rng(5));
  const tokens = Int32Array.of(0, 5, 9, 5, 9, 2);
  const targets = [9, 5, 9, 5, 2, 7];
  const views = headViews(model, tokens, targets);
  expect(views.map(({ layer, head }) => [layer, head])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const T = tokens.length;
  const direct = scope(() => {
    const [E, U] = [floats(model.token.weight), floats(model.unembedding!.weight)]; // [V, C] and [C, V]
    const V = repeatsSizes.vocabulary;
    return targets.map((target, i) => {
      let sum = 0;
      for (let c = 0; c < 16; c++) sum += E[tokens[i]! * 16 + c]! * U[c * V + target]!;
      return sum;
    });
  });
  const logits = scope(() => Array.from(floats(model.logits(ids(tokens, [1, T])))));
  targets.forEach((target, i) => {
    const effects = views.flatMap((view) => view.effects.slice(i * T, (i + 1) * T));
    const whole = effects.reduce((sum, effect) => sum + effect, direct[i]!);
    expect(Math.abs(whole - logits[i * repeatsSizes.vocabulary + target]!)).toBeLessThan(
      0.0005 * effects.length,
    );
    for (const view of views) {
      const row = view.weights.slice(i * T, (i + 1) * T);
      expect(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(0.0005 * T);
    }
  });
});

test("a model that has learned nothing is at chance in every measure, and its patterns come back from their bytes", () => {
  const model = circuitModel(small, repeatsSizes, rng(6));
  const sets = watched(repeatsSets(task, rng(7)), model, rng(8));
  const look = inductionLook(model, 0, sets);
  for (const loss of [look.first, look.second, look.broken.broken, look.broken.before])
    expect(Math.abs(loss - Math.log(33))).toBeLessThan(0.3);
  for (const score of look.prefix.flat()) expect(Math.abs(score - 0.065)).toBeLessThan(0.03); // uniform attention: .065
  const pattern = fromHexadecimal(look.patterns[0]!);
  const T = sets.shown.length;
  expect(pattern).toHaveLength(T * T);
  for (let i = 0; i < T; i++) {
    const row = pattern.slice(i * T, (i + 1) * T);
    expect(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan((0.5 * T) / 255);
  }
  expect(predict(model, sets.sequences).losses).toHaveLength(128 * 48);
});

test("where all words are alike no answer is right, each has its share of the probability, and choices are ties", () => {
  const model = circuitModel({ ...small, position: "relative" }, namesSizes, rng(9));
  const probes = nameProbes({ sequences: 4, asked: 20, binding: 20 }, rng(10));
  floats(model.unembedding!.weight).fill(0);
  const { accuracy, probability } = answers(model, probes.asked.known);
  expect([accuracy, probability]).toEqual([0, 0.024]); // 1/41
  expect(binding(model, probes.binding.novel)).toEqual({ accuracy: 0, gap: 0 });
  expect(recallAccuracy(model, probes.sequences)).toBe(0);
});

test("what a text is too short for, or has no characters for, is refused before any trial", () => {
  const config = headsOnText.grid.smoke.configs[0]!;
  const check = (change: Partial<typeof config>, text?: string) =>
    headsOnText.check!({ ...config, ...change }, text === undefined ? {} : { text });
  check({ prompt: "the dog" });
  expect(() => check({ characters: 200 })).toThrow("must fill the context of 32, got 20 characters");
  expect(() => check({}, "too short")).toThrow("a context of 32 needs at least 33 tokens to train on, got 8");
  expect(() => check({ prompt: "Ü" })).toThrow('character "Ü" (U+00DC) is not in the vocabulary');
  expect(() => check({ prompt: "a".repeat(33) })).toThrow("must fit the context of 32, got 33 characters");
  expect(() => check({ heads: 3 })).toThrow("heads must divide width");
});
