// Twins of assembly/random.ts: Philox4x32-10 on BigInt, straight from the paper, and the fills in float64.

type Words = readonly [number, number, number, number];

const WORD = 0xffffffffn;

/** The block of a counter under a key (Salmon et al. 2011, section 3.3), every word unsigned. */
export function philox(counter: Words, key: readonly [number, number]): number[] {
  let [a, b, c, d] = counter.map((word) => BigInt(word >>> 0)) as [bigint, bigint, bigint, bigint]; // map keeps the length
  for (let round = 0; round < 10; round++) {
    const bump = BigInt(round);
    const k0 = (BigInt(key[0] >>> 0) + bump * 0x9e3779b9n) & WORD;
    const k1 = (BigInt(key[1] >>> 0) + bump * 0xbb67ae85n) & WORD;
    const left = a * 0xd2511f53n;
    const right = c * 0xcd9e8d57n;
    [a, b, c, d] = [(right >> 32n) ^ b ^ k0, right & WORD, (left >> 32n) ^ d ^ k1, left & WORD];
  }
  return [a, b, c, d].map(Number);
}

/** Element i is lane i % 4 of the block with counter (i / 4, 0, 1, 0). */
export function bits(n: number, key0: number, key1: number): number[] {
  const words: number[] = [];
  for (let block = 0; words.length < n; block++) words.push(...philox([block, 0, 1, 0], [key0, key1]));
  return words.slice(0, n);
}

/** In [0, 1), multiples of 2^-24. */
export function uniform(n: number, key0: number, key1: number): number[] {
  return bits(n, key0, key1).map((word) => (word >>> 8) / 2 ** 24);
}

/** Box-Muller on lane pairs. */
export function normal(n: number, key0: number, key1: number): number[] {
  const words = bits(n + (n % 2), key0, key1);
  return words.slice(0, n).map((_, i) => {
    const u1 = ((words[i - (i % 2)]! >>> 8) + 1) / 2 ** 24;
    const u2 = (words[i - (i % 2) + 1]! >>> 8) / 2 ** 24;
    const angle = 2 * Math.PI * u2;
    return Math.sqrt(-2 * Math.log(u1)) * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
}

export function dropout(x: ArrayLike<number>, key0: number, key1: number, rate: number): Float64Array {
  const draws = uniform(x.length, key0, key1);
  return Float64Array.from(x, (value, i) => (draws[i]! >= rate ? value / (1 - rate) : 0));
}
