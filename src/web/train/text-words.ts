// A text in the address: deflated where it is short, and always by name and digest, so that whoever has it can tell that it is the same.
import { strToU8 } from "fflate";
import { digest } from "../../math/digest";
import { deflated, inflated } from "../deflated";
import type { GivenText, TextWords } from "./protocol";

export function textWords({ name, content }: GivenText): TextWords {
  const bytes = strToU8(content);
  const word = deflated(bytes);
  return { text: name, digest: digest(bytes), ...(word !== undefined && { deflated: word }) };
}

/** `undefined` for what `textWords` did not write, or not all of it: people pass addresses on by hand. */
export function textOfWords(words: TextWords): GivenText | undefined {
  const { text: name, deflated: word = "" } = words;
  const bytes = inflated(word);
  if (!bytes || digest(bytes) !== words.digest) return undefined;
  const content = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return { name, content, words };
}
