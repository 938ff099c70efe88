// Results as a table for a person.
import { type Column, columnsFor, duration, spread } from "./columns";
import { quartiles } from "./harness";
import type { Result, SuiteResult } from "./run";

/** A row whose quartiles are further apart, as a part of the median, says little. */
const UNSTEADY = 0.3;
/** Nothing is faster than the peak; a share is shown with two digits. */
const MOST_OF_PEAK = 1.005;

export interface Cells {
  readonly heads: readonly Omit<Column, "cell">[];
  readonly rows: readonly (readonly string[])[];
  /** Of each row, whether its times lie too far apart to say much. */
  readonly unsteady: readonly boolean[];
}

/** The table of one suite, with the peaks and what was refused below. */
export function suiteTable(result: SuiteResult): string {
  const { heads, rows } = suiteCells(result);
  return [textTable(heads, rows), ...suiteNotes(result)].join("\n");
}

/** The same as a table of Markdown. */
export function suiteMarkdown(result: SuiteResult, apart?: string): string {
  const { heads, rows } = suiteCells(result, apart);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = heads.map(({ align }) => (align === "left" ? "---" : "---:"));
  const lines = [heads.map(({ title }) => title), rule, ...rows].map(line);
  return [...lines, "", ...suiteNotes(result)].join("\n");
}

/** The cells of all rows; columns without any are left out, and threads where all rows have one. */
export function suiteCells({ rows }: SuiteResult, apart = "processes"): Cells {
  const single = rows.every(({ threads }) => threads === 1);
  const shown = columnsFor(apart).filter(
    ({ title, cell }) => rows.some((row) => cell(row) !== "") && !(single && title === "threads"),
  );
  return {
    heads: shown.map(({ cell: _, ...head }) => head),
    rows: rows.map((row) => shown.map(({ cell }) => cell(row))),
    unsteady: rows.map((row) => spread(row) > UNSTEADY),
  };
}

/** A line each: the peaks, a clock that is coarse, what was refused, and what is missing. */
export function suiteNotes({ rows, refused, coarseClock, turns }: SuiteResult): string[] {
  return [
    ...peaks(rows),
    ...impossible(rows),
    ...unsteadyRows(rows),
    ...clock(coarseClock),
    ...refused.map((reason) => `not run: ${reason}`),
    ...unfinished(turns),
  ];
}

function unfinished({ done, planned }: SuiteResult["turns"]): string[] {
  return done < planned
    ? [`unfinished: ${done} of ${planned} turns are whole, so there are fewer samples than planned`]
    : [];
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
  // Whoever divides would find another number than the table's.
  const why = "the median of the run; a share is the median of shares of the peak beside it in its turn";
  return medians.length > 0 ? [`register peak in GFLOP/s: ${medians.join(", ")} (${why})`] : [];
}

/** Only noise makes a share of the peak pass 1. What small operands read from caches may: that is no fault of the machine's. */
function impossible(rows: readonly Result[]): string[] {
  const above = rows.filter(
    ({ ceiling }) => ceiling?.what === "register peak" && ceiling.share >= MOST_OF_PEAK,
  );
  if (above.length === 0) return [];
  return [
    `of peak above 1 in ${above.length} of ${rows.length} rows: the machine was busy when its peak was measured; measure again`,
  ];
}

function unsteadyRows(rows: readonly Result[]): string[] {
  const count = rows.filter((row) => spread(row) > UNSTEADY).length;
  if (count === 0) return [];
  return [
    `spread above ${100 * UNSTEADY} % in ${count} of ${rows.length} rows: something else kept the machine busy, and they say little`,
  ];
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
