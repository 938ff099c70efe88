// Cuts of kernels that go through arrays element by element or row by row, each element or row by itself.
import type { Arguments, Cut } from "./cuts";
import type { Kernels } from "./kernels";
import { pieces, ranges } from "./pieces";

/** Elements of two cache lines: ranges are cut there, so that threads write to different lines and vectors stay whole. */
const GRAIN = 32;

/** One axis of a call: which argument counts along it, and how far (in elements) which pointers move from one step to the next. */
interface Axis {
  readonly count: number;
  readonly grain: number;
  readonly moves: readonly (readonly [argument: number, elements: number])[];
}

/** The call in `parts` ranges of an axis. Null pointers stay null. */
function slice<Args extends readonly number[]>(
  args: Args,
  { count, grain, moves }: Axis,
  parts: number,
): Args[] {
  return ranges(args[count] ?? 0, parts, grain).map((range) => {
    const share = [...args];
    share[count] = range.count;
    for (const [argument, elements] of moves) {
      if (share[argument] !== 0) share[argument]! += 4 * elements * range.from;
    }
    return share as unknown as Args; // as many numbers
  });
}

/** Arrays of one length. `arrays` and `count` are places of arguments, `ns` what an element takes. */
export function flat<Name extends keyof Kernels>(
  arrays: readonly number[],
  count: number,
  ns: number,
): Cut<Name> {
  const axis = { count, grain: GRAIN, moves: arrays.map((argument) => [argument, 1] as const) };
  return { shares: (args, threads) => slice(args, axis, pieces(ns * (args[count] ?? 0), threads)) };
}

interface Rows {
  /** Pointers to rows of `cols` elements. */
  readonly wide: readonly number[];
  /** Pointers to rows of fewer: how many. */
  readonly narrow?: Readonly<Record<number, number>>;
  /** The arguments that count rows and columns. */
  readonly rows: number;
  readonly cols: number;
  /** What an element takes. */
  readonly ns: number;
}

export function rowwise<Name extends keyof Kernels>(what: Rows): Cut<Name> {
  return { shares: (args, threads) => sliceRows(args, what, threads) };
}

function sliceRows<Args extends readonly number[]>(args: Args, what: Rows, threads: number): Args[] {
  const { wide, narrow = {}, rows, cols, ns } = what;
  const columns = args[cols] ?? 0;
  const moves = [
    ...wide.map((argument) => [argument, columns] as const),
    ...Object.entries(narrow).map(([argument, elements]) => [Number(argument), elements] as const),
  ];
  return slice(args, { count: rows, grain: 1, moves }, pieces(ns * (args[rows] ?? 0) * columns, threads));
}

/** Rotary embedding, of whole sequences. */
export function cutRope<Name extends "srope" | "srope_grad">(
  args: Arguments<Name>,
  threads: number,
): Arguments<Name>[] {
  const [, , , , B, T, H, D] = args;
  const moves = [
    [0, T * H * D],
    [1, T * H * D],
  ] as const;
  return slice<Arguments<Name>>(args, { count: 4, grain: 1, moves }, pieces(0.3 * B * T * H * D, threads));
}

/** Rows for the gradient of x; those of gain and bias, which sum over all rows, are one share of their own. */
export function cutLayernormGrad(
  args: Arguments<"slayernorm_grad">,
  threads: number,
): Arguments<"slayernorm_grad">[] {
  const [dx, dgain, dbias, ...inputs] = args;
  const rows = { wide: [0, 3, 4], narrow: { 6: 2 }, rows: 7, cols: 8, ns: 0.4 };
  const shares =
    dx === 0 ? [] : sliceRows([dx, 0, 0, ...inputs] as Arguments<"slayernorm_grad">, rows, threads);
  if (shares.length < 2 || (dgain === 0 && dbias === 0)) return shares;
  return [...shares, [0, dgain, dbias, ...inputs]];
}

/** The same without a bias. */
export function cutRmsnormGrad(
  args: Arguments<"srmsnorm_grad">,
  threads: number,
): Arguments<"srmsnorm_grad">[] {
  const [dx, dgain, ...inputs] = args;
  const rows = { wide: [0, 2, 3], narrow: { 5: 1 }, rows: 6, cols: 7, ns: 0.4 };
  const shares = dx === 0 ? [] : sliceRows([dx, 0, ...inputs] as Arguments<"srmsnorm_grad">, rows, threads);
  if (shares.length < 2 || dgain === 0) return shares;
  return [...shares, [0, dgain, ...inputs]];
}
