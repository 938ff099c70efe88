// Shapes: products, equality, and the one function that checks them.

export type Shape = readonly number[];

/** Anything with a shape, a tensor above all. */
export interface Shaped {
  readonly shape: Shape;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** Size of the last axis. */
export function columns(x: Shaped): number {
  const last = x.shape.at(-1);
  if (last === undefined) throw new Error("columns: a tensor of at least one axis is needed, got a scalar");
  return last;
}

/** Product of all axes but the last. */
export function rows(x: Shaped): number {
  return sizeOf(x.shape.slice(0, -1));
}

export function show(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/**
 * Throws `place: name must be [B,T,8], got [2,3,4]` unless the shape matches. Numbers must be equal; a letter stands for any
 * size, but the same letter for the same size. Returns the letters' sizes.
 */
export function expectShape<K extends string>(
  place: string,
  name: string,
  x: Shaped,
  pattern: readonly (K | number)[],
): Record<K, number> {
  const sizes: Partial<Record<K, number>> = {};
  const fits =
    x.shape.length === pattern.length &&
    pattern.every((wanted, axis) => {
      const size = x.shape[axis]!;
      if (typeof wanted === "number") return wanted === size;
      const known = sizes[wanted];
      sizes[wanted] = size;
      return known === undefined || known === size;
    });
  if (!fits) throw new Error(`${place}: ${name} must be [${pattern.join(",")}], got ${show(x.shape)}`);
  // Every letter of the pattern was visited above, so none is missing.
  return sizes as Record<K, number>;
}

/** Throws unless both shapes are equal. */
export function expectSameShape(place: string, a: Shaped, b: Shaped): void {
  if (!sameShape(a.shape, b.shape)) {
    throw new Error(`${place}: shapes must be equal, got ${show(a.shape)} and ${show(b.shape)}`);
  }
}
