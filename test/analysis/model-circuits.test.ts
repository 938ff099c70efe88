// Circuits read from models: the paths through their heads sum to their logits, scores are those of QK, and models of which that is not true are
// refused.
import { describe, expect, test } from "vitest";
import { allHeads, fullQk, positionQk } from "../../src/analysis/circuits";
import { matrix, product, rowOf, transposed } from "../../src/analysis/matrix";
import { circuitsOf, headCircuits } from "../../src/analysis/model-circuits";
import { logitsByOrder, pathTerms } from "../../src/analysis/paths";
import { attentionPatterns } from "../../src/analysis/probe";
import type { Model } from "../../src/models";
import { attentionOnly } from "../../src/models/attention-only";
import { gau } from "../../src/models/gau";
import { type Gpt, gpt } from "../../src/models/gpt";
import { namedTensors } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { floats, ids, scope } from "../../src/tensor/tensor";

const sizes = { vocabulary: 33, context: 20, width: 16, heads: 4 } as const;
const tokens = Array.from({ length: 20 }, (_, i) => (i * i + 3 * i) % 33);

/** Larger weights than fresh ones, so that patterns are far from uniform and logits large. */
function grown<M extends Model>(model: M, factor = 2): M {
  for (const [name, x] of namedTensors(model)) {
    const weight = floats(x);
    const draws = rng(5).fork(name);
    for (let i = 0; i < weight.length; i++) weight[i] = factor * weight[i]! + 0.05 * draws.normal();
  }
  return model;
}

function frozen(model: Model) {
  const patterns = attentionPatterns(model, tokens);
  const layers = Math.max(-1, ...patterns.map(({ layer }) => layer)) + 1;
  return Array.from({ length: layers }, (_, layer) =>
    patterns.filter((pattern) => pattern.layer === layer).map(({ weights }) => weights),
  );
}

describe.each([
  ["no layers", { layers: 0 }],
  ["one layer", { layers: 1 }],
  ["two layers", { layers: 2 }],
  ["two layers, keys and values in groups", { layers: 2, kvHeads: 2 }],
  ["smeared keys", { layers: 1, smear: "yes" }],
  ["relative biases", { layers: 2, position: "relative" }],
  ["a tied unembedding", { layers: 2, tied: true }],
] as const)("%s", (_, options) => {
  test("the terms of all paths sum to the logits in float32 (P1)", () => {
    scope(() => {
      const model = grown(attentionOnly({ ...sizes, ...options }, rng(3)));
      const logits = model.logits(ids(tokens, [1, 20])).values();
      const largest = Math.max(1, ...logits.map(Math.abs));
      const [circuits, patterns] = [circuitsOf(model), frozen(model)];
      let terms = matrix(20, 33);
      for (const term of pathTerms(circuits, tokens, patterns))
        terms = matrix(
          20,
          33,
          terms.values.map((x, at) => x + term.logits.values[at]!),
        );
      const orders = logitsByOrder(circuits, tokens, patterns);
      for (const [at, logit] of logits.entries()) {
        expect(Math.abs(terms.values[at]! - logit)).toBeLessThanOrEqual(5e-5 * largest);
        const summed = orders.reduce((sum, { values }) => sum + values[at]!, 0);
        expect(Math.abs(summed - logit)).toBeLessThanOrEqual(5e-5 * largest);
      }
      expect(largest).toBeGreaterThan(3);
    });
  });
});

