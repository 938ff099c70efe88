// What the safetensors reader needs to judge a header and to say what is wrong with it.

const LONGEST_QUOTE = 60;
/** A string with the colon that makes it a key, if any, or a bracket: all that duplicateKey has to see of JSON. */
const STRUCTURE = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g;

export function fail(rule: string): never {
  throw new Error(`safetensors: ${rule}`);
}

/** A value as JSON, cut to a length that fits a message. */
export function shown(value: unknown): string {
  const text = json(value);
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text;
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The first key that occurs twice in one object of a valid JSON text. JSON.parse keeps the last one and says nothing. */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(STRUCTURE)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (text !== undefined && colon !== undefined) {
      // Escapes are resolved, so that "a" and "\u0061" are one key.
      const key = String(JSON.parse(text));
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "nothing";
  } catch {
    return "a value that is nested too deep";
  }
}
