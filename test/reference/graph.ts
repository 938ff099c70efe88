// Reverse-mode differentiation of single numbers: the executable specification of every gradient. Each step is rounded by `round`:
// the identity gives the float64 reference, Math.fround naive f32, whose error is what the tests compare with.
import { erf } from "./math";

/** What a number is rounded to; `computation` tells apart numbers that different loops make, for roundings that are drawn. */
export type Round = (x: number, computation: number) => number;
export const float64: Round = (x) => x;

export interface Node {
  readonly value: number;
  grad: number;
  readonly parents: readonly Node[];
  /** d value / d parent. */
  readonly partials: readonly number[];
}

const TWO_OVER_SQRT_PI = 1.1283791670955126;

export class Graph {
  readonly #round: (x: number) => number;
  readonly #nodes: Node[] = [];
  #computation = 0;

  constructor(round: Round) {
    this.#round = (x) => round(x, this.#computation);
  }

  /** What `make` makes, as another loop would that sums in another order: its roundings are its own. */
  elsewhere<T>(make: () => T): T {
    this.#computation += 1;
    try {
      return make();
    } finally {
      this.#computation -= 1;
    }
  }

  leaf(value: number): Node {
    return this.#node(value, [], []);
  }

  add(a: Node, b: Node): Node {
    return this.#node(a.value + b.value, [a, b], [1, 1]);
  }

  sub(a: Node, b: Node): Node {
    return this.#node(a.value - b.value, [a, b], [1, -1]);
  }

  mul(a: Node, b: Node): Node {
    return this.#node(a.value * b.value, [a, b], [b.value, a.value]);
  }

  div(a: Node, b: Node): Node {
    const y = this.#round(a.value / b.value);
    return this.#node(y, [a, b], [1 / b.value, -y / b.value]);
  }

  /** factor * a, for a factor that no gradient flows to. */
  scale(a: Node, factor: number): Node {
    return this.#node(a.value * this.#round(factor), [a], [factor]);
  }

  sum(terms: readonly Node[]): Node {
    const total = terms.reduce((sum, { value }) => this.#round(sum + value), 0);
    return this.#node(
      total,
      terms,
      terms.map(() => 1),
    );
  }

  /** sum of a[i] b[i], term after term. */
  dot(a: readonly Node[], b: readonly Node[]): Node {
    const total = a.reduce((sum, x, i) => this.#round(sum + this.#round(x.value * b[i]!.value)), 0);
    return this.#node(total, [...a, ...b], [...b.map(({ value }) => value), ...a.map(({ value }) => value)]);
  }

  exp(a: Node): Node {
    const y = this.#round(Math.exp(a.value));
    return this.#node(y, [a], [y]);
  }

  log(a: Node): Node {
    return this.#node(Math.log(a.value), [a], [1 / a.value]);
  }

  sqrt(a: Node): Node {
    const y = this.#round(Math.sqrt(a.value));
    return this.#node(y, [a], [0.5 / y]);
  }

  tanh(a: Node): Node {
    const y = this.#round(Math.tanh(a.value));
    return this.#node(y, [a], [1 - this.#round(y * y)]);
  }

  erf(a: Node): Node {
    return this.#node(
      erf(a.value),
      [a],
      [TWO_OVER_SQRT_PI * this.#round(Math.exp(-this.#round(a.value * a.value)))],
    );
  }

  relu(a: Node): Node {
    return this.#node(Math.max(a.value, 0), [a], [a.value > 0 ? 1 : 0]);
  }

  /** Fills in every `grad`: the derivative of the sum of outputs[i] seeds[i]. Once per graph. */
  backward(outputs: readonly Node[], seeds: ArrayLike<number>): void {
    outputs.forEach((output, i) => {
      output.grad += seeds[i]!;
    });
    for (const node of this.#nodes.toReversed()) {
      if (node.grad === 0) continue;
      node.parents.forEach((parent, i) => {
        parent.grad = this.#round(parent.grad + this.#round(node.grad * node.partials[i]!));
      });
    }
  }

  #node(value: number, parents: readonly Node[], partials: readonly number[]): Node {
    const node: Node = { value: this.#round(value), grad: 0, parents, partials: partials.map(this.#round) };
    this.#nodes.push(node);
    return node;
  }
}
