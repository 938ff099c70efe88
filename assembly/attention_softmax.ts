// Online softmax over score panels [rows, 8]: running maxima and sums of 8 queries, and the exponentials.
import { EXP2, exp2 } from "./exp";
import { exp_nonpositive, log } from "./math";

/** Bytes of state per panel of queries: running maximum, sum and correction of 8 queries each. */
export const STATE_BYTES: usize = 3 * 8 * 4;
const SUM: usize = 32;
export const KEEP: usize = 64;

export function start_panel(state: usize): void {
  for (let lane: usize = 0; lane < 32; lane += 16) {
    v128.store(state + lane, f32x4.splat(-Infinity));
    v128.store(state + lane, f32x4.splat(0), SUM);
  }
}

/**
 * Scores become weights e^(score - maximum) in place; the state takes the new maximum, and `keep` the factor for what was summed
 * under the old one. spare: room for 64 bytes.
 */
export function soften_panel(scores: usize, state: usize, spare: usize, rows: i32): void {
  const sums = spare + 32;
  const end = scores + ((<usize>rows) << 5);
  let top0 = v128.load(state);
  let top1 = v128.load(state, 16);
  let row = scores;
  if (rows & 1) {
    top0 = f32x4.pmax(top0, v128.load(row));
    top1 = f32x4.pmax(top1, v128.load(row, 16));
    row += 32;
  }
  let other0 = top0;
  let other1 = top1;
  for (; row < end; row += 64) {
    top0 = f32x4.pmax(top0, v128.load(row));
    top1 = f32x4.pmax(top1, v128.load(row, 16));
    other0 = f32x4.pmax(other0, v128.load(row, 32));
    other1 = f32x4.pmax(other1, v128.load(row, 48));
  }
  raise_panel(state, spare, f32x4.pmax(top0, other0));
  raise_panel(state + 16, spare + 16, f32x4.pmax(top1, other1));
  exp_panel(scores, spare, sums, rows);
  v128.store(state, f32x4.add(v128.load(state, SUM), v128.load(sums)), SUM);
  v128.store(state, f32x4.add(v128.load(state, SUM + 16), v128.load(sums, 16)), SUM + 16);
}

/** Four queries' maximum becomes `top`: their shift for the weights, and the factor for the sums under the old maximum. */
function raise_panel(state: usize, shift: usize, top: v128): void {
  // A lane that has seen nothing yet has maximum -inf; -inf - 0 is what gives it zero weights.
  const base = v128.andnot(top, f32x4.eq(top, f32x4.splat(-Infinity)));
  const keep = exp_nonpositive(f32x4.sub(v128.load(state), base));
  v128.store(shift, base);
  v128.store(state, top);
  v128.store(state, f32x4.mul(keep, v128.load(state, SUM)), SUM);
  v128.store(state, keep, KEEP);
}

/** lse = maximum + log sum for `count` queries; `keep` becomes 1 / sum, or 0 for queries that saw nothing. */
export function finish_panel(lse: usize, state: usize, count: i32): void {
  for (let lane: usize = 0; lane < 32; lane += 16) {
    const sum = v128.load(state + lane, SUM);
    const reciprocal = f32x4.div(f32x4.splat(1), sum);
    v128.store(state + lane, v128.andnot(reciprocal, f32x4.eq(sum, f32x4.splat(0))), KEEP);
    v128.store(state + lane, f32x4.add(v128.load(state + lane), log(sum)));
  }
  for (let lane = 0; lane < count; lane++) {
    store<f32>(lse + ((<usize>lane) << 2), load<f32>(state + ((<usize>lane) << 2)));
  }
}

/** log2 e in memory, for loops (see exp.ts). */
export const UNIT: usize = memory.data<f32>([1.44269504]);

/** x = e^(x - shift) and its sums down the columns; x: [rows, 8], shifts, sums: [8]. No x above its shift by more than 88. */
export function exp_panel(x: usize, shifts: usize, sums: usize, rows: i32): void {
  const unit = v128.load32_splat(UNIT);
  const lowest = v128.load32_splat(EXP2);
  const rounder = v128.load32_splat(EXP2, 4);
  const c5 = v128.load32_splat(EXP2, 8);
  const c4 = v128.load32_splat(EXP2, 12);
  const c3 = v128.load32_splat(EXP2, 16);
  const c2 = v128.load32_splat(EXP2, 20);
  const c1 = v128.load32_splat(EXP2, 24);
  const end = x + ((<usize>rows) << 5);
  for (let lane: usize = 0; lane < 32; lane += 16) {
    const shift = v128.load(shifts + lane);
    let sum = f32x4.splat(0);
    for (let row = x + lane; row < end; row += 32) {
      const u = f32x4.mul(unit, f32x4.sub(v128.load(row), shift));
      const y = exp2(u, lowest, rounder, c5, c4, c3, c2, c1);
      v128.store(row, y);
      sum = f32x4.add(sum, y);
    }
    v128.store(sums + lane, sum);
  }
}
