// What fused attention takes besides queries, keys and values: checked here, and put in the order of the kernels.
import { expectShape, show } from "../tensor/shape";
import { integers, type Tensor } from "../tensor/tensor";
import type { AttentionSizes } from "./attention";

/** A bias on logits by relative distance: element (h, clip(j - place + zero)) of the table for source j and a query at `place`. */
export interface RelativeBias {
  /** [H, R]; distances that fall out of it take its first or last element. Gradients flow to it. */
  readonly table: Tensor;
  /** The column of distance 0: S - 1 in a table of all R = T + S - 1 distances, W in one of -W .. W. */
  readonly zero: number;
}

export interface AttentionOptions {
  /** Factor on q k, usually 1 / sqrt(D). */
  readonly scale: number;
  /** Whether a token sees only sources up to its own place. Query i stands at place i + (S - T): the last token sees all. */
  readonly causal: boolean;
  /** Rows of k and v that hold anything; the default is all. A cache may have more. */
  readonly sources?: number | undefined;
  /** [T] or [B, T], a further factor on q k: log-n scaling (Su 2021, kexue.fm/archives/8823). No gradient flows to it. */
  readonly rowScale?: Tensor | undefined;
  /** Added to the scaled logits: T5's relative bias (Raffel et al. 2019, arXiv:1910.10683), ALiBi (Press et al. 2021, arXiv:2108.12409). */
  readonly bias?: RelativeBias | undefined;
  /** i32 [B]: only so many sources of a batch item hold anything (padding on the right). */
  readonly keyLengths?: Tensor | undefined;
  /** [B, S], f32 or i32: 0 where nobody sees the source. Its keys and values must still be finite. */
  readonly keyMask?: Tensor | undefined;
  /** Sources before and after its own place that a token sees; either may be left out (Beltagy et al. 2020, arXiv:2004.05150). */
  readonly window?: { readonly before?: number; readonly after?: number } | undefined;
}

/** As many sources as there are. */
const ALL = 2 ** 31 - 1;

/** Throws at the first option that does not fit. */
export function checkTerms(place: string, { B, T, H, S }: AttentionSizes, options: AttentionOptions): void {
  const { rowScale, bias, keyLengths, keyMask } = options;
  if (!Number.isFinite(options.scale)) {
    throw new Error(`${place}: scale must be a finite number, got ${options.scale}`);
  }
  for (const [side, reach] of Object.entries(options.window ?? {})) {
    if (reach === undefined || reach === Number.POSITIVE_INFINITY) continue;
    if (!Number.isInteger(reach) || reach < 0) {
      throw new Error(
        `${place}: window ${side} must be a whole number of at least 0 sources besides a token's own, got ${reach}`,
      );
    }
  }
  if (rowScale) expectShape(place, "rowScale", rowScale, rowScale.shape.length === 1 ? [T] : [B, T]);
  if (bias) {
    const { R } = expectShape(place, "bias.table", bias.table, [H, "R"]);
    if (!(Number.isInteger(bias.zero) && bias.zero >= 0 && bias.zero < R)) {
      throw new Error(
        `${place}: bias.zero must be a column of the table ${show(bias.table.shape)}, got ${bias.zero}`,
      );
    }
  }
  if (keyLengths) {
    expectShape(place, "keyLengths", keyLengths, [B]);
    const wrong = integers(keyLengths).find((length) => length < 0 || length > S);
    if (wrong !== undefined) throw new Error(`${place}: keyLengths must be 0..${S}, got ${wrong}`);
  }
  if (keyMask) expectShape(place, "keyMask", keyMask, [B, S]);
}

/** The kernels' arguments from `scale` on, for batch item `item` and head `head` on. */
export function termArguments({ T, S }: AttentionSizes, options: AttentionOptions, item = 0, head = 0) {
  const { scale, causal, rowScale, bias, keyLengths, keyMask } = options;
  const { before = ALL, after = ALL } = options.window ?? {};
  const R = bias?.table.shape[1] ?? 0;
  const step = rowScale?.shape.length === 2 ? T : 0;
  return [
    scale,
    Math.min(before, ALL),
    causal ? 0 : Math.min(after, ALL),
    rowScale ? rowScale.ptr + 4 * item * step : 0,
    step,
    bias ? bias.table.ptr + 4 * head * R : 0,
    R,
    bias?.zero ?? 0,
    keyLengths ? keyLengths.ptr + 4 * item : 0,
    keyMask ? keyMask.ptr + 4 * item * S : 0,
  ] as const;
}
