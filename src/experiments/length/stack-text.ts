// Stacks as language models of characters: trained on short windows of a text, tested on the held-out part in longer and longer ones.
import { IGNORED, sequentialWindows, windows } from "../../data/batches";
import type { Corpus } from "../../data/text";
import { tokenLosses } from "../../ops/crossentropy";
import type { Rng } from "../../tensor/rng";
import { floats, ids, scope } from "../../tensor/tensor";
import { likeliest } from "../synthesizer/learn";
import { entryOf } from "./check";
import { fit } from "./fit";
import { atEach, ladder } from "./lengths";
import { Stack, type StackSizes, trainedStacks } from "./stack";
import { withWeightsOf } from "./weights";

export interface StackText extends Omit<StackSizes, "vocabulary"> {
  /** A name of `trainedStacks`. */
  readonly stack: string;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** What it is trained and tested as. @throws Error for a name that is not trained */
export function testsOf(name: string): readonly string[] {
  return entryOf<readonly string[]>("position-robustness: position", trainedStacks, name);
}

/** Metrics: `NAME accuracy at 1024` and `NAME loss at 1024` (nats) for each test of the trained stack. */
export function* stackText(settings: StackText, data: Corpus, rng: Rng) {
  const { stack, trained, longest, batch, steps, learningRate } = settings;
  const sizes = { ...settings, vocabulary: data.tokenizer.vocabulary.length };
  const model = new Stack(stack, sizes, rng.fork("weights"));
  const batches = windows(data.train, { batch, context: trained, rng: rng.fork("training") });
  const curve = yield* fit(model, { batches, steps, learningRate, rng: rng.fork("places") });
  const found = testsOf(stack).map((name) => {
    const tested = name === stack ? model : withWeightsOf(model, new Stack(name, sizes, rng.fork("weights")));
    return atEach(ladder(trained, longest), (n) => {
      const { accuracy, loss } = test(tested, data.heldOut, n);
      return { [`${name} accuracy`]: accuracy, [`${name} loss`]: loss };
    });
  });
  return { curve, ...Object.fromEntries(found.flatMap((metrics) => Object.entries(metrics))) };
}

/** Tokens of a test batch. */
const TOGETHER = 1024;

/** Every next character in windows of n without overlap, as far as whole windows go. */
function test(model: Stack, heldOut: Int32Array, n: number): { accuracy: number; loss: number } {
  const batch = Math.max(1, Math.floor(TOGETHER / n));
  const whole = heldOut.subarray(0, 1 + heldOut.length - 1 - ((heldOut.length - 1) % n));
  let [right, loss, asked] = [0, 0, 0];
  for (const { inputs, targets } of sequentialWindows(whole, { batch, context: n })) {
    scope(() => {
      const logits = model.logits(ids(inputs, [batch, n]));
      const labels = likeliest(logits);
      targets.forEach((target, i) => {
        if (target === IGNORED) return;
        asked += 1;
        if (labels[i] === target) right += 1;
      });
      loss += floats(tokenLosses(logits, ids(targets, [batch, n])).losses).reduce((sum, x) => sum + x, 0);
    });
  }
  return { accuracy: right / asked, loss: loss / asked };
}
