// Sums that are told several times, as in a prompt with examples: 48 + 76 = 124 ; 7 + 30 = 37 ; 48 + 76 = ?
//
// Whoever has seen the line before can copy its end, without knowing how to add. Some pairs of numbers are kept out of training, and answers may be
// wrong: who copies repeats them. A number with the sign after it is one token, "48 +", "76 =", "124 ;", so that the token that asks is the
// second number itself; nothing about digits has to be learned, nor that 48 before + and 48 before = are one number, which only adding needs.
import type { Rng } from "../tensor/rng";
import type { Batch } from "./batches";

/** Operands are 0 .. 99. */
const OPERANDS = 100;
const SUMS = 2 * OPERANDS - 1;
/** Ids of 0 as first number, as second, and as answer. */
const [FIRST, SECOND, ANSWER] = [1, 1 + OPERANDS, 1 + 2 * OPERANDS];
const LINE = 3;
const LINES = 16;
const FEWEST = 3;
const MOST = 6;

export const sumsSizes = { vocabulary: ANSWER + SUMS, context: LINE * LINES + 1 } as const;

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

/** What a token stands for: "48 +", "76 =", "124 ;". */
export function sumToken(id: number): string {
  if (id === 0) return "<bos>";
  if (id < SECOND) return `${id - FIRST} +`;
  return id < ANSWER ? `${id - SECOND} =` : `${id - ANSWER} ;`;
}

/** "48 + 76 = 124 ; 48 + 76 =" as ids, BOS first. Throws an Error for what is no token. */
export function sumIds(text: string): Int32Array {
  const signs = { "+": [FIRST, OPERANDS], "=": [SECOND, OPERANDS], ";": [ANSWER, SUMS] } as const;
  const found = [...text.matchAll(/(\d+) ([+=;])/g)];
  const ids = found.map(([word, digits, sign]) => {
    const [start, count] = signs[sign as keyof typeof signs]; // the pattern has no other
    if (Number(digits) >= count) throw new Error(`told-sums: "${word}" must have a number below ${count}`);
    return start + Number(digits);
  });
  if (found.map(([word]) => word).join(" ") !== text.trim())
    throw new Error(`told-sums: a text must be numbers with + = or ; after each, got "${text}"`);
  return Int32Array.from([0, ...ids]);
}

/**
 * Batches as a function of the step: 16 lines a sequence, each of them one of three to six sums, drawn independently.
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
      const lines = Array.from({ length: FEWEST + draws.integer(MOST - FEWEST + 1) }, () =>
        drawLine(draws, pairs, answers),
      );
      const told = Array.from({ length: LINES }, () => draws.choice(lines));
      const tokens = [0, ...told.flatMap(({ a, b, answer }) => [FIRST + a, SECOND + b, ANSWER + answer])];
      made.inputs.set(tokens.slice(0, -1), row * context);
      made.targets.set(tokens.slice(1), row * context);
      told.forEach((line, at) => {
        const equals = row * context + at * LINE + 2; // BOS and the first number come before
        asked[equals] = told.slice(0, at).some(({ a, b }) => a === line.a && b === line.b) ? 2 : 1;
        sums[equals] = ANSWER + line.a + line.b;
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
    const other = draws.integer(SUMS - 1);
    return { a, b, answer: other < a + b ? other : other + 1 };
  }
}
