// The tokens of the attention viewer as a text: the one that attends is framed, the others are shaded by how much it attends to them. The
// page holds this function's source text, as the viewer's.

export interface TokenStrip {
  /** @param pixels a colour for each token (bytes red, green, blue, alpha), nothing for those that are masked */
  show(destination: number | undefined, pixels: Uint32Array): void;
}

/**
 * @param root is filled with the tokens
 * @param names of the tokens; a line ends after one that ends in ↵
 * @param point called with the token under the pointer, and with none once there is none
 * @param choose called with the token that was clicked
 */
export function tokenStrip(
  root: HTMLElement,
  names: readonly string[],
  point: (token: number | undefined) => void,
  choose: (token: number) => void,
): TokenStrip {
  const page = root.ownerDocument;
  const tokens = names.map((name) => {
    const token = page.createElement("span");
    token.textContent = name;
    root.append(token, name.endsWith("↵") ? "\n" : "");
    return token;
  });
  // Tokens of several letters that bring no spaces along would run into each other.
  root.classList.toggle(
    "words",
    names.some((name) => name.length > 1) && !names.some((name) => /\s/.test(name)),
  );
  const under = (event: Event) => {
    const token = tokens.indexOf(event.target as HTMLSpanElement);
    return token < 0 ? undefined : token;
  };
  /** As bright as it looks, from 0 to 1 (relative luminance, WCAG 2). */
  const luminance = (rgb: readonly number[]) => {
    const linear = rgb.map((byte) => (byte <= 10 ? byte / 3294 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  };
  root.addEventListener("pointerover", (event) => point(under(event)));
  root.addEventListener("pointerleave", () => point(undefined));
  root.addEventListener("click", (event) => {
    const token = under(event);
    if (token !== undefined) choose(token);
  });
  return {
    show(destination, pixels) {
      const bytes = new Uint8Array(pixels.buffer);
      tokens.forEach((token, at) => {
        const rgb = Array.from(bytes.subarray(4 * at, 4 * at + 3));
        const seen = pixels[at] !== 0;
        token.className =
          at === destination ? "destination" : destination === undefined || seen ? "" : "unseen";
        token.style.background = seen ? `rgb(${rgb})` : "";
        // Black and white stand out from it alike at 0.179.
        token.style.color = seen ? (luminance(rgb) > 0.179 ? "#000" : "#fff") : "";
      });
    },
  };
}
