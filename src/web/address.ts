// What the page shows, in its address: `#train?layers=1&seed=3`. A link reproduces it.

export type Words = Readonly<Record<string, string>>;

export function sameWords(a: Words, b: Words): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

export interface Place {
  readonly tab: string;
  /** Settings by name, as words of the command line; those at their defaults are left out. */
  readonly words: Words;
}

export function readPlace(hash: string): Place {
  // A question mark in a value is no end of it.
  const [, tab = "", query = ""] = /^#?([^?]*)\??(.*)$/s.exec(hash) ?? [];
  return { tab, words: Object.fromEntries(new URLSearchParams(query)) };
}

export function placeHash({ tab, words }: Place): string {
  const query = new URLSearchParams({ ...words }).toString();
  return `#${tab}${query && `?${query}`}`;
}
