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
 * Copies stored rows into the model's tensors.
 * @param stored whole rows, from row `first` on
 * @param pieces the model's tensors, whole, in the order of the layout
 */
export function scatter(
  layout: Layout,
  stored: Float32Array,
  first: number,
  pieces: readonly Float32Array[],
): void {
  for (const { piece, model, file, size } of blocks(layout, first, stored.length))
    copy(pieces[piece]!, model, stored, file, size); // one for each
}

/** The other way: the whole stored tensor from the model's. */
export function gather(layout: Layout, pieces: readonly Float32Array[]): Float32Array {
  const stored = new Float32Array(layout.shape.reduce((product, dim) => product * dim, 1));
  for (const { piece, model, file, size } of blocks(layout, 0, stored.length))
    copy(stored, file, pieces[piece]!, model, size);
  return stored;
}

/** Where a matrix lies in an array: its first element, and the steps from row to row and from column to column. */
type Strides = readonly [start: number, row: number, column: number];

/** A matrix that both sides have. */
interface Block {
  readonly piece: number;
  readonly model: Strides;
  readonly file: Strides;
  readonly size: readonly [rows: number, columns: number];
}

/** Columns that are written side by side where the other side is transposed: a cache line. */
const TILE = 16;

/** The parts of the stored rows from `first` on, of so many elements in all. */
function* blocks(layout: Layout, first: number, elements: number): Generator<Block> {
  const size = rowSize(layout);
  const rows = elements / size;
  for (const [piece, { columns, block, every, offset }] of layout.pieces.entries()) {
    const most = layout.transposed ? TILE : block;
    for (let o = 0, count = 0; o < columns; o += count) {
      count = Math.min(most, block - (o % block));
      const place = Math.floor(o / block) * every + offset + (o % block);
      if (layout.transposed) {
        const from = Math.max(place, first);
        const inside = Math.min(place + count, first + rows) - from;
        if (inside <= 0) continue;
        const model: Strides = [o + from - place, columns, 1];
        yield { piece, model, file: [(from - first) * size, 1, size], size: [size, inside] };
      } else {
        yield {
          piece,
          model: [first * columns + o, columns, 1],
          file: [place, size, 1],
          size: [rows, count],
        };
      }
    }
  }
}

function copy(
  to: Float32Array,
  [toStart, toRow, toColumn]: Strides,
  from: Float32Array,
  [fromStart, fromRow, fromColumn]: Strides,
  [rows, columns]: Block["size"],
): void {
  for (let row = 0; row < rows; row++) {
    let target = toStart + row * toRow;
    let source = fromStart + row * fromRow;
    for (let column = 0; column < columns; column++, target += toColumn, source += fromColumn)
      to[target] = from[source]!;
  }
}
