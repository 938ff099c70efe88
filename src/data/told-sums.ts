// Sums that are told several times, as in a prompt with examples: 48 + 76 = 124 ; 57 + 45 = 102 ; 48 + 76 = ?
//
// Whoever has seen the line before can copy its end, without knowing how to add. Some pairs of numbers are kept out of training, and answers may be
// wrong: who copies repeats them. A number with the sign after it is one token, "48 +", "76 =", "124 ;", so that the token that asks is the
// second number itself; nothing about digits has to be learned, nor that 48 before + and 48 before = are one number, which only adding needs.
import type { Rng } from "../tensor/rng";
import type { Batch } from "./batches";

/** Operands are 40 .. 79: few enough for all pairs of them to be met. */
const LEAST = 40;
const OPERANDS = 40;
/** Answers are 80 .. 158. */
const SUMS = 2 * OPERANDS - 1;
/** Ids of the least number as first, as second, and as answer. */
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
  if (id < SECOND) return `${LEAST + id - FIRST} +`;
  return id < ANSWER ? `${LEAST + id - SECOND} =` : `${2 * LEAST + id - ANSWER} ;`;
}

/** "48 + 76 = 124 ; 48 + 76 =" as ids, BOS first. Throws an Error for what is no token. */
export function sumIds(text: string): Int32Array {
  const signs = {
    "+": [FIRST, LEAST, OPERANDS],
    "=": [SECOND, LEAST, OPERANDS],
    ";": [ANSWER, 2 * LEAST, SUMS],
  } as const;
  const found = [...text.matchAll(/(\d+) ([+=;])/g)];
  const ids = found.map(([word, digits, sign]) => {
    const [start, least, count] = signs[sign as keyof typeof signs]; // the pattern has no other
    const place = Number(digits) - least;
    if (place < 0 || place >= count)
      throw new Error(
        `told-sums: a number before ${sign} must be ${least} to ${least + count - 1}, got "${word}"`,
      );
    return start + place;
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
      const lines = drawLines(draws, pairs, answers);
      const told = Array.from({ length: LINES }, () => draws.choice(lines));
      const tokens = [
        0,
        ...told.flatMap(({ a, b, answer }) => [
          FIRST + a - LEAST,
          SECOND + b - LEAST,
          ANSWER + answer - 2 * LEAST,
        ]),
      ];
      made.inputs.set(tokens.slice(0, -1), row * context);
      made.targets.set(tokens.slice(1), row * context);
      told.forEach((line, at) => {
        const equals = row * context + at * LINE + 2; // BOS and the first number come before
        asked[equals] = told.slice(0, at).includes(line) ? 2 : 1;
        sums[equals] = ANSWER + line.a + line.b - 2 * LEAST;
      });
    }
    return { ...made, asked, sums, batch, context };
  };
}

/** Lines of different second numbers, so that these tell them apart. */
function drawLines(draws: Rng, pairs: "trained" | "held-out", answers: "right" | "wrong") {
  const count = FEWEST + draws.integer(MOST - FEWEST + 1);
  const seconds = draws.shuffle(Array.from({ length: OPERANDS }, (_, at) => LEAST + at)).slice(0, count);
  return seconds.map((b) => {
    let a = LEAST + draws.integer(OPERANDS);
    while (isHeldOutSum(a, b) !== (pairs === "held-out")) a = LEAST + draws.integer(OPERANDS);
    if (answers === "right") return { a, b, answer: a + b };
    const other = 2 * LEAST + draws.integer(SUMS - 1);
    return { a, b, answer: other < a + b ? other : other + 1 };
  });
}
