// What the bench tab and its worker say to each other.
import type { Size } from "../../../bench/row";
import type { Setup, SuiteResult, Underway } from "../../../bench/run";
import type { SuiteName } from "../../../bench/suites";
import type { Cells } from "../../../bench/table";

export type Command =
  | { readonly kind: "list" }
  | {
      readonly kind: "run";
      readonly suite: SuiteName;
      readonly setups: readonly Setup[];
      readonly size: Size;
    };

export interface ListedSuite {
  readonly name: SuiteName;
  readonly what: string;
}

/** A result, so far or of the whole run. */
export interface Measured {
  readonly result: SuiteResult;
  readonly cells: Cells;
  readonly notes: readonly string[];
  readonly markdown: string;
  readonly json: string;
}

export type News =
  | {
      readonly kind: "list";
      readonly suites: readonly ListedSuite[];
      /** What this browser can run side by side. */
      readonly setups: readonly Setup[];
    }
  | { readonly kind: "progress"; readonly part: number; readonly underway: Underway }
  | { readonly kind: "measured"; readonly measured: Measured; readonly finished: boolean }
  | { readonly kind: "refused"; readonly message: string };
