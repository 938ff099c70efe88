// Logits from heed's own models: all rows in one batch, padded on the left, with a cache of keys and values for each.

import type { Model } from "../models";
import type { DecodeState, LanguageModel } from "../models/model";
import { readWindows, type WindowOptions } from "../models/parallel";
import { columns } from "../tensor/shape";
import { ids, scope, type Tensor } from "../tensor/tensor";
import type { LogitsSource } from "./source";

/** Rows that were read here: everything is synchronous. */
export interface ModelRows {
  readonly logits: readonly Float32Array[];
  step(token: number): readonly Float32Array[];
  release(): void;
}

export interface ModelSource extends LogitsSource {
  prefill(rows: readonly (readonly number[])[], room: number): ModelRows;
}

/** @param model any language model of heed's; tokens beyond its context are refused */
export function modelSource(model: LanguageModel): ModelSource {
  const { context } = model.config;
  return {
    context,
    prefill(rows, room) {
      const T = rows.reduce((most, { length }) => Math.max(most, length), 0);
      const lengths = rows.map(({ length }) => length);
      const padded = rows.flatMap((row) => [...Array.from({ length: T - row.length }, () => 0), ...row]);
      const even = lengths.every((length) => length === T);
      const state = model.createState(rows.length, Math.min(context, T + room));
      return begin(
        state,
        () =>
          model.next(
            ids(padded, [rows.length, T]),
            state,
            even ? {} : { padding: { lengths, side: "left" } },
          ),
        model,
      );
    },
  };
}

/**
 * Parallel context windows as a source: its one row is what follows the windows.
 * @throws Error where `readWindows` does
 */
export function windowSource(
  model: Model,
  windows: readonly (readonly number[])[],
  options: Omit<WindowOptions, "room"> = {},
): ModelSource {
  const longest = windows.reduce((most, { length }) => Math.max(most, length), 0);
  return {
    context: model.config.context - longest,
    prefill(rows, room) {
      const [row, ...others] = rows;
      if (!row || others.length > 0)
        throw new Error(`windows: one row follows them, the question, got ${rows.length}`);
      const state = readWindows(model, windows, { ...options, room: row.length + room });
      return begin(state, () => model.next(ids(row, [1, row.length]), state), model);
    },
  };
}

function begin(state: DecodeState, read: () => Tensor, model: LanguageModel): ModelRows {
  const rowsOf = (work: () => Tensor) => scope(() => split(work()));
  const first = (() => {
    try {
      return rowsOf(read);
    } catch (error) {
      state.release();
      throw error;
    }
  })();
  return {
    logits: first,
    step: (token) =>
      rowsOf(() => model.next(ids(new Int32Array(first.length).fill(token), [first.length, 1]), state)),
    release: () => state.release(),
  };
}

/** [B, V] as B rows. */
function split(logits: Tensor): Float32Array[] {
  const V = columns(logits);
  const values = logits.values();
  return Array.from({ length: values.length / V }, (_, b) => values.subarray(b * V, (b + 1) * V));
}
