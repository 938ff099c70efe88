// The attention viewer, as it runs in the reader's browser: a grid of heads, one head large, and its tokens as a text. The page holds this
// function's source text (`Function.prototype.toString`), so it uses nothing from outside itself but the DOM and what it is given.

import type { ViewerData } from "./viewer-data";
import type { ViewerParts } from "./viewer-parts";

/**
 * @param root holds `.heads`, `canvas.zoom`, `.head-name`, `.readout`, `select.view`, `.least`, `.most`, `.signed` and `input.by-row`, `.tokens`
 * @param signal ends it, where the page lives longer than what it shows: what it listens to outside the root would keep all of it
 */
export function viewer(
  root: HTMLElement,
  data: ViewerData,
  { viewerColours, tokenStrip }: ViewerParts,
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

  let head = data.first;
  let cell: readonly [number, number] | undefined; // row (query), column (key)
  let locked = false;
  let place = { left: 0, top: 0, side: 1 };
  let views = unpack(data.views);
  let look = viewerColours(root);

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

  /** One pixel a value of row i, from the beginning of `pixels`. */
  function paintRow(h: number, i: number, pixels: Uint32Array): void {
    const { values, most } = shown();
    const { plus, minus, masked } = look;
    const start = (h * T + i) * T;
    let top = 0;
    if (byRow.checked) for (let j = 0; j < T; j++) top = Math.max(top, Math.abs(values[start + j]!));
    const full = plus.length - 1;
    const factor = full / (top || most || 1);
    for (let j = 0; j < T; j++) {
      const shade = Math.min(full, Math.round(Math.abs(values[start + j]! * factor)));
      pixels[j] = causal && j > i ? masked : (values[start + j]! < 0 ? minus : plus)[shade]!;
    }
  }

  function paint(canvas: HTMLCanvasElement, h: number): void {
    canvas.width = canvas.height = T;
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(T, T);
    for (let i = 0; i < T; i++) paintRow(h, i, new Uint32Array(image.data.buffer, 4 * i * T, T));
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
    const pixels = new Uint32Array(T);
    if (cell) paintRow(head, cell[0], pixels);
    if (cell && causal) pixels.fill(0, cell[0] + 1);
    strip.show(cell?.[0], pixels);
  }

  /** The cell of what this token attends to most. */
  function strongest(i: number): readonly [number, number] {
    let best = 0;
    for (let j = 1; j < T; j++) if (Math.abs(value(head, i, j)) > Math.abs(value(head, i, best))) best = j;
    return [i, best];
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

  const pointAt = (next: typeof cell) => {
    if (locked) return;
    cell = next;
    show();
  };
  /** The one that is locked is let go. */
  const clickOn = (next: typeof cell) => {
    locked = next !== undefined && !(locked && cell && next[0] === cell[0] && next[1] === cell[1]);
    cell = next;
    show();
  };
  const strip = tokenStrip(
    find(".tokens"),
    names,
    (token) => pointAt(token === undefined ? undefined : strongest(token)),
    (token) => {
      clickOn(strongest(token));
      zoom.focus({ preventScroll: true }); // for the keys
    },
  );
  zoom.addEventListener("pointermove", (event) => pointAt(cellAt(event)));
  zoom.addEventListener("pointerleave", () => pointAt(undefined));
  zoom.addEventListener("click", (event) => clickOn(cellAt(event)));
  root.addEventListener("keydown", keys);
  byRow.addEventListener("change", repaint);
  choice.addEventListener("change", repaint);
  const recolour = () => {
    look = viewerColours(root);
    repaint();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour, signal && { signal });
  root.hidden = false;
  // In the next frame: the large map is as high as it is wide, and a size that changes at once is told as an error.
  const observer = new ResizeObserver(() => requestAnimationFrame(show));
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
