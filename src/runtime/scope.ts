// Nested lifetimes: what is made inside a scope is released at its end, unless it is returned, which hands it to the parent.

/** Something with linear memory behind it. `release` is idempotent. */
export interface Resource {
  release(): void;
}

interface Scope {
  readonly owned: Set<Resource>;
  readonly parent: Scope | undefined;
}

let current: Scope | undefined;

/** Enters `resource` in the innermost scope. False outside of any scope: then the caller must find it another owner. */
export function own(resource: Resource): boolean {
  current?.owned.add(resource);
  return current !== undefined;
}

/** Takes `resource` out of the scope that owns it, so that it outlives all of them. */
export function disown(resource: Resource): void {
  for (let scope = current; scope && !scope.owned.delete(resource); scope = scope.parent);
}

/**
 * Runs `body` and releases what it made, except `survivors(result)`, which the enclosing scope adopts or, at the outermost level,
 * `orphan` receives. Synchronous only: a promise would resolve after its tensors were gone.
 */
export function runScope<T>(
  body: () => T,
  survivors: (result: T) => Iterable<Resource>,
  orphan: (kept: Resource) => void,
): T {
  const parent = current;
  const owned = new Set<Resource>();
  current = { owned, parent };
  try {
    const result = body();
    if (result instanceof Promise)
      throw new Error("scope: the body must be synchronous, got a promise; await outside the scope");
    for (const kept of survivors(result)) {
      if (!owned.delete(kept)) continue;
      if (parent) parent.owned.add(kept);
      else orphan(kept);
    }
    return result;
  } finally {
    current = parent;
    for (const resource of owned) resource.release();
  }
}
