// Attention from one sequence to another, what a decoder asks of an encoder: by content as in the published synthesizer models, or by a
// learned table of pairs of positions, which is a fixed alignment.
import { Linear } from "../nn/linear";
import { table } from "../nn/module";
import type { Run } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { attention } from "../ops/attention";
import { queryKey, weighValues } from "../ops/attention-products";
import { normal } from "../ops/random";
import { softmax } from "../ops/softmax";
import { repeat, reshape, submatrix } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import { type Tensor, tensor } from "../tensor/tensor";
import { expectReach } from "./tables";

export const crossKinds = {
  "dot-product": { what: "queries of the target against keys of the source" },
  "random-synthesizer": { what: "a learned table of target and source positions" },
} as const;

export type CrossKind = keyof typeof crossKinds;

export interface CrossConfig {
  readonly kind: CrossKind;
  readonly width: number;
  readonly heads: number;
  /** Tokens at most of target and source. */
  readonly context: number;
  readonly sources: number;
  readonly bias: boolean;
  readonly deviation: number;
  readonly outputDeviation: number;
  readonly rng: Rng;
}

/** What is asked: the source, worked out once for all target tokens. */
export interface Remembered {
  readonly keys?: Tensor; // [B, S, H, D]
  readonly values: Tensor; // [B, S, H, D]
  /** Source tokens of each sequence, where some are padding. */
  readonly lengths: readonly number[] | undefined;
}

/** Initial deviation of the table. */
const SPREAD = 0.5;

export class CrossAttention {
  readonly query?: Linear;
  readonly key?: Linear;
  readonly table?: Tensor; // [H, context, sources]
  readonly value: Linear;
  readonly output: Linear;
  readonly #config: CrossConfig;

  constructor(config: CrossConfig) {
    const { kind, width, heads, context, sources, bias, deviation, outputDeviation, rng } = config;
    const linear = (name: string, initial = deviation) =>
      new Linear(width, width, { bias, deviation: initial, rng: rng.fork(name) });
    if (kind === "dot-product") {
      this.query = linear("query");
      this.key = linear("key");
    } else {
      this.table = table(normal([heads, context, sources], { deviation: SPREAD, rng: rng.fork("table") }));
    }
    this.value = linear("value");
    this.output = linear("output", outputDeviation);
    this.#config = config;
  }

  /** source [B, S, C], of which the first `lengths` tokens count. */
  remember(source: Tensor, lengths?: readonly number[]): Remembered {
    const values = this.#split(this.value.apply(source));
    return this.key ? { keys: this.#split(this.key.apply(source)), values, lengths } : { values, lengths };
  }

  /**
   * x [B, T, C], tokens from `past` on, gives [B, T, C].
   * @throws Error where a table has no place for so many tokens
   */
  apply(x: Tensor, remembered: Remembered, { run, past = 0 }: { run: Run; past?: number }): Tensor {
    const { B, T } = expectShape("cross-attention", "x", x, ["B", "T", "C"]);
    const mixed = run.tap("mixed", this.#mix(x, remembered, run, past));
    return this.output.apply(reshape(mixed, [B, T, this.#config.width]));
  }

  #mix(x: Tensor, { keys, values, lengths }: Remembered, run: Run, past: number): Tensor {
    const scale = 1 / Math.sqrt(this.#config.width / this.#config.heads);
    const listened = run.wants("logits") || run.wants("weights");
    const q = this.query && this.#split(this.query.apply(x));
    if (q && keys && !lengths && !listened) return attention(q, keys, values, { scale, causal: false }).mixed;
    const [B, S] = values.shape as [number, number, number, number]; // made by remember
    const T = x.shape[1]!; // checked above
    const scores = q && keys ? queryKey(q, keys, scale) : this.#fromTable(past, T, S);
    const apart = (lengths || listened) && scores.shape[0] !== B ? repeat(scores, B) : scores;
    const logits = run.tap("logits", lengths ? this.#hide(apart, lengths, T, S) : apart);
    return weighValues(run.tap("weights", softmax(logits)), values);
  }

  #fromTable(past: number, T: number, S: number): Tensor {
    const { heads, context, sources } = this.#config;
    expectReach("cross-attention", context, past + T);
    expectReach("cross-attention", sources, S);
    const rows = submatrix(this.table!, { first: past, rows: T, columns: S }); // there are no queries
    return reshape(rows, [1, heads, T, S]);
  }

  #hide(logits: Tensor, lengths: readonly number[], T: number, S: number): Tensor {
    const { heads } = this.#config;
    const hidden = new Float32Array(lengths.length * heads * T * S);
    for (const [b, length] of lengths.entries()) {
      for (let row = b * heads * T; row < (b + 1) * heads * T; row++)
        hidden.fill(Number.NEGATIVE_INFINITY, row * S + length, (row + 1) * S);
    }
    return addTrailing(logits, tensor(hidden, [lengths.length, heads, T, S], "mask"));
  }

  #split(x: Tensor): Tensor {
    const [B, T] = x.shape as [number, number, number]; // a projection of [B, T, C]
    const { heads, width } = this.#config;
    return reshape(x, [B, T, heads, width / heads]);
  }
}
