// The source over transformers.js, against a stand-in with that package's interface: what it is fed, and what is read off it. The package
// itself runs in test/interop.
import { expect, test } from "vitest";
import { gpt } from "../../src/models/gpt";
import { nbce } from "../../src/nbce/decode";
import { modelSource } from "../../src/nbce/model-source";
import { type ForeignModel, transformersSource } from "../../src/nbce/transformers-source";
import { rng } from "../../src/tensor/rng";
import { ids, scope } from "../../src/tensor/tensor";
import { clear } from "../models/clear";
import { collect } from "./collect";

const vocabulary = 17;
const rows = [
  [3, 1],
  [4, 1, 5, 9, 2, 3, 1],
  [6, 5, 3, 1],
];

class Int64Tensor {
  readonly type: "int64";
  readonly data: BigInt64Array;
  readonly dims: number[];

  constructor(type: "int64", data: BigInt64Array, dims: number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }

  rows(): number[][] {
    const width = this.dims[1]!;
    const values = Array.from(this.data, Number);
    return Array.from({ length: this.dims[0]! }, (_, b) => values.slice(b * width, (b + 1) * width));
  }
}

function expectTensor(value: unknown): Int64Tensor {
  if (!(value instanceof Int64Tensor)) throw new Error("an int64 tensor is needed");
  return value;
}

/** Keys of all tokens so far, which are the tokens. */
class Keys {
  readonly tokens: number[][];
  disposed = false;

  constructor(tokens: number[][]) {
    this.tokens = tokens;
  }

  dispose(): void {
    this.disposed = true;
  }
}

const KEYS = "past_key_values.0.key";

/** A model of heed's behind the interface: its cache holds the tokens. */
function standIn() {
  const model = clear(
    gpt({ vocabulary, context: 24, width: 16, layers: 2, heads: 2, tied: false }, rng(1)),
    4,
  );
  const pasts: Keys[] = [];
  const calls: number[][] = [];
  const foreign: ForeignModel = {
    config: { model_type: "gpt2", n_positions: 24 },
    async forward({ input_ids, attention_mask, position_ids, past_key_values }) {
      const fresh = expectTensor(input_ids).rows();
      const mask = expectTensor(attention_mask).rows();
      const positions = expectTensor(position_ids).rows();
      const past: unknown = Object(past_key_values)[KEYS];
      const before = past instanceof Keys ? past.tokens : fresh.map(() => []);
      const tokens = fresh.map((row, b) => [...before[b]!, ...row]);
      calls.push(expectTensor(input_ids).dims);
      for (const [b, row] of mask.entries()) {
        expect(row).toHaveLength(tokens[b]!.length);
        const first = row.indexOf(1);
        const wanted = row.map((_, s) => Math.max(0, s - first));
        expect(positions[b]).toEqual(wanted.slice(-fresh[b]!.length));
      }
      const logits = tokens.map((row, b) => {
        const real = row.filter((_, i) => mask[b]![i] === 1);
        return scope(() => Array.from(model.logits(ids(real, [1, real.length])).values()).slice(-vocabulary));
      });
      const T = fresh[0]!.length;
      // Of earlier tokens nothing is to be read.
      const data = logits.flatMap((row) => [
        ...Array.from({ length: (T - 1) * vocabulary }, () => Number.NaN),
        ...row,
      ]);
      const result = { dims: [fresh.length, T, vocabulary], data: Float32Array.from(data), to: () => result };
      if (past instanceof Keys && past.disposed) throw new Error("a cache is read after its end");
      const keys = new Keys(tokens);
      pasts.push(keys);
      return { logits: result, "present.0.key": keys };
    },
  };
  return { model, foreign, pasts, calls };
}

test("the tokens are those of the same model in heed; every row counts its own positions, caches are used and disposed of", async () => {
  const { model, foreign, pasts, calls } = standIn();
  const source = transformersSource(foreign, { Tensor: Int64Tensor });
  expect(source.context).toBe(24);
  const options = { maxTokens: 8 };
  const theirs = await collect(nbce(source, rows, options));
  const ours = await collect(nbce(modelSource(model), rows, options));
  expect(theirs.map(({ id, chosen }) => [id, chosen])).toEqual(ours.map(({ id, chosen }) => [id, chosen]));
  expect(calls).toEqual([[3, 7], ...Array.from({ length: 7 }, () => [3, 1])]);
  expect(pasts.map(({ disposed }) => disposed)).toEqual(pasts.map(() => true));
});

test("models that do not say how many positions they have get rows of any length", () => {
  const { foreign } = standIn();
  const source = (config: object) => transformersSource({ ...foreign, config }, { Tensor: Int64Tensor });
  expect(source({}).context).toBeUndefined();
  expect(source({ max_position_embeddings: 2048 }).context).toBe(2048);
});
