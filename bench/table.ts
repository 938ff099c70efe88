// Results as a table for a person.
import { quartiles } from "./harness";
import type { Result, SuiteResult } from "./run";

interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** Nothing where a row has no such number; a column of nothing is left out. */
  cell(row: Result): string;
}

const columns: readonly Column[] = [
  { title: "what", align: "left", cell: ({ kind }) => kind },
  { title: "on", align: "left", cell: ({ shape }) => shape },
  { title: "build", align: "left", cell: ({ build }) => build },
  { title: "threads", align: "right", cell: ({ threads }) => (threads === 1 ? "" : String(threads)) },
  { title: "median", align: "right", cell: ({ seconds }) => duration(seconds.median) },
  {
    title: "spread",
    align: "right",
    cell: ({ seconds: { low, median, high } }) => `${((100 * (high - low)) / median).toFixed(1)}%`,
  },
  { title: "GFLOP/s", align: "right", cell: ({ gflopsPerSecond: rate }) => rate?.toFixed(1) ?? "" },
  { title: "GB/s", align: "right", cell: ({ gigabytesPerSecond: rate }) => rate?.toFixed(1) ?? "" },
  { title: "tokens/s", align: "right", cell: ({ tokensPerSecond: rate }) => rate?.toFixed(0) ?? "" },
  {
    title: "of peak",
    align: "right",
    cell: ({ ceiling }) => (ceiling?.what === "register peak" ? ceiling.share.toFixed(2) : ""),
  },
  {
    title: "of reading",
    align: "right",
    cell: ({ ceiling }) => (ceiling?.what === "reading" ? ceiling.share.toFixed(2) : ""),
  },
  { title: "x threads", align: "right", cell: ({ speedUp }) => speedUp?.threads.toFixed(2) ?? "" },
  { title: "x processes", align: "right", cell: ({ speedUp }) => speedUp?.processes.toFixed(2) ?? "" },
  { title: "extra", align: "right", cell: ({ extraBytes }) => (extraBytes > 0 ? size(extraBytes) : "") },
  { title: "error", align: "right", cell: ({ error }) => error.toExponential(0) },
];

export interface Cells {
  readonly heads: readonly { readonly title: string; readonly align: "left" | "right" }[];
  readonly rows: readonly (readonly string[])[];
}

/** The table of one suite, with the peaks and what was refused below. */
export function suiteTable(result: SuiteResult): string {
  const { heads, rows } = suiteCells(result);
  return [textTable(heads, rows), ...suiteNotes(result)].join("\n");
}

/** The same as a table of Markdown. */
export function suiteMarkdown(result: SuiteResult): string {
  const { heads, rows } = suiteCells(result);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = heads.map(({ align }) => (align === "left" ? "---" : "---:"));
  const lines = [heads.map(({ title }) => title), rule, ...rows].map(line);
  return [...lines, "", ...suiteNotes(result)].join("\n");
}

/** The cells of all rows; columns without any are left out. */
export function suiteCells({ rows }: SuiteResult): Cells {
  const shown = columns.filter(({ cell }) => rows.some((row) => cell(row) !== ""));
  return {
    heads: shown.map(({ title, align }) => ({ title, align })),
    rows: rows.map((row) => shown.map(({ cell }) => cell(row))),
  };
}

/** A line each: the peaks, a clock that is coarse, and what was refused. */
export function suiteNotes({ rows, refused, coarseClock }: SuiteResult): string[] {
  return [...peaks(rows), ...clock(coarseClock), ...refused.map((reason) => `not run: ${reason}`)];
}

/** One line: the register peak of every setup. */
function peaks(rows: readonly Result[]): string[] {
  const bySetup = new Map<string, number[]>();
  for (const { build, threads, ceiling } of rows) {
    if (ceiling?.what !== "register peak") continue;
    const setup = threads === 1 ? build : `${build} on ${threads} threads`;
    bySetup.set(setup, [...(bySetup.get(setup) ?? []), ceiling.rate]);
  }
  const medians = [...bySetup].map(([setup, rates]) => `${setup} ${quartiles(rates).median.toFixed(1)}`);
  return medians.length > 0 ? [`register peak in GFLOP/s: ${medians.join(", ")}`] : [];
}

function clock(coarse: SuiteResult["coarseClock"]): string[] {
  if (!coarse) return [];
  const { stepSeconds, sampleSeconds } = coarse;
  const share = Math.round((100 * stepSeconds) / sampleSeconds);
  return [
    `the clock here moves on by ${duration(stepSeconds)} at once: samples last ${duration(sampleSeconds)} or more, so that this is at most ${share}% of one`,
  ];
}

/** Columns as wide as their longest cell; those without any cell are left out. */
export function textTable(
  heads: readonly { readonly title: string; readonly align: "left" | "right" }[],
  rows: readonly (readonly string[])[],
): string {
  const shown = heads
    .map(({ title, align }, index) => ({
      align,
      cells: [title, ...rows.map((row) => row[index] ?? "")],
    }))
    .filter(({ cells }) => cells.slice(1).some((cell) => cell !== ""));
  const widths = shown.map(({ cells }) => Math.max(...cells.map((cell) => cell.length)));
  const lines = [undefined, ...rows].map((_, line) =>
    shown
      .map(({ cells, align }, index) => {
        const [cell, width] = [cells[line]!, widths[index]!];
        return align === "left" ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
  const [title, ...body] = lines;
  return [title, "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...body].join("\n");
}

/** Three digits and a unit: "1.23 ms". */
export function duration(seconds: number): string {
  const [factor, unit] = seconds < 1e-3 ? [1e6, "us"] : seconds < 1 ? [1e3, "ms"] : [1, "s"];
  const value = seconds * factor;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

/** Three digits and a unit: "26.1 MB". */
function size(bytes: number): string {
  const [unit, value] = bytes < 1e6 ? ["KB", bytes / 1e3] : ["MB", bytes / 1e6];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}
