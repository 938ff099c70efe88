// Randomness as a value: the counter-based generator Philox4x32-10. A seed and a counter give the same draws on every host.
import { highWord, lowWord } from "../math/bits";
import { log } from "../math/log";
import { cos } from "../math/trig";

export type Key = readonly [number, number];

export interface RngState {
  readonly key: Key;
  /** Blocks of four words that were drawn. */
  readonly counter: number;
}

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Third counter word: who draws. 1 belongs to the fill kernels of assembly/random.ts. */
const HOST = 0;
const FORK = 2;

const TWO_26 = 67108864;
const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;
const TWO_PI = 6.283185307179586;

/**
 * An independent generator for a seed.
 * @param seed a safe integer of at least 0
 * @throws RangeError for any other seed
 */
export function rng(seed: number): Rng {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`rng: a seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
  return Rng.fromState({ key: [seed >>> 0, Math.floor(seed / TWO_32)], counter: 0 });
}

/**
 * A stream of draws. Every draw takes whole blocks of the counter (block, block / 2^32, 0, 0), so the state is one number.
 * Streams of two keys are independent; `fork` gives a new key per purpose, which keeps one use from shifting another.
 */
export class Rng {
  readonly #key: Key;
  readonly #block = new Uint32Array(4);
  #counter: number;

  private constructor(key: Key, counter: number) {
    this.#key = key;
    this.#counter = counter;
  }

  /** Continues where `state()` was taken. Throws a RangeError for anything that is not such a state. */
  static fromState(state: RngState): Rng {
    const words = Array.isArray(state.key) ? [...state.key] : [];
    const valid = words.length === 2 && words.every((word) => word >>> 0 === word) && isCount(state.counter);
    if (!valid) {
      throw new RangeError(
        `rng: a state has a key of two 32-bit words and a counter from 0 to 2^53 - 1, got ${JSON.stringify(state)}`,
      );
    }
    return new Rng([words[0]!, words[1]!], state.counter);
  }

  /** Plain data, for checkpoints. */
  state(): RngState {
    return { key: [this.#key[0], this.#key[1]], counter: this.#counter };
  }

  /**
   * The generator for a purpose, such as `fork("dropout", step)`. Does not advance this one: the same labels give the same
   * generator at any time. fork(a, b) equals fork(a).fork(b); the string "1" and the number 1 differ.
   * @throws RangeError without a label or for a label that is NaN
   */
  fork(...labels: readonly (string | number)[]): Rng {
    if (labels.length === 0) throw new RangeError("rng: fork needs at least one label, got none");
    return new Rng(labels.reduce<Key>(absorb, this.#key), 0);
  }

  /** A fresh key for one fill kernel. */
  key(): [number, number] {
    this.#next();
    return [this.#block[0]!, this.#block[1]!];
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    this.#next();
    return bits53(this.#block[0]!, this.#block[1]!) / TWO_53;
  }

  /** Uniform among 0..n-1 without bias. Throws a RangeError unless n is a whole number from 1 to 2^53 - 1. */
  integer(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1)
      throw new RangeError(`rng: integer needs a whole n of at least 1, got ${n}`);
    // Draws from the last, incomplete multiple of n are rejected.
    const limit = TWO_53 - (TWO_53 % n);
    for (;;) {
      this.#next();
      const draw = bits53(this.#block[0]!, this.#block[1]!);
      if (draw < limit) return draw % n;
    }
  }

  /** Standard normal (Box and Muller 1958), from one block. */
  normal(): number {
    this.#next();
    const radius = (bits53(this.#block[0]!, this.#block[1]!) + 1) / TWO_53;
    const turn = bits53(this.#block[2]!, this.#block[3]!) / TWO_53;
    return Math.sqrt(-2 * log(radius)) * cos(TWO_PI * turn);
  }

  /** One element. Throws a RangeError for an empty array. */
  choice<T>(array: ArrayLike<T>): T {
    if (array.length === 0)
      throw new RangeError("rng: choice needs at least one element, got an empty array");
    // integer(n) lies below n, and T itself may include undefined, so `!` would say too much.
    return array[this.integer(array.length)] as T;
  }

  /** An index with probability weights[i] / sum. Throws a RangeError unless weights are finite, not negative, and one is positive. */
  weighted(weights: ArrayLike<number>): number {
    let sum = 0;
    let last = -1;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!;
      if (!(weight >= 0 && weight < Infinity)) {
        throw new RangeError(`rng: weights must be finite and not negative, got ${weight} at index ${i}`);
      }
      if (weight > 0) last = i;
      sum += weight;
    }
    if (!(sum > 0 && sum < Infinity)) {
      throw new RangeError(
        `rng: weights need a positive, finite sum, got ${sum} over ${weights.length} weights`,
      );
    }
    let left = this.uniform() * sum;
    for (let i = 0; i < last; i++) {
      left -= weights[i]!;
      if (left < 0) return i;
    }
    return last;
  }

  /** A new array with the elements in random order (Fisher and Yates). */
  shuffle<T>(array: Iterable<T>): T[] {
    const result = [...array];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const moved = result[i]!;
      result[i] = result[j]!;
      result[j] = moved;
    }
    return result;
  }

  #next(): void {
    const high = Math.floor(this.#counter / TWO_32);
    philox(this.#block, this.#counter >>> 0, high, HOST, 0, this.#key[0], this.#key[1]);
    this.#counter += 1;
  }
}

/** Philox4x32-10 (Salmon et al. 2011): four random words for a counter of four words and a key of two. */
export function philox4x32(
  counter: ArrayLike<number>,
  key: ArrayLike<number>,
): [number, number, number, number] {
  const out = new Uint32Array(4);
  philox(out, counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!);
  return [out[0]!, out[1]!, out[2]!, out[3]!];
}

function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of the 64-bit product of two words, from four products of 16 x 16 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const lowHigh = Math.imul(aLow, bHigh);
  const highLow = Math.imul(aHigh, bLow);
  const middle = (Math.imul(aLow, bLow) >>> 16) + (lowHigh & 0xffff) + (highLow & 0xffff);
  return (Math.imul(aHigh, bHigh) + (lowHigh >>> 16) + (highLow >>> 16) + (middle >>> 16)) | 0;
}

/** A whole number of 53 bits from two words. */
function bits53(a: number, b: number): number {
  return (a >>> 5) * TWO_26 + (b >>> 6);
}

/**
 * The key for one label: a chain of Philox calls over (word, word, 2, position). Position 0 holds the kind and the length, so no
 * label is the beginning of another.
 */
function absorb(key: Key, label: string | number): Key {
  const words = typeof label === "string" ? stringWords(label) : numberWords(label);
  let [a, b] = philox4x32([typeof label === "string" ? 1 : 0, words.length, FORK, 0], key);
  for (let i = 0; i < words.length; i += 2)
    [a, b] = philox4x32([words[i]!, words[i + 1] ?? 0, FORK, i + 1], [a, b]);
  return [a, b];
}

function stringWords(label: string): number[] {
  return Array.from({ length: label.length }, (_, i) => label.charCodeAt(i));
}

/** The bits of the number as float64, whose words do not depend on the host's byte order. */
function numberWords(label: number): number[] {
  if (Number.isNaN(label)) throw new RangeError("rng: a fork label must be a string or a number, got NaN");
  // Adding 0 turns -0 into 0.
  return [lowWord(label + 0), highWord(label + 0)];
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
