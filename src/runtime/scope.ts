// Nested lifetimes: what is made inside a scope is released at its end, unless it is returned, which hands it to the parent.

/** Something with linear memory behind it. `release` is idempotent. */
export interface Resource {
  release(): void;
}

type Owned = Set<Resource>;

let current: Owned | undefined;

/** Enters `resource` in the innermost scope. False outside of any scope: then the caller must find it another owner. */
export function own(resource: Resource): boolean {
  current?.add(resource);
  return current !== undefined;
}

/** Takes `resource` out of the innermost scope, so that it outlives it. */
export function disown(resource: Resource): void {
  current?.delete(resource);
}

/**
 * Runs `body` and releases what it made, except `survivors(result)`, which the enclosing scope adopts or, at the outermost level,
 * `orphan` receives. Synchronous only: a promise would resolve after its tensors were gone.
 */
export function runScope<T>(body: () => T, survivors: (result: T) => Iterable<Resource>, orphan: (kept: Resource) => void): T {
  const parent = current;
  const owned: Owned = new Set();
  current = owned;
  try {
    const result = body();
    if (result instanceof Promise) throw new Error("scope: the body must be synchronous, got a promise; await outside the scope");
    for (const kept of survivors(result)) {
      if (!owned.delete(kept)) continue;
      if (parent) parent.add(kept);
      else orphan(kept);
    }
    return result;
  } finally {
    current = parent;
    for (const resource of owned) resource.release();
  }
}
