// Float64 twins of assembly/rope.ts. x: [batch, tokens, heads, dim]; cos, sin: [tokens, rotary / 2].
type Values = ArrayLike<number>;

export interface RopeShape {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly dim: number;
  readonly rotary: number;
}

/** Turns the pair (j, j + rotary/2) of every head by the angle of its token; `direction` -1 turns back, which is the gradient. */
export function rope(
  x: Values,
  cos: Values,
  sin: Values,
  shape: RopeShape,
  direction: 1 | -1 = 1,
): Float64Array {
  const { batch, tokens, heads, dim, rotary } = shape;
  const half = rotary / 2;
  const y = Float64Array.from(x);
  for (let row = 0; row < batch * tokens * heads; row++) {
    const token = Math.floor(row / heads) % tokens;
    for (let j = 0; j < half; j++) {
      const c = cos[token * half + j]!;
      const s = direction * sin[token * half + j]!;
      const first = x[row * dim + j]!;
      const second = x[row * dim + j + half]!;
      y[row * dim + j] = first * c - second * s;
      y[row * dim + j + half] = second * c + first * s;
    }
  }
  return y;
}
