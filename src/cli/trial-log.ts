// trials.jsonl: one finished trial per line, appended so that a kill at any moment costs at most the line being written.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import type { TrialRecord } from "../experiments/trial";

/** Folder of the files that trials keep, a folder a trial within it. */
export const TRIALS = "trials";
const NEWLINE = 10;

export interface TrialLog {
  readonly finished: readonly TrialRecord[];
  /** On disk when it returns. */
  append(record: TrialRecord): void;
}

/**
 * Opens or begins the log at `path`; `fresh` empties it. A last line without its newline was being written when its process ended: it is cut off.
 * @throws Error for any other line that is not a trial
 */
export function openTrialLog(path: string, { fresh = false } = {}): TrialLog {
  const bytes = existsSync(path) && !fresh ? readFileSync(path) : new Uint8Array();
  const whole = bytes.lastIndexOf(NEWLINE) + 1;
  if (existsSync(path)) truncateSync(path, whole);
  const lines = new TextDecoder().decode(bytes.subarray(0, whole)).split("\n").slice(0, -1);
  return {
    finished: lines.map((line, index) => parseRecord(line, `${path}:${index + 1}`)),
    append(record) {
      const file = openSync(path, "a");
      try {
        writeSync(file, `${JSON.stringify(record)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
  };
}

function parseRecord(line: string, place: string): TrialRecord {
  const value = parse(line);
  const fields = {
    id: "string",
    experiment: "string",
    config: "object",
    seed: "number",
    metrics: "object",
    seconds: "number",
  };
  const sound =
    value && Object.entries(fields).every(([key, type]) => typeof value[key] === type && value[key] !== null);
  if (!sound)
    throw new Error(
      `${place}: a line must hold one finished trial, got ${line.slice(0, 60)}; delete the line or use --fresh`,
    );
  // The fields were checked above; what is inside config and metrics is vouched for by the id, a digest of the code that wrote it.
  return value as unknown as TrialRecord;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
