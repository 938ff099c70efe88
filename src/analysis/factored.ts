// A product of two matrices that is never multiplied out: [V, V] circuits of a head stay [V, D] times [D, V] (Elhage et al. 2021).
import { type Matrix, matrix, product, rowOf, show, transposed } from "./matrix";
import { type Complex, eigenvalues, singular } from "./spectrum";

/** left [rows, rank] times right [rank, columns]. Immutable; shares the matrices that it is made of. */
export class FactoredMatrix {
  readonly left: Matrix;
  readonly right: Matrix;

  /** @throws Error unless the inner dims match */
  constructor(left: Matrix, right: Matrix) {
    if (left.columns !== right.rows)
      throw new Error(`factored: inner dims must match, got ${show(left)} and ${show(right)}`);
    this.left = left;
    this.right = right;
  }

  get rows(): number {
    return this.left.rows;
  }

  get columns(): number {
    return this.right.columns;
  }

  /** At least the rank of the product. */
  get rank(): number {
    return this.left.columns;
  }

  transposed(): FactoredMatrix {
    return new FactoredMatrix(transposed(this.right), transposed(this.left));
  }

  /** before M after, with what is given on each side. */
  between(before: Matrix | undefined, after: Matrix | undefined): FactoredMatrix {
    return new FactoredMatrix(
      before ? product(before, this.left) : this.left,
      after ? product(this.right, after) : this.right,
    );
  }

  /** This product times another, by the smaller of their ranks. */
  times(other: FactoredMatrix): FactoredMatrix {
    const inner = product(this.right, other.left);
    return this.rank <= other.rank
      ? new FactoredMatrix(this.left, product(inner, other.right))
      : new FactoredMatrix(product(this.left, inner), other.right);
  }

  /** The Frobenius norm: |A B|^2 = sum of (A^T A) * (B B^T), entry by entry. */
  norm(): number {
    const a = product(transposed(this.left), this.left);
    const b = product(this.right, transposed(this.right));
    const square = a.values.reduce((sum, value, i) => sum + value * b.values[i]!, 0);
    return Math.sqrt(Math.max(0, square)); // rounding may leave a tiny negative of nothing
  }

  /** Sum of the diagonal, which is the trace of right times left. Throws an Error unless square. */
  trace(): number {
    this.#expectSquare("trace");
    let sum = 0;
    for (let i = 0; i < this.rows; i++) sum += this.entry(i, i);
    return sum;
  }

  /**
   * The eigenvalues of right times left [rank, rank], largest magnitude first: those of the product but for zeros.
   * @throws Error unless the product is square and finite
   */
  eigenvalues(): Complex[] {
    this.#expectSquare("eigenvalues");
    return eigenvalues(product(this.right, this.left));
  }

  /**
   * The largest `rank` singular values of the product at most, by those of the factors: nothing of size rows x columns is made.
   * @throws Error unless finite
   */
  singularValues(): readonly number[] {
    const a = singular(this.left);
    const b = singular(this.right);
    // diag(a) right_a^T left_b diag(b): what is beside it in the product only turns.
    const core = product(transposed(a.right), b.left);
    const scaled = core.values.map(
      (value, at) => value * a.values[Math.floor(at / core.columns)]! * b.values[at % core.columns]!,
    );
    return singular({ ...core, values: scaled }).values;
  }

  entry(row: number, column: number): number {
    const { values: right, columns } = this.right;
    const at = row * this.rank;
    let sum = 0;
    for (let k = 0; k < this.rank; k++) sum += this.left.values[at + k]! * right[k * columns + column]!;
    return sum;
  }

  /** One row of the product, [columns]. */
  row(index: number): Float64Array {
    return product(matrix(1, this.rank, rowOf(this.left, index)), this.right).values;
  }

  /** Sum of all entries: column sums of left times row sums of right. */
  total(): number {
    let sum = 0;
    for (let k = 0; k < this.rank; k++) {
      let column = 0;
      for (let i = 0; i < this.rows; i++) column += this.left.values[i * this.rank + k]!;
      sum += column * rowOf(this.right, k).reduce((total, value) => total + value, 0);
    }
    return sum;
  }

  /** The product itself, [rows, columns]. */
  dense(): Matrix {
    return product(this.left, this.right);
  }

  #expectSquare(what: string): void {
    if (this.rows !== this.columns)
      throw new Error(`factored: ${what} needs a square product, got [${this.rows}, ${this.columns}]`);
  }
}
