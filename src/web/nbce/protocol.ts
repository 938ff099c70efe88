// What the NBCE tab and its worker say to each other.
import type { PoolName } from "../../nbce/pooling";

export interface Question {
  readonly contexts: readonly string[];
  readonly question: string;
  readonly template: string;
  readonly pool: PoolName;
  readonly beta: number;
  readonly eta: number;
  readonly maxTokens: number;
}

export interface SpokenToken {
  readonly text: string;
  /** The context that spoke, from 0, where the pool chooses one. */
  readonly chosen: number | undefined;
  /** Of each context's prediction, in nats: small where it is sure. */
  readonly entropies: readonly number[];
}

export type Command =
  /** The run of the train tab, as this browser keeps it. */
  | { readonly kind: "kept" }
  /** A run's files, or a folder of Hugging Face's. */
  | { readonly kind: "open"; readonly files: readonly File[] }
  | { readonly kind: "ask"; readonly question: Question }
  /** Ends the answer after the token that is being made, as every other command does. */
  | { readonly kind: "stop" };

export type News =
  | { readonly kind: "model"; readonly title: string; readonly context: number }
  | { readonly kind: "nothing" }
  | { readonly kind: "loading"; readonly part: number }
  | { readonly kind: "answering"; readonly tokens: readonly SpokenToken[]; readonly done: boolean }
  | Refusal;

export interface Refusal {
  readonly kind: "refused";
  /** What was asked for. */
  readonly of: Command["kind"];
  readonly message: string;
}
