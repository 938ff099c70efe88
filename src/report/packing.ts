// What scripts inside the page get: tokens as labels, numbers as base64, and a helper that compilers may ask for.

const LABEL_LETTERS = 12;

/** Tools that compile TypeScript on the fly may name functions through a helper, which the page does not have. */
export const NAME_HELPER = "const __name = (f) => f;";

/** Short, and never invisible. */
export function tokenLabel(token: string): string {
  const visible = tokenName(token).replaceAll(" ", "␣");
  const letters = [...visible];
  return letters.length > LABEL_LETTERS ? `${letters.slice(0, LABEL_LETTERS - 1).join("")}…` : visible;
}

/** The token with its line ends and control characters made visible. */
export function tokenName(token: string): string {
  const named = token.replaceAll("\n", "↵").replaceAll("\t", "⇥");
  return named.replace(/\p{C}/gu, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`);
}

export function base64(bytes: Uint8Array): string {
  const PIECE = 8192; // arguments of one call
  let text = "";
  for (let start = 0; start < bytes.length; start += PIECE) {
    text += String.fromCharCode(...bytes.subarray(start, start + PIECE));
  }
  return btoa(text);
}
