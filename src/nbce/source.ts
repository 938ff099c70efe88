// Where logits come from: any language model that can read rows of tokens, here or elsewhere.

type Awaitable<T> = T | Promise<T>;

/** Next-token logits, one row of V for each row of tokens. */
export type LogitRows = readonly ArrayLike<number>[];

export interface ReadRows {
  /** After the last token of every row. */
  readonly logits: LogitRows;
  /** Adds one token to all rows, where the source keeps what it has read; without it rows are read again, one token longer. */
  step?(token: number, signal?: AbortSignal): Awaitable<LogitRows>;
  /** Called once, when no more steps will come. */
  release?(): Awaitable<void>;
}

export interface LogitsSource {
  /** Tokens that a row may have, where there is a limit. */
  readonly context?: number | undefined;
  /**
   * Reads rows of different lengths.
   * @param room tokens at most that will follow
   */
  prefill(rows: readonly (readonly number[])[], room: number, signal?: AbortSignal): Awaitable<ReadRows>;
}

/** A source out of a function that gives the logits after rows of tokens, keeping nothing. */
export function functionSource(
  logits: (rows: readonly (readonly number[])[], signal?: AbortSignal) => Awaitable<LogitRows>,
  context?: number,
): LogitsSource {
  return { context, prefill: async (rows, _room, signal) => ({ logits: await logits(rows, signal) }) };
}
