// The twins of ops/logits.ts and of submatrix: every index written out.
import type { Graph, Node } from "./graph";
import { type Grid, map } from "./ops";

/** Logits [B, H, T, S] plus bias[h, j] of [H or 1, N]. */
export function addSourceBias(g: Graph, logits: Grid, bias: Grid): Grid {
  const [, H, T, S] = logits.shape as [number, number, number, number];
  const [R, N] = bias.shape as [number, number];
  return map(logits, (value, i) =>
    g.add(value, bias.data[((Math.floor(i / (T * S)) % H) % R) * N + (i % S)]!),
  );
}

export function submatrix(_: Graph, x: Grid, first: number, rows: number, columns: number): Grid {
  const [R, C] = x.shape.slice(-2) as [number, number];
  const lead = x.shape.slice(0, -2);
  const data: Node[] = [];
  for (let m = 0; m < lead.reduce((product, dim) => product * dim, 1); m++)
    for (let r = first; r < first + rows; r++)
      for (let c = 0; c < columns; c++) data.push(x.data[(m * R + r) * C + c]!);
  return { shape: [...lead, rows, columns], data };
}

/** S_ij of factors a [B, H, T, A], b [B, H, T or R, F]: the three products as the paper and its reading write them. */
export function factorLogits(
  g: Graph,
  a: Grid,
  b: Grid,
  { map: kind, past, sources }: { map: string; past: number; sources: number },
): Grid {
  const [B, H, T, A] = a.shape as [number, number, number, number];
  const [, , R, F] = b.shape as [number, number, number, number];
  const at = (n: number, h: number, t: number, j: number) => a.data[((n * H + h) * T + t) * A + j]!;
  const bt = (n: number, h: number, t: number, j: number) => b.data[((n * H + h) * R + t) * F + j]!;
  const data: Node[] = [];
  for (let n = 0; n < B; n++)
    for (let h = 0; h < H; h++)
      for (let t = 0; t < T; t++)
        for (let j = 0; j < sources; j++) {
          const right =
            kind === "tile-repeat"
              ? bt(n, h, t, Math.floor(j / A))
              : kind === "tile-tile"
                ? bt(n, h, t, j % F)
                : bt(n, h, j, (past + t) % F);
          data.push(g.mul(at(n, h, t, j % A), right));
        }
  return { shape: [B, H, T, sources], data };
}

/** sum over m of weights[h or 0, m] logits_m; a member of one sequence counts for all. */
export function mixLogits(g: Graph, members: readonly Grid[], weights: Grid): Grid {
  const first = members.find(({ shape }) => shape[0] !== 1) ?? members[0]!;
  const [, H, T, S] = first.shape as [number, number, number, number];
  const M = members.length;
  return map(first, (_, i) => {
    const h = weights.shape[0] === 1 ? 0 : Math.floor(i / (T * S)) % H;
    return g.dot(
      weights.data.slice(h * M, (h + 1) * M),
      members.map(({ data }) => data[i % data.length]!),
    );
  });
}
