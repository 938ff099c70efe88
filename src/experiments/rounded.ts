// Numbers as figures and tables show them.

/** To three digits behind the point. */
export function rounded(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}
