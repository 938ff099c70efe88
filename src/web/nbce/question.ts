// What is asked: the example, what its numbers are called and must be, and how a question stands in the page's address.
import { type PoolName, pools } from "../../nbce/pooling";
import { standard } from "../../nbce/step";
import { number, whole } from "../../terminal/options";
import { at, UsageError } from "../../terminal/usage";
import { sameWords, type Words } from "../address";
import type { Question } from "./protocol";

/** What a model that has learnt to copy answers from the second. */
export const EXAMPLE: Question = {
  contexts: ["gfedcbagfedcba", "mnopqrsmnopqrs", "zyxwvutzyxwvut"],
  question: "mno",
  template: "{context}{question}",
  split: false,
  pool: standard.pool,
  beta: String(standard.beta),
  eta: String(standard.eta),
  topP: String(standard.topP),
  maxTokens: "8",
};

/** What the form calls them, and what they must be. */
export const numbers = {
  maxTokens: { label: "tokens to answer", parse: whole(1) },
  beta: { label: "weight of no context (beta)", parse: number(-1) },
  eta: { label: "lead that another context needs to take over, in nats (eta)", parse: number(0) },
  topP: {
    label: "likeliest tokens that count, by their total probability (topP)",
    parse: number(0, 1, "low"),
  },
} as const;

export type NumberName = keyof typeof numbers;

/** What a pool makes of the contexts; here nobody gives weights. */
export function poolWords(pool: PoolName): string {
  return pool === "weighted" ? "a weighted mean: by e^-entropy, the surer the more" : pools[pool].what;
}

/** @throws UsageError that names the field */
export function numbersOf(question: Question): Record<NumberName, number> {
  const value = (name: NumberName) =>
    at(numbers[name].label, () => numbers[name].parse(question[name]), UsageError);
  return { maxTokens: value("maxTokens"), beta: value("beta"), eta: value("eta"), topP: value("topP") };
}

/** What an address says of it but for the contexts. */
export function questionWords({ contexts: _, ...rest }: Question): Words {
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]));
}

export function sameQuestion(a: Question, b: Question): boolean {
  return sameContexts(a, b) && sameWords(questionWords(a), questionWords(b));
}

export function sameContexts({ contexts: a }: Question, { contexts: b }: Question): boolean {
  return a === b || (a.length === b.length && a.every((text, index) => text === b[index]));
}

/** The same the other way round; what is not sound there is left out. */
export function questionOf(words: Words): Partial<Question> {
  const { pool, split, ...rest } = words;
  const texts = (["question", "template", "maxTokens", "beta", "eta", "topP"] as const).filter(
    (name) => rest[name] !== undefined,
  );
  return {
    ...Object.fromEntries(texts.map((name) => [name, rest[name]])),
    ...(pool !== undefined && Object.hasOwn(pools, pool) && { pool: pool as PoolName }),
    ...(split !== undefined && { split: split === "true" }),
  };
}
