// The colours of the attention viewer, as the page has them now. The page holds this function's source text, as the viewer's.

export interface ViewerColours {
  readonly font: string;
  readonly ink: string;
  readonly soft: string;
  readonly edge: string;
  readonly chosen: string;
  /** From nothing to full, as pixels: bytes red, green, blue, alpha. */
  readonly plus: Uint32Array;
  readonly minus: Uint32Array;
  readonly masked: number;
}

/** Asking the page for them takes longer than drawing. */
export function viewerColours(root: HTMLElement): ViewerColours {
  const SHADES = 1024;
  const style = getComputedStyle(root);
  const css = (name: string) => style.getPropertyValue(name).trim();
  const rgb = (name: string) => [1, 3, 5].map((at) => Number.parseInt(css(name).slice(at, at + 2), 16));
  const pixel = (rgb: readonly number[]) => new Uint32Array(Uint8Array.of(...rgb, 255).buffer)[0]!;
  const ramp = (names: readonly string[]) => {
    const stops = names.map(rgb);
    return Uint32Array.from({ length: SHADES }, (_, shade) => {
      const share = (2 * shade) / (SHADES - 1);
      const part = Math.min(Math.floor(share), 1);
      const between = (from: number, c: number) => from + (stops[part + 1]![c]! - from) * (share - part);
      return pixel(stops[part]!.map((from, c) => Math.round(between(from, c))));
    });
  };
  return {
    font: `11px ${style.fontFamily}`,
    ink: css("--ink"),
    soft: css("--soft"),
    edge: css("--edge"),
    chosen: css("--c2"),
    plus: ramp(["--heat-0", "--heat-1", "--heat-2"]),
    minus: ramp(["--heat-0", "--minus-1", "--minus-2"]),
    masked: pixel(rgb("--masked")),
  };
}
