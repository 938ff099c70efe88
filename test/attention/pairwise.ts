// A covering array: few combinations of options, in which every pair of values of two options occurs.

export type Options = Readonly<Record<string, readonly unknown[]>>;
export type Combination<O extends Options> = { readonly [Name in keyof O]: O[Name][number] };

/**
 * Greedy: each new combination starts from a pair that is still missing and takes, option by option, the value that covers the most
 * missing pairs. Every single value is covered with its pairs. The same options give the same array.
 *
 * @param legal whether values may stand together, the others being such as go with everything; pairs that may not are left out
 */
export function pairwise<O extends Options>(
  options: O,
  legal: (some: Partial<Combination<O>>) => boolean = () => true,
): Combination<O>[] {
  const names = Object.keys(options);
  const missing = new Set<string>();
  for (const [i, a] of names.entries()) {
    for (const b of names.slice(i + 1)) {
      for (const x of options[a]!.keys()) for (const y of options[b]!.keys()) missing.add(pair(a, x, b, y));
    }
  }
  const rows: Combination<O>[] = [];
  for (const first of missing) {
    // Deleting from a Set while it is walked is defined: what was deleted is not visited.
    const [a, x, b, y] = JSON.parse(first) as [string, number, string, number]; // made by `pair`
    const chosen = new Map([
      [a, x],
      [b, y],
    ]);
    const fits = (more: readonly (readonly [string, number])[] = []) =>
      // Values of their own lists.
      legal(
        Object.fromEntries(
          [...chosen, ...more].map(([name, value]) => [name, options[name]![value]]),
        ) as Partial<Combination<O>>,
      );
    if (!fits()) continue;
    for (const name of names) {
      if (chosen.has(name)) continue;
      const gains = [...options[name]!.keys()].map((value) =>
        fits([[name, value]]) ? covered(chosen, name, value, missing, names).length : -1,
      );
      chosen.set(name, gains.indexOf(Math.max(...gains)));
    }
    for (const name of names)
      for (const key of covered(chosen, name, chosen.get(name)!, missing, names)) missing.delete(key);
    // One value of its own list for every name.
    rows.push(
      Object.fromEntries(names.map((name) => [name, options[name]![chosen.get(name)!]])) as Combination<O>,
    );
  }
  return rows;
}

/** The missing pairs that `value` for `name` makes with what is chosen. */
function covered(
  chosen: ReadonlyMap<string, number>,
  name: string,
  value: number,
  missing: ReadonlySet<string>,
  names: readonly string[],
): string[] {
  return [...chosen]
    .filter(([other]) => other !== name)
    .map(([other, x]) =>
      names.indexOf(other) < names.indexOf(name) ? pair(other, x, name, value) : pair(name, value, other, x),
    )
    .filter((key) => missing.has(key));
}

function pair(a: string, x: number, b: string, y: number): string {
  return JSON.stringify([a, x, b, y]);
}
