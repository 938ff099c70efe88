// The twins of the ops on heads: attention part by part, and what is done to one head.
import { logSumExp } from "./basic-ops";
import type { Graph, Node } from "./graph";
import { type Grid, map, mapRows, product } from "./grid";

/** scale q kᵀ: q [B, T, H, D], k [B or 1, R, G, D] of which the first `sources` rows count; logits [B, H, T, S]. */
export function queryKey(g: Graph, q: Grid, k: Grid, factor: number, sources = k.shape[1]!): Grid {
  const [B, T, H] = q.shape as [number, number, number];
  const data: Node[] = [];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let t = 0; t < T; t++)
        for (let s = 0; s < sources; s++) {
          data.push(g.scale(g.dot(head(q, b, t, h), head(k, b % k.shape[0]!, s, keyHead(q, k, h))), factor));
        }
  return { shape: [B, H, T, sources], data };
}

/** P v: weights p [B or 1, H, T, S], v [B, >=S, G, D]; gives [B, T, H, D]. */
export function weighValues(g: Graph, p: Grid, v: Grid): Grid {
  const [, H, T, S] = p.shape as [number, number, number, number];
  const [B, , , D] = v.shape as [number, number, number, number];
  const y = { shape: [B, T, H, D], data: [] };
  const data: Node[] = [];
  for (let b = 0; b < B; b++)
    for (let t = 0; t < T; t++)
      for (let h = 0; h < H; h++) {
        const row = ((b % p.shape[0]!) * H + h) * T + t;
        const weights = p.data.slice(row * S, (row + 1) * S);
        const rows = weights.map((_, s) => head(v, b, s, keyHead(y, v, h)));
        for (let d = 0; d < D; d++) {
          data.push(
            g.dot(
              weights,
              rows.map((row) => row[d]!),
            ),
          );
        }
      }
  return { shape: y.shape, data };
}

/** Logits [B, H, T, S] with -infinity where `allowed` says no; token t stands at S - T + t. */
export function masked(g: Graph, logits: Grid, allowed: (query: number, source: number) => boolean): Grid {
  const [, , T, S] = logits.shape as [number, number, number, number];
  return map(logits, (value, i) =>
    allowed(S - T + (Math.floor(i / S) % T), i % S) ? value : g.leaf(Number.NEGATIVE_INFINITY),
  );
}

/** What fused attention adds to scale and mask; each as in src/ops/attention-terms.ts, tables and factors as numbers. */
export interface Terms {
  readonly rowScale?: ArrayLike<number> | undefined;
  readonly zero?: number | undefined;
  readonly keyLengths?: readonly number[] | undefined;
  readonly keyMask?: ArrayLike<number> | undefined;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

export function attention(
  g: Graph,
  [q, k, v, table]: readonly [Grid, Grid, Grid, Grid?],
  options: { scale: number; causal: boolean; sources?: number } & Terms,
): Grid {
  const visible = () => {
    const logits = queryKey(g, q, k, options.scale, options.sources);
    return withTerms(g, logits, table, options);
  };
  return weighValues(g, softmaxTwice(g, visible(), g.elsewhere(visible)), v);
}

/** Logits [B, H, T, S] times factors per row, plus a bias by distance, -infinity where a source is not seen. */
export function withTerms(
  g: Graph,
  logits: Grid,
  table: Grid | undefined,
  {
    causal,
    rowScale,
    zero = 0,
    keyLengths,
    keyMask,
    before = Infinity,
    after = Infinity,
  }: { causal: boolean } & Terms,
): Grid {
  const [, H, T, S] = logits.shape as [number, number, number, number];
  return map(logits, (value, index) => {
    const [b, h, t, j] = [index / (H * T * S), (index / (T * S)) % H, (index / S) % T, index % S].map(
      Math.floor,
    ) as [number, number, number, number]; // of four
    const distance = j - (t + S - T);
    const seen =
      distance <= (causal ? 0 : after) &&
      distance >= -before &&
      j < (keyLengths?.[b] ?? S) &&
      keyMask?.[b * S + j] !== 0;
    if (!seen) return g.leaf(Number.NEGATIVE_INFINITY);
    const scaled = rowScale ? g.scale(value, rowScale[rowScale.length > T ? b * T + t : t]!) : value;
    if (!table) return scaled;
    const R = table.shape[1]!;
    return g.add(scaled, table.data[h * R + Math.min(Math.max(distance + zero, 0), R - 1)]!);
  });
}

/**
 * Softmax as exp(logit - log-sum-exp), with logits that are made a second time, as fused attention does for weights and gradients:
 * where steps are rounded, these are not quite the logits in the log-sum-exp.
 */
export function softmaxTwice(g: Graph, x: Grid, again: Grid): Grid {
  return mapRows(x, (row, index) => {
    if (row.every(({ value }) => value === Number.NEGATIVE_INFINITY)) return row.map(() => g.leaf(0));
    const lse = logSumExp(g, row);
    return row.map((_, i) => g.exp(g.sub(again.data[index * row.length + i]!, lse)));
  });
}

/** Head h of x [B, H, ...]. */
export function headOf(_: Graph, x: Grid, head: number): Grid {
  const [B, H, ...rest] = x.shape as [number, number, ...number[]];
  const step = product(rest);
  const data = Array.from({ length: B }, (_, b) =>
    x.data.slice((b * H + head) * step, (b * H + head + 1) * step),
  );
  return { shape: [B, ...rest], data: data.flat() };
}

/** x [B, H, ...] with y in place of head h. */
export function withHead(_: Graph, x: Grid, head: number, y: Grid): Grid {
  const [, H, ...rest] = x.shape as [number, number, ...number[]];
  const step = product(rest);
  const own = (i: number) => Math.floor(i / step) % H === head;
  return map(x, (value, i) => (own(i) ? y.data[Math.floor(i / (H * step)) * step + (i % step)]! : value));
}

/** mixed [B, T, H, D] by rows hD..hD+D-1 of the weight [H D, C] for each head h. */
export function headOutputs(g: Graph, mixed: Grid, weight: Grid): Grid {
  const [B, T, H, D] = mixed.shape as [number, number, number, number];
  const C = weight.shape[1]!;
  const data = Array.from({ length: B * T * H * C }, (_, i) => {
    const [row, c] = [Math.floor(i / C), i % C];
    const column = Array.from({ length: D }, (_, d) => weight.data[((row % H) * D + d) * C + c]!);
    return g.dot(mixed.data.slice(row * D, (row + 1) * D), column);
  });
  return { shape: [B, T, H, C], data };
}

function head(x: Grid, b: number, t: number, h: number): readonly Node[] {
  const [, T, H, D] = x.shape as [number, number, number, number];
  const start = ((b * T + t) * H + h) * D;
  return x.data.slice(start, start + D);
}

function keyHead(q: { readonly shape: readonly number[] }, k: Grid, h: number): number {
  return Math.floor(h / (q.shape[2]! / k.shape[2]!));
}
