// What the NBCE tab and its worker say to each other.
import type { Context } from "../../cli/nbce-prompts";
import type { PoolName } from "../../nbce/pooling";
import type { LentRun } from "../train/protocol";

/** Numbers are the words that stand in the form: the worker checks them. */
export interface Question {
  readonly contexts: readonly string[];
  readonly question: string;
  readonly template: string;
  /** Whether contexts that do not fit are cut into pieces that do. */
  readonly split: boolean;
  readonly pool: PoolName;
  readonly beta: string;
  readonly eta: string;
  readonly topP: string;
  readonly maxTokens: string;
}

export interface SpokenToken {
  readonly text: string;
  /** The context that spoke, from 0, where the pool chooses one. */
  readonly chosen: number | undefined;
  /** Of each context's prediction, in nats: small where it is sure. */
  readonly entropies: readonly number[];
}

export type Command =
  /** Follows the run of the Train tab, unless files were opened. Where that tab has none, it is the one that this browser keeps. */
  | { readonly kind: "follow"; readonly run?: LentRun | undefined }
  /** A run's files, or a folder of Hugging Face's. */
  | { readonly kind: "open"; readonly files: readonly File[] }
  /** With the run to follow as it stands by now. */
  | { readonly kind: "ask"; readonly question: Question; readonly run?: LentRun | undefined }
  /** Ends the answer after the token that is being made, as every other command does. */
  | { readonly kind: "stop" };

export type News =
  | {
      readonly kind: "model";
      readonly title: string;
      /** Tokens that it reads at once. */
      readonly context: number;
      /** Where contexts are read one by one: that they are, and why, in a sentence. */
      readonly oneByOne?: string;
      /** Whether it is the run of the Train tab, which may go on. */
      readonly followed: boolean;
    }
  | { readonly kind: "loading"; readonly part: number }
  /** The answer begins. Contexts that were cut are several. */
  | { readonly kind: "begun"; readonly model: string; readonly contexts: readonly Context[] }
  /** With the tokens that came since it was told last. */
  | { readonly kind: "answering"; readonly fresh: readonly SpokenToken[]; readonly done: boolean }
  | Refusal;

export interface Refusal {
  readonly kind: "refused";
  /** What was asked for. */
  readonly of: Command["kind"];
  readonly message: string;
  /** Whether cutting contexts would mend it. */
  readonly cut?: boolean;
}
