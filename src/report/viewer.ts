// The attention viewer, as it runs in the reader's browser: a grid of heads and one head large. The page holds this function's source
// text (`Function.prototype.toString`), so it uses nothing from outside itself but the DOM, and imports types only.

import type { ViewerData } from "./viewer-data";

/**
 * @param root holds `.heads`, `canvas.zoom`, `.head-name`, `.readout`, `select.view`, `.least`, `.most`, `.signed` and `input.by-row`
 * @param signal ends it, where the page lives longer than what it shows: what it listens to outside the root would keep all of it
 */
export function viewer(
  root: HTMLElement,
  data: ViewerData,
  signal?: AbortSignal,
): {
  /** Shows other values of the same tokens and heads, and leaves what was chosen. */
  update(views: ViewerData["views"]): void;
  /** Shows this head large. */
  choose(head: number): void;
} {
  const page = root.ownerDocument;
  const { labels, names, heads, causal } = data;
  const T = labels.length;
  const find = <E extends HTMLElement>(selector: string) => root.querySelector<E>(selector)!; // the page is ours
  const zoom = find<HTMLCanvasElement>("canvas.zoom");
  const grid = find(".heads");
  const byRow = find<HTMLInputElement>(".by-row");
  const choice = find<HTMLSelectElement>("select.view");
  const columns = heads.filter(({ layer }) => layer === heads[0]!.layer).length;
  const SHADES = 1023;
  const pixel = (rgb: readonly number[]) => new Uint32Array(Uint8Array.of(...rgb, 255).buffer)[0]!;

  let head = data.first;
  let cell: readonly [number, number] | undefined; // row (query), column (key)
  let locked = false;
  let place = { left: 0, top: 0, side: 1 };
  let views = unpack(data.views);
  let look = coloursNow();

  const shown = () => views[choice.selectedIndex]!;
  const value = (h: number, i: number, j: number) => shown().values[(h * T + i) * T + j]!;
  /** Two behind the point, and no negative nothing. */
  const digits = (number: number) => number.toFixed(2).replace(/^-0\.00$/, "0.00");

  function unpack(views: ViewerData["views"]) {
    return Object.values(views).map(({ values: packed, most, about }) => {
      const bytes = atob(packed);
      const share = (at: number) => ((bytes.charCodeAt(at) << 16) | (bytes.charCodeAt(at + 1) << 24)) >> 16;
      const values = new Float32Array(bytes.length / 2);
      for (let at = 0; at < values.length; at++) values[at] = (share(2 * at) * most) / 32767;
      return { values, most, about };
    });
  }

  /** The page's colours as the map needs them: asking for them takes longer than drawing. */
  function coloursNow() {
    const style = getComputedStyle(root);
    const css = (name: string) => style.getPropertyValue(name).trim();
    const rgb = (name: string) => [1, 3, 5].map((at) => Number.parseInt(css(name).slice(at, at + 2), 16));
    return {
      font: `11px ${style.fontFamily}`,
      ink: css("--ink"),
      soft: css("--soft"),
      edge: css("--edge"),
      chosen: css("--c2"),
      plus: ramp(["--heat-0", "--heat-1", "--heat-2"].map(rgb)),
      minus: ramp(["--heat-0", "--minus-1", "--minus-2"].map(rgb)),
      masked: pixel(rgb("--masked")),
    };
  }

  /** Colours from nothing to full, as pixels. */
  function ramp(stops: readonly (readonly number[])[]): Uint32Array<ArrayBuffer> {
    return Uint32Array.from({ length: SHADES + 1 }, (_, shade) => {
      const share = (2 * shade) / SHADES;
      const part = Math.min(Math.floor(share), 1);
      return pixel(
        stops[part]!.map((from, c) => Math.round(from + (stops[part + 1]![c]! - from) * (share - part))),
      );
    });
  }

  /** One pixel a value. */
  function paint(canvas: HTMLCanvasElement, h: number): void {
    canvas.width = canvas.height = T;
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(T, T);
    const pixels = new Uint32Array(image.data.buffer);
    const { values, most } = shown();
    const { plus, minus, masked } = look;
    for (let i = 0; i < T; i++) {
      const start = (h * T + i) * T;
      let top = 0;
      if (byRow.checked) for (let j = 0; j < T; j++) top = Math.max(top, Math.abs(values[start + j]!));
      const factor = SHADES / (top || most || 1);
      for (let j = 0; j < T; j++) {
        const shade = Math.min(SHADES, Math.round(Math.abs(values[start + j]! * factor)));
        pixels[i * T + j] = causal && j > i ? masked : (values[start + j]! < 0 ? minus : plus)[shade]!;
      }
    }
    context.putImageData(image, 0, 0);
  }

  function drawZoom(): void {
    const scale = devicePixelRatio || 1;
    const width = zoom.clientWidth;
    const context = zoom.getContext("2d")!;
    const { font, ink, soft, edge, chosen } = look;
    context.font = font;
    const longest = Math.min(Math.max(...labels.map((label) => context.measureText(label).width)), width / 5);
    const margin = Math.ceil(longest) + 26;
    const side = (width - margin - 2) / T;
    place = { left: margin, top: margin, side };
    const height = margin + side * T + 2;
    zoom.style.height = `${height}px`;
    zoom.width = Math.round(width * scale);
    zoom.height = Math.round(height * scale);
    context.scale(scale, scale);
    context.imageSmoothingEnabled = false;
    const map = page.createElement("canvas");
    paint(map, head);
    context.drawImage(map, margin, margin, side * T, side * T);
    context.font = font;
    context.textBaseline = "middle";
    context.textAlign = "right";
    context.strokeStyle = edge;
    context.strokeRect(margin, margin, side * T, side * T);
    const stride = Math.ceil(11 / side);
    for (let k = 0; k < T; k++) {
      // A label close to the chosen one would be written over.
      if (k % stride === 0 && (!cell || Math.abs(k - cell[0]) * side >= 11 || k === cell[0])) write(k, true);
      if (k % stride === 0 && (!cell || Math.abs(k - cell[1]) * side >= 11 || k === cell[1])) write(k, false);
    }
    context.textAlign = "center";
    context.fillStyle = soft;
    context.fillText("source (key) →", margin + (side * T) / 2, 8);
    context.rotate(-Math.PI / 2);
    context.fillText("← destination (query)", -margin - (side * T) / 2, 8);
    context.rotate(Math.PI / 2);
    if (!cell) return;
    const [i, j] = cell;
    write(i, true);
    write(j, false);
    context.strokeStyle = chosen;
    context.lineWidth = locked ? 3 : 2;
    context.strokeRect(margin + j * side, margin + i * side, side, side);
    context.lineWidth = 1;
    context.strokeRect(margin, margin + i * side, side * T, side);
    context.strokeRect(margin + j * side, margin, side, side * T);

    function write(k: number, row: boolean): void {
      const marked = cell && k === cell[row ? 0 : 1];
      context.fillStyle = marked ? chosen : ink;
      context.font = marked ? `bold ${font}` : font;
      const middle = margin + (k + 0.5) * side;
      context.textAlign = row ? "right" : "left";
      if (row) context.fillText(labels[k]!, margin - 5, middle, longest);
      else {
        context.save();
        context.translate(middle, margin - 5);
        context.rotate(-Math.PI / 2);
        context.fillText(labels[k]!, 0, 0, longest);
        context.restore();
      }
    }
  }

  function tell(): void {
    const { layer, head: index } = heads[head]!;
    find(".head-name").textContent = `Layer ${layer}, head ${index}`;
    const [i, j] = cell ?? [0, 0];
    const about = shown().about[i];
    let sum = 0;
    for (let k = 0; k < T; k++) sum += value(head, i, k);
    const whole = about ? ` for '${about}', ${digits(sum)} from all sources` : "";
    const told = causal && j > i ? "masked, it comes later" : digits(value(head, i, j)) + whole;
    find(".readout").textContent = cell
      ? `dest ${i} '${names[i]}' ← src ${j} '${names[j]}': ${told}${locked ? " (locked, Escape unlocks)" : ""}`
      : "Point at a cell to read it; click or tap to lock it.";
  }

  function show(): void {
    drawZoom();
    tell();
  }

  function mark(next: number): void {
    head = Math.max(0, Math.min(heads.length - 1, next));
    buttons.forEach((button, index) => {
      button.setAttribute("aria-checked", String(index === head));
      button.tabIndex = index === head ? 0 : -1;
    });
  }

  function choose(next: number): void {
    mark(next);
    show();
  }

  function cellAt(event: MouseEvent): readonly [number, number] | undefined {
    const box = zoom.getBoundingClientRect();
    const j = Math.floor((event.clientX - box.left - place.left) / place.side);
    const i = Math.floor((event.clientY - box.top - place.top) / place.side);
    return i >= 0 && i < T && j >= 0 && j < T ? [i, j] : undefined;
  }

  function keys(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === choice) return;
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const move = moves[event.key];
    if (event.key === "Escape") {
      locked = false;
      cell = undefined;
      show();
    } else if (move && event.shiftKey) {
      const keep = (k: number) => Math.max(0, Math.min(T - 1, k));
      cell = cell ? [keep(cell[0] + move[0]), keep(cell[1] + move[1])] : [T - 1, 0];
      locked = true;
      show();
    } else if (move) {
      const next = head + move[0] * columns + move[1];
      if (next >= 0 && next < heads.length) choose(next);
      if (page.activeElement !== zoom) buttons[head]!.focus();
    } else return;
    event.preventDefault();
  }

  const buttons = heads.map(({ layer, head: index }, at) => {
    const button = page.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", `layer ${layer}, head ${index}`);
    button.append(page.createElement("canvas"), `L${layer}H${index}`);
    button.addEventListener("click", () => choose(at));
    grid.append(button);
    return button;
  });
  const paintAll = () => {
    const { values, most } = shown();
    const signed = values.some((one) => one < 0);
    find(".least").textContent = signed ? digits(-most) : "0";
    find(".most").textContent = digits(most);
    find(".signed").hidden = !signed;
    for (const [index, button] of buttons.entries()) paint(button.querySelector("canvas")!, index);
  };
  const repaint = () => {
    paintAll();
    show();
  };

  zoom.addEventListener("pointermove", (event) => {
    if (locked) return;
    cell = cellAt(event);
    show();
  });
  zoom.addEventListener("pointerleave", () => {
    if (locked) return;
    cell = undefined;
    show();
  });
  zoom.addEventListener("click", (event) => {
    const next = cellAt(event);
    locked = next !== undefined && !(locked && cell && next[0] === cell[0] && next[1] === cell[1]);
    cell = next;
    show();
  });
  root.addEventListener("keydown", keys);
  byRow.addEventListener("change", repaint);
  choice.addEventListener("change", repaint);
  const recolour = () => {
    look = coloursNow();
    repaint();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour, signal && { signal });
  root.hidden = false;
  const observer = new ResizeObserver(() => show());
  observer.observe(zoom.parentElement!); // shows it the first time, too
  signal?.addEventListener("abort", () => observer.disconnect());
  mark(head);
  paintAll();
  return {
    update(next) {
      views = unpack(next);
      repaint();
    },
    choose,
  };
}