test("attention of a first layer is the softmax of (W_E + P) QK (W_E + P)^T", () => {
  scope(() => {
    const model = grown(attentionOnly({ ...sizes, layers: 1, kvHeads: 2 }, rng(4)));
    const circuits = circuitsOf(model);
    const patterns = frozen(model);
    const T = tokens.length;
    for (const head of allHeads(circuits)) {
      const x = matrix(T, 16);
      for (let i = 0; i < T; i++)
        for (let c = 0; c < 16; c++)
          x.values[i * 16 + c] = rowOf(circuits.embedding, tokens[i]!)[c]! + rowOf(circuits.position!, i)[c]!;
      const scores = head.qk.between(x, transposed(x)).dense();
      // Tokens with tokens and positions with positions are two of the four parts.
      expect(fullQk(circuits, head).rows).toBe(33);
      expect(positionQk(circuits, head).rows).toBe(20);
      for (let i = 0; i < T; i++) {
        const row = Array.from(rowOf(scores, i).subarray(0, i + 1), (s) => Math.exp(s / Math.sqrt(4)));
        const sum = row.reduce((total, e) => total + e, 0);
        for (let j = 0; j <= i; j++)
          expect(Math.abs(row[j]! / sum - patterns[0]![head.head]![i * T + j]!)).toBeLessThan(1e-5);
      }
    }
  });
});

test("OV of a group's queries share the values, and keep outputs of their own", () => {
  scope(() => {
    const model = attentionOnly({ ...sizes, layers: 1, kvHeads: 2 }, rng(4));
    const [heads] = headCircuits(model);
    expect(heads!.map(({ ov }) => ov.rank)).toEqual([4, 4, 4, 4]);
    expect(heads![0]!.ov.left.values).toEqual(heads![1]!.ov.left.values);
    expect(heads![1]!.ov.left.values).not.toEqual(heads![2]!.ov.left.values);
    expect(heads![0]!.ov.right.values).not.toEqual(heads![1]!.ov.right.values);
    expect(heads![0]!.qk.right.values).toEqual(heads![1]!.qk.right.values);
    const value = namedTensors(model).get("blocks.0.attention.value.weight")!;
    expect(heads![2]!.ov.left.values[0]).toBe(floats(value)[4]);
  });
});

test("heads of a gpt without norms are read, beside its MLPs and their biases", () => {
  scope(() => {
    const model = plainGpt({ bias: "mlp" });
    const [first] = headCircuits(model);
    const tensors = namedTensors(model);
    const part = (name: string) => {
      const x = tensors.get(`blocks.0.attention.${name}.weight`)!;
      return matrix(16, 16, floats(x));
    };
    const [query, key] = [part("scores.query"), part("scores.key")];
    // With all heads in one the products of all heads are summed.
    const all = product(query, transposed(key));
    const summed = first!.reduce((sum, { qk }) => sum + qk.entry(3, 7), 0);
    expect(summed).toBeCloseTo(all.values[3 * 16 + 7]!, 12);
  });
});

describe("what the weights alone do not say is refused, with the reason", () => {
  const cases: readonly (readonly [() => Model, RegExp])[] = [
    [() => plainGpt({}), /circuits: gpt has MLPs, which are no sum over paths/],
    [() => plainGpt({ norm: "layernorm" }), /layernorm rescales what heads read, token by token/],
    [() => plainGpt({ norm: "rmsnorm" }), /rmsnorm rescales/],
    [() => plainGpt({ bias: true }), /biases add to queries, keys, values or outputs/],
    [() => plainGpt({ bias: "query-key-value" }), /biases add to queries/],
    [() => plainGpt({ position: "rope" }), /position rope turns queries and keys by their distance/],
    [() => plainGpt({ attention: "random-synthesizer" }), /attention random-synthesizer has no W_Q and W_K/],
    [() => gau({ vocabulary: 9 }, rng(1)), /gated attention units have no heads/],
    [() => attentionOnly({ ...sizes, position: "rope" }, rng(1)), /position rope turns/],
  ];

  test.each(cases.map(([make, reason]) => [reason.source, make, reason] as const))(
    "%s",
    (_, make, reason) => {
      scope(() => {
        const model = make();
        expect(() => circuitsOf(model)).toThrow(reason);
        if (!/MLPs/.test(reason.source)) expect(() => headCircuits(model)).toThrow(reason);
      });
    },
  );
});

function plainGpt(options: Partial<Gpt["config"]>): Gpt {
  return gpt({ ...sizes, layers: 1, norm: "none", position: "none", ...options }, rng(6));
}
