// What is asked: the example, and how a question stands in the page's address.
import { type PoolName, pools } from "../../nbce/pooling";
import { standard } from "../../nbce/step";
import { sameWords, type Words } from "../address";
import type { Question } from "./protocol";

/** What a model that has learnt to copy answers from the second. */
export const EXAMPLE: Question = {
  contexts: ["gfedcbagfedcba", "mnopqrsmnopqrs", "zyxwvutzyxwvut"],
  question: "mno",
  template: "{context}{question}",
  ...standard,
  maxTokens: 8,
};

/** A link to it. */
export function questionWords({ contexts, ...words }: Question): Words {
  const named = Object.entries(words).map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(named), contexts: JSON.stringify(contexts) };
}

export function sameQuestion(a: Question, b: Question): boolean {
  return sameWords(questionWords(a), questionWords(b));
}

/** What an address says of it; what is not sound there is left out. */
export function questionOf(words: Words): Partial<Question> {
  const { question, template, contexts, pool } = words;
  const numbers = (["beta", "eta", "maxTokens"] as const).filter((name) =>
    Number.isFinite(Number(words[name] ?? "?")),
  );
  return {
    ...(question !== undefined && { question }),
    ...(template !== undefined && { template }),
    ...(pool !== undefined && Object.hasOwn(pools, pool) && { pool: pool as PoolName }),
    ...Object.fromEntries(numbers.map((name) => [name, Number(words[name])])),
    ...(contexts !== undefined && { contexts: parsedContexts(contexts) }),
  };
}

function parsedContexts(word: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(word);
    if (Array.isArray(parsed) && parsed.length > 0) return parsed.map(String);
  } catch {
    // An address that was cut off: the example stands.
  }
  return EXAMPLE.contexts;
}
