// A matrix over time, as it runs in the reader's browser: a slider chooses the frame. The page holds this function's source text
// (`Function.prototype.toString`), so it uses nothing from outside itself but the DOM, and imports types only.

export interface ScrubberData {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** What each frame is called, like "step 500". */
  readonly names: readonly string[];
  readonly low: number;
  readonly high: number;
  /** Base64 of bytes: frames x rows x columns, 0 for the lowest value, 254 for the highest and 255 for none. */
  readonly cells: string;
}

/**
 * @param root holds `input[type=range]`, `output`, `canvas` and `.readout`
 * @param signal ends it, where the page lives longer than what it shows
 */
export function scrubber(root: HTMLElement, data: ScrubberData, signal?: AbortSignal): void {
  const view = root.ownerDocument.defaultView!; // a page that is shown has one
  const { rows, columns, names, low, high } = data;
  const [R, C] = [rows.length, columns.length];
  const bytes = Uint8Array.from(atob(data.cells), (sign) => sign.charCodeAt(0));
  const slider = root.querySelector<HTMLInputElement>("input")!; // the page is ours
  const output = root.querySelector<HTMLOutputElement>("output")!;
  const canvas = root.querySelector<HTMLCanvasElement>("canvas")!;
  const readout = root.querySelector<HTMLElement>(".readout")!;
  let place = { left: 0, top: 0, side: 1 };
  let cell: readonly [number, number] | undefined;

  const frame = () => Number(slider.value);
  /** From 0 to 1; above 1 where there is nothing. */
  const share = (i: number, j: number) => bytes[(frame() * R + i) * C + j]! / 254;
  const css = (name: string) => getComputedStyle(root).getPropertyValue(name).trim();
  const rgb = (name: string) => [1, 3, 5].map((at) => Number.parseInt(css(name).slice(at, at + 2), 16));

  function draw(): void {
    const scale = view.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    if (width === 0) return; // out of sight: nothing fits, and the observer calls again
    const context = canvas.getContext("2d")!;
    const font = `11px ${getComputedStyle(root).fontFamily}`;
    context.font = font;
    const widest = (labels: readonly string[]) =>
      Math.min(Math.max(...labels.map((label) => context.measureText(label).width)), width / 5);
    const [left, top] = [Math.ceil(widest(rows)) + 8, Math.ceil(widest(columns)) + 8];
    const side = Math.min((width - left - 2) / C, 40);
    place = { left, top, side };
    const height = top + side * R + 2;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    const masked = css("--masked");
    const stops = [rgb("--heat-0"), rgb("--heat-1"), rgb("--heat-2")];
    for (let i = 0; i < R; i++) {
      for (let j = 0; j < C; j++) {
        const at = Math.min(2 * share(i, j), 2);
        const part = Math.min(Math.floor(at), 1);
        const colour = stops[part]!.map((from, c) =>
          Math.round(from + (stops[part + 1]![c]! - from) * (at - part)),
        );
        context.fillStyle = share(i, j) > 1 ? masked : `rgb(${colour.join(",")})`;
        // A little larger than the cell, or seams would show between them.
        context.fillRect(left + j * side, top + i * side, side + 0.5, side + 0.5);
      }
    }
    context.strokeStyle = css("--edge");
    context.strokeRect(left, top, side * C, side * R);
    if (cell) {
      context.strokeStyle = css("--c2");
      context.lineWidth = 2;
      context.strokeRect(left + cell[1] * side, top + cell[0] * side, side, side);
    }
    context.font = font;
    context.fillStyle = css("--ink");
    context.textBaseline = "middle";
    const stride = Math.ceil(11 / side);
    for (let i = 0; i < R; i += stride) {
      context.textAlign = "right";
      context.fillText(rows[i]!, left - 4, top + (i + 0.5) * side, left - 6);
    }
    for (let j = 0; j < C; j += stride) {
      context.save();
      context.translate(left + (j + 0.5) * side, top - 4);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillText(columns[j]!, 0, 0, top - 6);
      context.restore();
    }
  }

  function show(): void {
    output.textContent = names[frame()]!;
    slider.setAttribute("aria-valuetext", names[frame()]!);
    const part = cell ? share(cell[0], cell[1]) : 0;
    const value = part > 1 ? "nothing" : (low + (high - low) * part).toFixed(2);
    readout.textContent = cell
      ? `${rows[cell[0]]} → ${columns[cell[1]]}: ${value}`
      : "Move the slider, or give it the focus and use the arrow keys; point at a cell to read it.";
    draw();
  }

  slider.addEventListener("input", show);
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const j = Math.floor((event.clientX - box.left - place.left) / place.side);
    const i = Math.floor((event.clientY - box.top - place.top) / place.side);
    cell = i >= 0 && i < R && j >= 0 && j < C ? [i, j] : undefined;
    show();
  });
  canvas.addEventListener("pointerleave", () => {
    cell = undefined;
    show();
  });
  view.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show, signal && { signal });
  root.hidden = false;
  const observer = new ResizeObserver(() => view.requestAnimationFrame(draw)); // what is observed becomes higher
  observer.observe(canvas.parentElement!);
  signal?.addEventListener("abort", () => observer.disconnect());
  show();
}
