// Whether reading many documents at once changes what a model says: rows in a batch against each alone, and a window against plain reading.
import type { Model } from "../../models";
import { logSoftmax } from "../../nbce/log-probabilities";
import { modelSource, windowSource } from "../../nbce/model-source";
import { ids, scope } from "../../tensor/tensor";

/** Largest differences of a log-probability. */
export interface Differences {
  readonly batchDifference: number;
  readonly windowDifference: number;
}

/**
 * @param documents of different lengths, the first empty
 * @param question what comes after each
 * @param next tokens that follow, one by one
 */
export function readingDifferences(
  model: Model,
  documents: readonly (readonly number[])[],
  question: readonly number[],
  next: readonly number[],
): Differences {
  const rows = documents.map((document) => [...document, ...question]);
  const together = modelSource(model).prefill(rows, next.length);
  const longest = documents.at(-1)!; // there is one
  const windowed = windowSource(model, [longest]).prefill([question], next.length);
  let [batchDifference, windowDifference] = [0, 0];
  let read = { rows: together.logits, alone: windowed.logits };
  for (let step = 0; step <= next.length; step++) {
    const alone = rows.map((row) => plain(model, [...row, ...next.slice(0, step)]));
    for (const [r, logits] of alone.entries())
      batchDifference = Math.max(batchDifference, apart(read.rows[r]!, logits));
    windowDifference = Math.max(windowDifference, apart(read.alone[0]!, alone.at(-1)!));
    const token = next[step];
    if (token !== undefined) read = { rows: together.step(token), alone: windowed.step(token) };
  }
  together.release();
  windowed.release();
  return { batchDifference, windowDifference };
}

/** Logits after a whole sequence, read at once and without a cache. */
function plain(model: Model, row: readonly number[]): Float32Array {
  const { vocabulary } = model.config;
  return scope(() =>
    model
      .logits(ids(row, [1, row.length]))
      .values()
      .slice(-vocabulary),
  );
}

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [p, q] = [logSoftmax(a), logSoftmax(b)];
  return p.reduce((most, value, i) => Math.max(most, Math.abs(value - q[i]!)), 0);
}
