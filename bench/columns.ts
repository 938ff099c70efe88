// The columns of a table of results: what each says, for its cells and for whoever reads them.
import type { Result } from "./run";

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** What its numbers say; README.md has the same words. */
  readonly about?: string;
  /** Nothing where a row has no such number; a column of nothing is left out. */
  cell(row: Result): string;
}

/** @param apart what shares nothing where this runs: "processes", "workers" */
export function columnsFor(apart: string): readonly Column[] {
  return [
    { title: "what", align: "left", cell: ({ kind }) => kind },
    { title: "on", align: "left", cell: ({ shape }) => shape },
    { title: "build", align: "left", cell: ({ build }) => build },
    { title: "threads", align: "right", cell: ({ threads }) => String(threads) },
    {
      title: "median",
      align: "right",
      about: "time of one call",
      cell: ({ seconds }) => duration(seconds.median),
    },
    {
      title: "spread",
      align: "right",
      about:
        "the distance between the quartiles as a part of the median. Above 10 % the machine was busy, above 30 % the row says little",
      cell: (row) => `${(100 * spread(row)).toFixed(1)}%`,
    },
    {
      title: "GFLOP/s",
      align: "right",
      about:
        "a multiply-add is two. Attention counts 4 H D for each pair of query and source that sees each other, 14 H D with its gradient: T S pairs, causal T (T + 1) / 2",
      cell: ({ gflopsPerSecond: rate }) => rate?.toFixed(1) ?? "",
    },
    {
      title: "GB/s",
      align: "right",
      about:
        "every array counted once when read and once when written. Writes cost more than reads, and a cache line that is written is read first",
      cell: ({ gigabytesPerSecond: rate }) => rate?.toFixed(1) ?? "",
    },
    {
      title: "tokens/s",
      align: "right",
      about: "tokens that are trained on, or written",
      cell: ({ tokensPerSecond: rate }) => rate?.toFixed(0) ?? "",
    },
    {
      title: "of peak",
      align: "right",
      about: "the share of multiply-adds in registers on the same number of threads",
      cell: ({ ceiling }) => (ceiling?.what === "register peak" ? ceiling.share.toFixed(2) : ""),
    },
    {
      title: "of reading",
      align: "right",
      about:
        "the share of reading the same memory on the same number of threads. Small operands stay in caches, and so does their reading: there the calls themselves count, and a share may pass 1",
      cell: ({ ceiling }) => (ceiling?.what === "reading" ? ceiling.share.toFixed(2) : ""),
    },
    {
      title: "x threads",
      align: "right",
      about: "how many times as much these threads do as one",
      cell: ({ speedUp }) => speedUp?.threads.toFixed(2) ?? "",
    },
    {
      title: `x ${apart}`,
      align: "right",
      about: `the same of as many ${apart} of one thread each that share nothing, at the same time: what the machine gives`,
      cell: ({ speedUp }) => speedUp?.processes.toFixed(2) ?? "",
    },
    {
      title: "extra",
      align: "right",
      about:
        "linear memory that a call needs beyond its operands and results: workspace, and what it allocates at once",
      cell: ({ extraBytes }) => (extraBytes > 0 ? size(extraBytes) : ""),
    },
    {
      title: "error",
      align: "right",
      about: "the largest difference from float64, as a part of the largest value",
      cell: ({ error }) => error.toExponential(0),
    },
  ];
}

/** The distance between the quartiles as a part of the median. */
export function spread({ seconds: { low, median, high } }: Result): number {
  return (high - low) / median;
}

/** Three digits and a unit: "1.23 ms". */
export function duration(seconds: number): string {
  const [factor, unit] = seconds < 1e-3 ? [1e6, "µs"] : seconds < 1 ? [1e3, "ms"] : [1, "s"];
  const value = seconds * factor;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

/** Three digits and a unit: "26.1 MB". */
function size(bytes: number): string {
  const [unit, value] = bytes < 1e6 ? ["KB", bytes / 1e3] : ["MB", bytes / 1e6];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}
