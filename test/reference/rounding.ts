// Float32 arithmetic whose roundings are drawn: what errors a program may have is seen in how far runs of it are apart.
import type { Round } from "./graph";

/**
 * Stochastic rounding: to one of the two float32 neighbours, the likelier the nearer, so that the mean error is 0 (Connolly, Higham &
 * Mary 2021, SIAM J. Sci. Comput. 43). With even odds it would not be: the mean would lie against the error of rounding to nearest,
 * and where that is unluckily large no run would show it.
 *
 * The draw belongs to the number: as with any arithmetic, what is computed twice comes out the same twice. A factor of a whole row then
 * leans one way for the row, where errors that are drawn anew at each use would cancel. What another loop computes again is drawn again.
 */
export function stochastic(seed: number): Round {
  const bits = new Int32Array(2);
  const exact = new Float64Array(bits.buffer);
  const float = new Float32Array(bits.buffer);
  return (x, computation) => {
    exact[0] = x;
    const draw = mixed(mixed(mixed(seed + 1) ^ mixed(computation) ^ bits[0]!) ^ bits[1]!) >>> 0;
    float[0] = x;
    const nearest = float[0]!;
    if (nearest === x || !Number.isFinite(nearest) || nearest === 0) return nearest;
    // Bits grow with the magnitude: away from zero is one more, towards it one less.
    bits[0]! += Math.abs(nearest) < Math.abs(x) ? 1 : -1;
    const other = float[0]!;
    return draw * Math.abs(other - nearest) < 2 ** 32 * Math.abs(x - nearest) ? other : nearest;
  };
}

/** A bijection of 32-bit words; every bit that goes in moves every bit that comes out (MurmurHash3's last steps). */
function mixed(word: number): number {
  const first = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
