// Whether a file holds the tensors that a model needs: all of them, no others, in their shapes.
import { type Shape, sameShape, show } from "../tensor/shape";

interface Shaped {
  readonly shape: Shape;
}

/** Names in a message. */
const MOST_NAMES = 4;

/** @throws Error `place: ...` with what is missing and unexpected, or the first shape that differs */
export function expectStored(
  place: string,
  wanted: ReadonlyMap<string, Shaped>,
  stored: ReadonlyMap<string, Shaped>,
): void {
  const missing = [...wanted.keys()].filter((name) => !stored.has(name));
  const unexpected = [...stored.keys()].filter((name) => !wanted.has(name));
  if (missing.length > 0 || unexpected.length > 0) {
    throw new Error(
      `${place}: tensors must be the model's; missing ${listed(missing)}, unexpected ${listed(unexpected)}`,
    );
  }
  for (const [name, { shape }] of wanted) {
    const got = stored.get(name)!.shape; // none is missing
    if (!sameShape(got, shape)) throw new Error(`${place}: ${name} must be ${show(shape)}, got ${show(got)}`);
  }
}

/** The first of some names, and how many more there are. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
