// What the experiments tab and its worker say to each other.
import type { Size } from "../../experiments/experiment";
import type { Progress } from "./progress";

export interface ListedExperiment {
  readonly name: string;
  readonly question: string;
  readonly paper: string;
  readonly sizes: Readonly<Record<Size, ListedSize>>;
  /** Whether its trials can read a text of the user's, and whether they show what they learnt on a prompt. */
  readonly reads: { readonly text: boolean; readonly prompt: boolean };
}

interface ListedSize {
  readonly trials: number;
  /** That all of them may take on one core of the reference machine. */
  readonly seconds: number;
  /** Trials that run at the same time in this browser. */
  readonly workers: number;
}

/** What `--text` and `--prompt` are on the command line. */
export interface Given {
  readonly text?: { readonly name: string; readonly content: string } | undefined;
  readonly prompt?: string | undefined;
}

export type Command =
  | { readonly kind: "list" }
  | { readonly kind: "run"; readonly name: string; readonly size: Size; readonly given: Given };

export type News =
  | { readonly kind: "list"; readonly experiments: readonly ListedExperiment[] }
  | { readonly kind: "progress"; readonly progress: Progress }
  /** The report's sections as HTML, and result.json as the command line writes it. */
  | { readonly kind: "finished"; readonly name: string; readonly body: string; readonly json: string }
  | { readonly kind: "refused"; readonly message: string };
