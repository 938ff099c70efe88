// A text in the address: deflated where it is short, and always by name and digest, so that whoever has it can tell that it is the same.
import { deflateSync, inflateSync, strToU8 } from "fflate";
import { digest } from "../../math/digest";
import type { GivenText, TextWords } from "./protocol";

/**
 * Characters in an address. With 500 for the host and the settings it stays under 4,000, where messages of common chat programs end, and
 * under the 8,000 that servers read of a line, should one be asked to shorten it or send it on.
 */
const LONGEST = 3500;
/** Nothing that anyone reads deflates to a hundredth; a longer text is not tried. */
const MOST_BYTES = 2 ** 18;

export function textWords({ name, content }: GivenText): TextWords {
  const bytes = strToU8(content);
  const deflated = bytes.length > MOST_BYTES ? undefined : toBase64(deflateSync(bytes, { level: 9 }));
  return {
    text: name,
    digest: digest(bytes),
    ...(deflated !== undefined && deflated.length <= LONGEST && { deflated }),
  };
}

/** `undefined` for what `textWords` did not write, or not all of it: people pass addresses on by hand. */
export function textOfWords(words: TextWords): GivenText | undefined {
  const { text: name, deflated = "" } = words;
  if (deflated.length > LONGEST) return undefined; // it could become anything, and fill the memory
  try {
    const bytes = inflateSync(fromBase64(deflated));
    const content = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    return digest(bytes) === words.digest ? { name, content, words } : undefined;
  } catch {
    return undefined;
  }
}

/** With the signs that need no escape in an address (RFC 4648, section 5). */
function toBase64(bytes: Uint8Array): string {
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64(word: string): Uint8Array {
  const characters = atob(word.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
