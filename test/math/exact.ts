// The functions of src/math by integer arithmetic, 300 bits after the point, and the distance of a float64 from such a value in ulp.

const BITS = 300n;
const ONE = 1n << BITS;

/** value = mantissa 2^-300 2^exponent. */
export interface Exact {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** |actual - exact| in units of the last place of actual (of the smallest normal number, below it). */
export function ulpError(actual: number, exact: Exact): number {
  const { mantissa, exponent } = parts(actual);
  // Both over the unit 2^exponent of actual: shift = log2 of that unit in units of exact.mantissa.
  const shift = Number(BITS) + exponent - exact.exponent;
  const wide = shift < 0 ? exact.mantissa << BigInt(-shift) : exact.mantissa;
  const difference = (mantissa << BigInt(Math.max(shift, 0))) - wide;
  const size = difference < 0n ? -difference : difference;
  return Number((size << 20n) >> BigInt(Math.max(shift, 0))) / 2 ** 20;
}

export const exact = {
  exp: (x: number) => expOf(fixed(x)),
  expm1: (x: number) => plain(wide(expOf(fixed(x))) - ONE),
  log: (x: number) => plain(logOf(parts(x))),
  log1p: (x: number) => plain(logOf({ mantissa: ONE + fixed(x), exponent: -Number(BITS) })),
  pow: (x: number, y: number) => expOf((logOf(parts(x)) * fixed(y)) >> BITS),
  sin: (x: number) => plain(turned(fixed(x), 0n)),
  cos: (x: number) => plain(turned(fixed(x), 1n)),
  tanh: (x: number) =>
    plain(((wide(expOf(2n * fixed(x))) - ONE) << BITS) / (wide(expOf(2n * fixed(x))) + ONE)),
  erf: (x: number) => plain(erfOf(fixed(x))),
};

/** x = mantissa 2^exponent with the unit of its last place. */
function parts(x: number): Exact {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(x));
  const raw = bits.getBigUint64(0);
  const biased = Number(raw >> 52n);
  const fraction = raw & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(biased, 1) - 1075 };
}

function fixed(x: number): bigint {
  const { mantissa, exponent } = parts(x);
  const shift = Number(BITS) + exponent;
  return shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift);
}

function plain(mantissa: bigint): Exact {
  return { mantissa, exponent: 0 };
}

function wide({ mantissa, exponent }: Exact): bigint {
  return exponent >= 0 ? mantissa << BigInt(exponent) : mantissa >> BigInt(-exponent);
}

/** sum of terms until they vanish: term(n+1) = term(n) factor(n). */
function series(first: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let sum = 0n;
  let term = first;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = next(term, n);
  }
  return sum;
}

function inverseTangentOfInverse(n: bigint): bigint {
  let power = ONE / n;
  return series(power, (_, k) => {
    power /= n * n;
    return (k % 2n === 0n ? power : -power) / (2n * k + 1n);
  });
}

/** 2 artanh(1/3); 16 arctan(1/5) - 4 arctan(1/239) (Machin 1706), halved. */
const LN2 = twiceArtanh(ONE / 3n);
const HALF_PI = 8n * inverseTangentOfInverse(5n) - 2n * inverseTangentOfInverse(239n);

function twiceArtanh(s: bigint): bigint {
  const z = (s * s) >> BITS;
  let power = s;
  return (
    2n *
    series(s, (_, k) => {
      power = (power * z) >> BITS;
      return power / (2n * k + 1n);
    })
  );
}

function expOf(x: bigint): Exact {
  const k = rounded(x, LN2);
  const r = x - k * LN2;
  return { mantissa: series(ONE, (term, n) => ((term * r) >> BITS) / n), exponent: Number(k) };
}

function logOf({ mantissa, exponent }: Exact): bigint {
  const length = mantissa.toString(2).length;
  // m in [1/2, 1): the series in s = (m - 1) / (m + 1), |s| <= 1/3.
  const m = (mantissa << BITS) >> BigInt(length);
  return BigInt(length + exponent) * LN2 + twiceArtanh(((m - ONE) << BITS) / (m + ONE));
}

/** sin(x + shift pi/2). */
function turned(x: bigint, shift: bigint): bigint {
  const k = rounded(x, HALF_PI);
  const r = x - k * HALF_PI;
  const z = (r * r) >> BITS;
  const turn = (((k + shift) % 4n) + 4n) % 4n;
  const start = turn % 2n;
  const value = series(
    start === 1n ? ONE : r,
    (term, n) => -(((term * z) >> BITS) / ((2n * n - start) * (2n * n + 1n - start))),
  );
  return turn >= 2n ? -value : value;
}

/** 2/sqrt(pi) sum of (-1)^n x^(2n+1) / (n! (2n+1)), the power kept apart. */
function erfOf(x: bigint): bigint {
  const z = (x * x) >> BITS;
  let power = x;
  let sum = 0n;
  for (let n = 1n; power !== 0n && power !== -1n; n++) {
    sum += power / (2n * n - 1n);
    power = -(((power * z) >> BITS) / n);
  }
  return (2n * sum * ONE) / squareRoot(2n * HALF_PI);
}

/** sqrt of a fixed-point number, by Newton's method. */
function squareRoot(x: bigint): bigint {
  const target = x << BITS;
  let root = x;
  for (;;) {
    const next = (root + target / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function rounded(x: bigint, unit: bigint): bigint {
  const twice = 2n * x + unit;
  const quotient = twice / (2n * unit);
  return twice < 0n && quotient * 2n * unit !== twice ? quotient - 1n : quotient;
}
