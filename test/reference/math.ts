// Float64 twins of assembly/math.ts. All but erf are the host's own, good to about one unit of float64.

/**
 * The error function to about 1e-15. Below 3 the series 2/sqrt(pi) e^(-x^2) sum 2^k x^(2k+1) / (2k+1)!!, whose terms are all
 * positive; above, 1 - erfc by its continued fraction.
 */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x > 3) return 1 - erfcTail(x);
  let term = x;
  let sum = x;
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 - erf x without cancellation for x >= 3, and to 1e-15 absolute below. */
export function erfc(x: number): number {
  return x > 3 ? erfcTail(x) : 1 - erf(x);
}

/** e^(-x^2) / (sqrt(pi) (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...))))), from the inside out; x >= 3. */
function erfcTail(x: number): number {
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

export const { exp, log, tanh, sin, cos } = Math;
