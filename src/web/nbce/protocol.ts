// What the NBCE tab and its worker say to each other.
import type { Context } from "../../cli/nbce-prompts";
import type { PoolName } from "../../nbce/pooling";

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
  /** The run of the train tab, as this browser keeps it; nothing where files were opened. */
  | { readonly kind: "kept" }
  /** A run's files, or a folder of Hugging Face's. */
  | { readonly kind: "open"; readonly files: readonly File[] }
  | { readonly kind: "ask"; readonly question: Question }
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
