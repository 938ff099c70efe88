// A causal, post-norm transformer encoder with one head in float64, written from its definition: the twin of the model of text runs.

export type Rows = number[][];

export interface EncoderParameters {
  readonly token: Rows;
  readonly decoder: { readonly weight: Rows; readonly bias: readonly number[] };
  readonly blocks: readonly Readonly<
    Record<string, { readonly weight: Rows; readonly bias: readonly number[] }>
  >[];
}

/** Logits [T][V] and the attention weights of each block [T][T]. */
export function encoderForward({ token, decoder, blocks }: EncoderParameters, sequence: readonly number[]) {
  const C = token[0]!.length;
  const attention: Rows[] = [];
  let x = sequence.map((id, t) =>
    token[id]!.map((value, c) => {
      const angle = t / 10000 ** ((c - (c % 2)) / C);
      return value * Math.sqrt(C) + (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }),
  );
  for (const block of blocks) {
    const part = (name: string, rows: Rows) => affine(rows, block[name]!);
    const [q, k, v] = ["query", "key", "value"].map((name) => part(name, x));
    const weights = q!.map((row, i) => {
      const scores = k!.slice(0, i + 1).map((key) => dot(row, key) / Math.sqrt(C));
      const whole = scores.reduce((sum, s) => sum + Math.exp(s), 0);
      return x.map((_, j) => (j <= i ? Math.exp(scores[j]!) / whole : 0));
    });
    attention.push(weights);
    const mixed = weights.map((row) =>
      v![0]!.map((_, c) => row.reduce((sum, w, j) => sum + w * v![j]![c]!, 0)),
    );
    const middle = norm(plus(x, part("output", mixed)));
    const hidden = part("up", middle).map((row) => row.map((value) => Math.max(0, value)));
    x = norm(plus(middle, part("down", hidden)));
  }
  return { logits: affine(x, decoder), attention };
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const plus = (a: Rows, b: Rows) => a.map((row, t) => row.map((value, c) => value + b[t]![c]!));

function affine(
  x: Rows,
  { weight, bias }: { readonly weight: Rows; readonly bias: readonly number[] },
): Rows {
  return x.map((row) =>
    bias.map((b, j) => b + row.reduce((sum, value, i) => sum + value * weight[i]![j]!, 0)),
  );
}

/** LayerNorm with gain 1 and bias 0. */
function norm(x: Rows): Rows {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value) => (value - mean) / Math.sqrt(variance + 1e-5));
  });
}
