// Numbers that some values of the registries read, each with its default. They stand flat in configurations and are options of the
// command line. A value that does not read one ignores it.

export interface Option {
  readonly help: string;
  readonly standard: number;
  /** The smallest value; `whole` ones have no fraction. */
  readonly least: number;
  readonly whole: boolean;
}

export const options = {
  window: whole("sources that a window shows, the token itself included", 16, 1),
  prefix: whole("tokens that the prefix mask lets see one another", 8),
  trained: whole(
    "tokens of a training sequence, for scales and divisors that compare with it; 0: the context",
    0,
  ),
  kappa: real("factor of kappa-log-n; 0: sqrt(head width) / ln 512", 0),
  factor: real("factor of the fixed scale", 1),
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;
export type Options = { readonly [Name in OptionName]: number };

export const standardOptions: Options = map(({ standard }) => standard);

/**
 * Completes options with their defaults.
 * @throws Error `place: rule, got value`
 */
export function completeOptions(place: string, given: Partial<Options>): Options {
  return map(({ standard, least, whole }, name) => {
    const value = given[name] ?? standard;
    const fits = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
    if (!fits || value < least) {
      throw new Error(
        `${place}: ${name} must be a ${whole ? "whole number" : "number"} of at least ${least}, got ${value}`,
      );
    }
    return value;
  });
}

function whole(help: string, standard: number, least = 0): Option {
  return { help, standard, least, whole: true };
}

function real(help: string, standard: number, least = 0): Option {
  return { help, standard, least, whole: false };
}

function map(value: (option: Option, name: OptionName) => number): Options {
  const names = Object.keys(options) as OptionName[]; // a closed literal
  // Every name has a value.
  return Object.fromEntries(names.map((name) => [name, value(options[name], name)])) as Options;
}
