// How a stored tensor lies beside the tensors of a model: one table serves reading and writing.
//
// A stored tensor may hold several of the model's, as fused queries, keys and values do, and may be their transpose: other programs
// keep [outputs, inputs] where heed keeps [inputs, outputs].

/** One of the model's tensors, [rows, columns], inside a stored one: column o stands at floor(o / block) every + offset + o mod block. */
export interface Piece {
  /** Its path in the model. */
  readonly path: string;
  readonly columns: number;
  readonly block: number;
  readonly every: number;
  readonly offset: number;
}

export interface Layout {
  /** Its name in the file. */
  readonly name: string;
  /** Its shape in the file. */
  readonly shape: readonly number[];
  /** Whether its rows are the model's columns. */
  readonly transposed: boolean;
  readonly pieces: readonly Piece[];
}

/** A tensor that is stored as it is. */
export function same(name: string, path: string, ...shape: readonly number[]): Layout {
  return { name, shape, transposed: false, pieces: [whole(path, shape.at(-1)!)] };
}

/** A matrix [inputs, outputs] that is stored as [outputs, inputs]. */
export function flipped(name: string, path: string, inputs: number, outputs: number): Layout {
  return { name, shape: [outputs, inputs], transposed: true, pieces: [whole(path, outputs)] };
}

/** The weight, stored as [outputs, inputs], and the bias of a linear layer. */
export function linearLayer(
  [name, path]: readonly [string, string],
  [inputs, outputs]: readonly [number, number],
  bias: boolean,
): Layout[] {
  const weight = flipped(`${name}.weight`, `${path}.weight`, inputs, outputs);
  return bias ? [weight, same(`${name}.bias`, `${path}.bias`, outputs)] : [weight];
}

/** The gain and the bias of a norm. */
export function normLayer([name, path]: readonly [string, string], width: number, bias: boolean): Layout[] {
  const gain = same(`${name}.weight`, `${path}.gain`, width);
  return bias ? [gain, same(`${name}.bias`, `${path}.bias`, width)] : [gain];
}

function whole(path: string, columns: number): Piece {
  return { path, columns, block: columns, every: columns, offset: 0 };
}

/** Elements of one stored row. A vector is a single row. */
export function rowSize({ shape }: Layout): number {
  return shape.at(-1)!; // no stored tensor is a scalar
}

/**
 * @param stored whole stored rows, from row `first` on
 * @param pieces the model's tensors, whole, in the order of the layout
 */
export function scatter(
  layout: Layout,
  stored: Float32Array,
  first: number,
  pieces: readonly Float32Array[],
): void {
  transfer(layout, stored.length, first, pieces, (x, i, at, step, count) => {
    if (step === 1) x.set(stored.subarray(at, at + count), i);
    else for (let n = 0; n < count; n++) x[i + n] = stored[at + n * step]!;
  });
}

/** The other way: fills `stored` from the model's tensors. */
export function gather(
  layout: Layout,
  stored: Float32Array,
  first: number,
  pieces: readonly Float32Array[],
): void {
  transfer(layout, stored.length, first, pieces, (x, i, at, step, count) => {
    if (step === 1) stored.set(x.subarray(i, i + count), at);
    else for (let n = 0; n < count; n++) stored[at + n * step] = x[i + n]!;
  });
}

/** Runs over `count` neighbouring elements from i on in one of the model's tensors, `step` apart from `at` on in the stored one. */
type Run = (x: Float32Array, i: number, at: number, step: number, count: number) => void;

/** Columns that are written side by side: a cache line. */
const TILE = 16;

function transfer(
  layout: Layout,
  elements: number,
  first: number,
  pieces: readonly Float32Array[],
  run: Run,
): void {
  const size = rowSize(layout);
  const rows = elements / size;
  for (const [p, { columns, block, every, offset }] of layout.pieces.entries()) {
    const x = pieces[p]!; // one for each
    const width = layout.transposed ? TILE : block;
    for (let o = 0; o < columns; o += Math.min(width, block - (o % block))) {
      const count = Math.min(width, block - (o % block));
      const place = Math.floor(o / block) * every + offset + (o % block);
      if (layout.transposed) {
        const from = Math.max(place, first);
        const inside = Math.min(place + count, first + rows) - from;
        if (inside <= 0) continue;
        const at = (from - first) * size;
        for (let i = 0; i < size; i++) run(x, i * columns + o + from - place, at + i, size, inside);
      } else {
        for (let row = 0; row < rows; row++)
          run(x, (first + row) * columns + o, row * size + place, 1, count);
      }
    }
  }
}
