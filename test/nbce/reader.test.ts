// Which models read rows side by side and which one by one, that both ways give the logits of the float64 twin, and that nothing but a
// refusal to be padded leads from one to the other.
import { expect, test } from "vitest";
import { type AttentionOnly, attentionOnly } from "../../src/models/attention-only";
import type { GivenAttentionOnly } from "../../src/models/attention-only-config";
import { type ModelSource, modelSource } from "../../src/nbce/model-source";
import { readerOf } from "../../src/nbce/reader";
import { rowSource } from "../../src/nbce/row-source";
import { namedParameters } from "../../src/nn/module";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { clear } from "../models/clear";
import { attentionOnlyLogits } from "../reference/attention-only";
import { expectValues, reference } from "../reference/compare";
import { lastToken } from "../reference/ops";

const vocabulary = 7;
const rows = [[3, 1], [4, 1, 5, 2, 6], [5]];
/** Those that follow in every row. */
const more = [2, 0, 6];

const attentionOnlyOf = (changes: Partial<GivenAttentionOnly>): AttentionOnly =>
  clear(attentionOnly({ vocabulary, context: 9, width: 8, layers: 2, heads: 2, ...changes }, rng(1)), 3);

/** The logits of every row after its own tokens, and after each that follows. */
function readAll(source: ModelSource): Float32Array[][] {
  const read = source.prefill(rows, more.length);
  const all = [read.logits, ...more.map((token) => read.step(token))].map((logits) =>
    logits.map((row) => row.slice()),
  );
  read.release();
  return all;
}

/** Every row by itself, in float64. */
function expectTwin(model: AttentionOnly, all: readonly (readonly Float32Array[])[]): void {
  const inputs = Object.fromEntries(
    [...namedParameters(model)].map(([path, p]) => [path, { shape: p.shape, values: p.values() }]),
  );
  for (const [step, logits] of all.entries()) {
    expect(logits).toHaveLength(rows.length);
    for (const [r, row] of rows.entries()) {
      const tokens = [...row, ...more.slice(0, step)];
      const twin = reference(
        (g, grids) => lastToken(g, attentionOnlyLogits(g, model.config, grids, tokens, [1, tokens.length])),
        inputs,
      );
      expectValues(logits[r]!, twin);
    }
  }
}

test.each<Partial<GivenAttentionOnly>>([
  {},
  { position: "relative" },
  { position: "rope" },
  { attention: "linear-elu", position: "none" },
])("%j takes padding: side by side and one by one rows have the twin's logits", (changes) => {
  const model = attentionOnlyOf(changes);
  const before = heap().liveBytes;
  const { source, oneByOne } = readerOf(model);
  expect(oneByOne).toBeUndefined();
  expectTwin(model, readAll(source));
  expectTwin(model, readAll(rowSource(model)));
  expect(heap().liveBytes).toBe(before);
});

test.each<[Partial<GivenAttentionOnly>, string]>([
  [{ attention: "dense-synthesizer", position: "none" }, "dense-synthesizer"],
  [{ attention: "random-synthesizer", position: "none" }, "random-synthesizer"],
  [{ attention: "linear-elu", position: "rope" }, "rope"],
  [{ smear: "yes" }, "smear"],
  [{ mask: "prefix", prefix: 1 }, "prefix"],
])("%j takes no padding: rows are read one by one and have the twin's logits", (changes, counting) => {
  const model = attentionOnlyOf(changes);
  const before = heap().liveBytes;
  expect(() => modelSource(model).prefill(rows, 0)).toThrow("padding on the left");
  const { source, oneByOne } = readerOf(model);
  expect(oneByOne).toBe(
    `The contexts are read one by one, which takes longer: ${counting} counts positions from the start, and padding before shorter prompts would shift them.`,
  );
  expectTwin(model, readAll(source));
  expect(heap().liveBytes).toBe(before);
});

test("a model that reads one token at once has a reader", () => {
  const { source } = readerOf(attentionOnlyOf({ context: 1 }));
  const read = source.prefill([[3], [1]], 0);
  expect(read.logits).toHaveLength(2);
  read.release();
});

test("what goes wrong for another reason is not taken for a refusal", () => {
  const model: AttentionOnly = Object.assign(attentionOnlyOf({}), {
    createState: () => {
      throw new Error("memory: no more");
    },
  });
  expect(() => readerOf(model)).toThrow("memory: no more");
});
