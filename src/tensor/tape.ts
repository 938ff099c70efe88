// Reverse-mode differentiation. Ops record how to pull a gradient back; `valueAndGradients` plays the record in reverse.
import { kernels } from "../runtime/instance";
import { show } from "./shape";
import { empty, floats, Tensor } from "./tensor";

/** Accumulates into `gradOf(input)`, for every input that needs it, what the output's gradient `dy` implies. */
export type Pullback = (dy: Tensor) => void;

interface Entry {
  readonly op: string;
  readonly output: Tensor;
  readonly pull: Pullback;
}

interface Tape {
  readonly entries: Entry[];
  readonly gradients: Map<Tensor, Tensor>;
}

let tape: Tape | undefined;

/** Whether ops record now. */
export function recording(): boolean {
  return tape !== undefined;
}

/** Runs `body` without recording, for what is computed beside a value that is being differentiated. */
export function unrecorded<T>(body: () => T): T {
  const outer = tape;
  tape = undefined;
  try {
    return body();
  } finally {
    tape = outer;
  }
}

/** Enters an op: `y` was computed from `inputs`, and `pull` differentiates it. Returns `y`. */
export function record(op: string, y: Tensor, inputs: readonly Tensor[], pull: Pullback): Tensor {
  if (tape && inputs.some((x) => x.needsGrad)) {
    y.needsGrad = true;
    tape.entries.push({ op, output: y, pull });
  }
  return y;
}

/** The gradient of `x` to accumulate into, zeros at first. Only inside a pullback. */
export function gradOf(x: Tensor): Tensor {
  const { gradient, beta } = gradSlot(x);
  if (beta === 0) kernels().sfill(gradient.ptr, 0, gradient.size);
  return gradient;
}

/** Like `gradOf` for kernels that can overwrite: `beta` 0 says that the gradient holds nothing yet, 1 that it must be added to. */
export function gradSlot(x: Tensor): { gradient: Tensor; beta: 0 | 1 } {
  if (!tape)
    throw new Error(`gradOf: gradients exist only while a tape plays back, got ${x.name} ${show(x.shape)}`);
  const known = tape.gradients.get(x);
  if (known) return { gradient: known, beta: 1 };
  const gradient = empty(x.shape, `gradient of ${x.name}`);
  tape.gradients.set(x, gradient);
  return { gradient, beta: 0 };
}

/**
 * Gives `dy` itself, or its sum with what is there, to an `x` of the same size whose gradient equals dy. Afterwards dy may be
 * x's to change: call it last in a pullback, and for one input only.
 */
export function passGradient(x: Tensor, dy: Tensor): void {
  if (!tape)
    throw new Error(
      `passGradient: gradients exist only while a tape plays back, got ${x.name} ${show(x.shape)}`,
    );
  const known = tape.gradients.get(x);
  if (known) kernels().saxpy(known.ptr, dy.ptr, 1, dy.size);
  else tape.gradients.set(x, Tensor.view(dy, x.shape));
}

export interface ValueAndGradients {
  readonly value: number;
  /** One per parameter, in the given order; zeros where the value does not depend on it. They belong to the enclosing scope. */
  readonly gradients: readonly Tensor[];
}

/**
 * Runs `compute`, which must return one number as a tensor, and differentiates it.
 *
 * @param parameters what to differentiate by, usually `parameters(model)`
 * @throws NonFiniteError when the value is NaN or infinite, naming the first op that produced such a number
 */
export function valueAndGradients(compute: () => Tensor, parameters: readonly Tensor[]): ValueAndGradients {
  if (tape)
    throw new Error(
      "valueAndGradients: a tape is already recording; gradients of gradients are not supported",
    );
  const mine: Tape = { entries: [], gradients: new Map() };
  tape = mine;
  const marks = parameters.map((parameter) => parameter.needsGrad);
  for (const parameter of parameters) parameter.needsGrad = true;
  try {
    const y = compute();
    const value = y.item();
    if (!Number.isFinite(value)) throw new NonFiniteError(value, firstNonFinite(mine));
    if (y.needsGrad) {
      kernels().sfill(gradSlot(y).gradient.ptr, 1, 1);
      playBack(mine, new Set(parameters));
    }
    return { value, gradients: parameters.map(gradOf) };
  } finally {
    tape = undefined;
    parameters.forEach((parameter, index) => {
      parameter.needsGrad = marks[index]!;
    });
  }
}

/** The value came out NaN or infinite. `op` is the first recorded op with such an output, `undefined` when all inputs were sound. */
export class NonFiniteError extends Error {
  readonly op: string | undefined;

  constructor(value: number, op: string | undefined) {
    super(
      `valueAndGradients: the value is ${value}${op ? `; the first op that produced NaN or infinity is ${op}` : ""}`,
    );
    this.name = "NonFiniteError";
    this.op = op;
  }
}

function playBack({ entries, gradients }: Tape, keep: ReadonlySet<Tensor>): void {
  for (const { output, pull } of entries.reverse()) {
    const dy = gradients.get(output);
    if (!dy) continue; // computed, but the value does not depend on it
    pull(dy);
    if (keep.has(output)) continue;
    gradients.delete(output);
    dy.release(); // its memory serves the next gradient while it is still in the cache
  }
}

function firstNonFinite({ entries }: Tape): string | undefined {
  const suspects = entries.filter(({ output }) => kernels().sfirst_nonfinite(output.ptr, output.size) >= 0);
  // Masks put -infinity into sound logits, so it is blamed last.
  const bad =
    suspects.find(({ output }) => floats(output).some((x) => !(x < Number.POSITIVE_INFINITY))) ?? suspects[0];
  return bad && `${bad.op} ${show(bad.output.shape)}`;
}
