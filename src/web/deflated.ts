// Bytes as a word of an address: deflated, in signs that need no escape, and no longer than addresses may be.
import { deflateSync, inflateSync } from "fflate";

/**
 * Characters in an address. With 500 for the host and the settings it stays under 4,000, where messages of common chat programs end, and
 * under the 8,000 that servers read of a line, should one be asked to shorten it or send it on.
 */
export const LONGEST = 3500;
/** Nothing that anyone reads deflates to a hundredth; more is not tried. */
const MOST_BYTES = 2 ** 18;

/** `undefined` where the word would be too long. */
export function deflated(bytes: Uint8Array): string | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  const word = toBase64(deflateSync(bytes, { level: 9 }));
  return word.length > LONGEST ? undefined : word;
}

/** `undefined` for what is no such word. One that was cut off may still be read: whoever wrote it adds a digest. */
export function inflated(word: string): Uint8Array | undefined {
  if (word.length > LONGEST) return undefined; // it could become anything, and fill the memory
  try {
    return inflateSync(fromBase64(word));
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
