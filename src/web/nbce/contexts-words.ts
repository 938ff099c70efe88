// The contexts in an address: readable where they are short, deflated where that makes them short enough, and otherwise by number and
// digest alone, so that whoever has them can tell that they are the same.
import { strFromU8, strToU8 } from "fflate";
import { digest } from "../../math/digest";
import type { Words } from "../address";
import { deflated, inflated, LONGEST } from "../deflated";

/** Up to so many characters people see in the address what is asked; from there on it is made as short as it can be. */
const READABLE = 1000;
/** Of texts that are to be pasted. */
const MOST_FIELDS = 100;

/** What an address says of contexts: they are in one of the first two, or in neither. */
export interface ContextsWords {
  /** As JSON. */
  readonly contexts?: string;
  readonly deflated?: string;
  readonly digest?: string;
  /** How many they are, where they are left out. */
  readonly count?: string;
}

/** Contexts that a link speaks of and does not bring. */
export interface LackingContexts {
  readonly words: ContextsWords;
  readonly count: number;
  /** Whether they were in it. */
  readonly damaged: boolean;
}

export function contextsWords(contexts: readonly string[]): ContextsWords {
  const json = JSON.stringify(contexts);
  const readable = { contexts: json };
  const length = lengthOf(readable);
  if (length <= READABLE) return readable;
  const bytes = strToU8(json);
  const word = deflated(bytes);
  if (length <= LONGEST && !(word !== undefined && word.length < length)) return readable;
  const named = { digest: digest(bytes) };
  return word === undefined ? { ...named, count: String(contexts.length) } : { ...named, deflated: word };
}

/** Whether an address leaves the contexts out. */
export function leavesOut(words: ContextsWords): boolean {
  return words.contexts === undefined && words.deflated === undefined;
}

/**
 * @param here the contexts of the form: those of a link that does not bring them, perhaps
 * @returns `undefined` where the address says nothing of contexts
 */
export function readContexts(
  { contexts, deflated: word, digest: wanted, count }: Words,
  here: readonly string[],
): { readonly contexts: readonly string[]; readonly lack?: LackingContexts } | undefined {
  const words: ContextsWords = {
    ...(contexts !== undefined && { contexts }),
    ...(word !== undefined && { deflated: word }),
    ...(wanted !== undefined && { digest: wanted }),
    ...(count !== undefined && { count }),
  };
  if (Object.keys(words).length === 0) return undefined;
  const brought = contexts === undefined ? unpacked(words) : parsed(contexts);
  if (brought) return { contexts: brought };
  if (wanted !== undefined && contextsWords(here).digest === wanted) return { contexts: here };
  const fields = Math.min(Math.max(1, Math.trunc(Number(count)) || 1), MOST_FIELDS);
  return {
    contexts: Array.from({ length: fields }, () => ""),
    lack: { words, count: fields, damaged: !leavesOut(words) },
  };
}

function unpacked({ deflated: word, digest: wanted }: ContextsWords): readonly string[] | undefined {
  const bytes = word === undefined ? undefined : inflated(word);
  return bytes && digest(bytes) === wanted ? parsed(strFromU8(bytes)) : undefined;
}

/** `undefined` for an address that was cut off. */
function parsed(json: string): readonly string[] | undefined {
  try {
    const all: unknown = JSON.parse(json);
    return Array.isArray(all) && all.length > 0 ? all.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** As the address has it, escapes included. */
function lengthOf(words: { readonly contexts: string }): number {
  const { contexts } = words;
  return contexts.length > LONGEST ? contexts.length : new URLSearchParams(words).toString().length;
}
