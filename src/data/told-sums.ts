// Sums that are told several times, as in a prompt with examples: 48 + 76 = 124 ; 7 + 30 = 37 ; 48 + 76 = ?
//
// Whoever has seen the line before can copy its end, without knowing how to add. Some pairs of numbers are kept out of training, and answers may be
// wrong: who copies repeats them. Every number is a token of its own, so nothing about digits has to be learned.
import type { Rng } from "../tensor/rng";
import type { Batch } from "./batches";

/** Operands are 0 .. 99. */
const OPERANDS = 100;
const NUMBERS = 2 * OPERANDS - 1;
const [PLUS, EQUALS, END] = [NUMBERS + 1, NUMBERS + 2, NUMBERS + 3];
const LINE = 6; // a + b = c ;
const LINES = 8;

/** Tokens 0 (the first of a sequence), the numbers, + = and ; */
export const sumsSizes = { vocabulary: NUMBERS + 4, context: LINE * LINES + 1 } as const;

export interface SumBatch extends Batch {
  /** [batch, context]: 1 where the answer of a line is predicted that is told for the first time, 2 where it was told before. */
  readonly asked: Uint8Array;
  /** [batch, context]: token of the right sum where an answer is predicted, 0 elsewhere. */
  readonly sums: Int32Array;
}

/** A tenth of all pairs, 48 + 76 among them, is never told in training. */
export function isHeldOutSum(a: number, b: number): boolean {
  return (a + 7 * b) % 10 === 0;
}

/** What a token stands for: "48", "+". */
export function sumToken(id: number): string {
  if (id === 0) return "<bos>";
  return id <= NUMBERS ? String(id - 1) : ["+", "=", ";"][id - NUMBERS - 1]!;
}

/** "48 + 76 = 124 ; 48 + 76 =" as ids, BOS first. Throws an Error for what is no token. */
export function sumIds(text: string): Int32Array {
  const signs = new Map([
    ["+", PLUS],
    ["=", EQUALS],
    [";", END],
  ] as const as readonly (readonly [string, number])[]);
  const idOf = (word: string) => {
    const number = Number(word);
    const id =
      signs.get(word) ??
      (Number.isInteger(number) && number >= 0 && number < NUMBERS ? number + 1 : undefined);
    if (id === undefined)
      throw new Error(`told-sums: words must be numbers of 0 to ${NUMBERS - 1}, +, = and ;, got "${word}"`);
    return id;
  };
  return Int32Array.from([0, ...text.trim().split(/\s+/).map(idOf)]);
}

/**
 * Batches as a function of the step: eight lines a sequence, each of them one of two to four sums, drawn independently.
 *
 * @param options `pairs`: those of training, or those that are held out of it; `answers`: the sums, or other numbers, the same whenever a line is told
 * @throws RangeError unless batch is a whole number of at least 1
 */
export function toldSums(options: {
  readonly batch: number;
  readonly rng: Rng;
  readonly pairs: "trained" | "held-out";
  readonly answers: "right" | "wrong";
}): (step: number) => SumBatch {
  const { batch, rng, pairs, answers } = options;
  if (!(Number.isInteger(batch) && batch >= 1))
    throw new RangeError(`told-sums: batch must be a whole number of at least 1, got ${batch}`);
  const context = LINE * LINES;
  return (step) => {
    const draws = rng.fork(step);
    const made = { inputs: new Int32Array(batch * context), targets: new Int32Array(batch * context) };
    const asked = new Uint8Array(batch * context);
    const sums = new Int32Array(batch * context);
    for (let row = 0; row < batch; row++) {
      const lines = Array.from({ length: 2 + draws.integer(3) }, () => drawLine(draws, pairs, answers));
      const told = Array.from({ length: LINES }, () => draws.choice(lines));
      const tokens = [
        0,
        ...told.flatMap(({ a, b, answer }) => [a + 1, PLUS, b + 1, EQUALS, answer + 1, END]),
      ];
      made.inputs.set(tokens.slice(0, -1), row * context);
      made.targets.set(tokens.slice(1), row * context);
      told.forEach((line, at) => {
        const equals = row * context + at * LINE + LINE - 2; // BOS comes before
        asked[equals] = told.slice(0, at).some(({ a, b }) => a === line.a && b === line.b) ? 2 : 1;
        sums[equals] = line.a + line.b + 1;
      });
    }
    return { ...made, asked, sums, batch, context };
  };
}

function drawLine(draws: Rng, pairs: "trained" | "held-out", answers: "right" | "wrong") {
  for (;;) {
    const [a, b] = [draws.integer(OPERANDS), draws.integer(OPERANDS)];
    if (isHeldOutSum(a, b) !== (pairs === "held-out")) continue;
    if (answers === "right") return { a, b, answer: a + b };
    const other = draws.integer(NUMBERS - 1);
    return { a, b, answer: other < a + b ? other : other + 1 };
  }
}
