// A covering array: few combinations of options, in which every pair of values of two options occurs that may.

export type Options = Readonly<Record<string, readonly unknown[]>>;
export type Combination<O extends Options> = { readonly [Name in keyof O]: O[Name][number] };
/** Whether a combination may be; asked of parts of one, too, where what is not chosen yet must not matter. */
export type Legal<O extends Options> = (part: Partial<Combination<O>>) => boolean;

/**
 * Greedy: each new combination starts from a pair that is still missing and takes, option by option, the legal value that covers the
 * most missing pairs, going back where none is left. Every single value is covered with its pairs. The same options give the same
 * array.
 *
 * @throws Error for a pair that is legal alone and in no combination
 */
export function pairwise<O extends Options>(options: O, legal: Legal<O> = () => true): Combination<O>[] {
  const names = Object.keys(options);
  const part = (chosen: ReadonlyMap<string, number>) =>
    // One value of its own list for every name chosen.
    Object.fromEntries([...chosen].map(([name, x]) => [name, options[name]![x]])) as Partial<Combination<O>>;
  const missing = new Set<string>();
  for (const [i, a] of names.entries()) {
    for (const b of names.slice(i + 1)) {
      for (const x of options[a]!.keys())
        for (const y of options[b]!.keys()) {
          if (
            legal(
              part(
                new Map([
                  [a, x],
                  [b, y],
                ]),
              ),
            )
          )
            missing.add(pair(a, x, b, y));
        }
    }
  }
  const complete = (chosen: ReadonlyMap<string, number>): ReadonlyMap<string, number> | undefined => {
    const name = names.find((one) => !chosen.has(one));
    if (name === undefined) return chosen;
    const gain = (value: number) => covered(chosen, name, value, missing, names).length;
    const values = [...options[name]!.keys()].sort((x, y) => gain(y) - gain(x) || x - y);
    for (const value of values) {
      const next = new Map([...chosen, [name, value]]);
      const whole = legal(part(next)) ? complete(next) : undefined;
      if (whole) return whole;
    }
    return undefined;
  };
  const rows: Combination<O>[] = [];
  for (const first of missing) {
    // Deleting from a Set while it is walked is defined: what was deleted is not visited.
    const [a, x, b, y] = JSON.parse(first) as [string, number, string, number]; // made by `pair`
    const chosen = complete(
      new Map([
        [a, x],
        [b, y],
      ]),
    );
    if (!chosen)
      throw new Error(`pairwise: nothing completes ${a} ${options[a]![x]} with ${b} ${options[b]![y]}`);
    for (const name of names)
      for (const key of covered(chosen, name, chosen.get(name)!, missing, names)) missing.delete(key);
    rows.push(part(new Map(names.map((name) => [name, chosen.get(name)!]))) as Combination<O>); // every name is chosen
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
