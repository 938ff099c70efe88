// The fine-tune story of gated attention units in miniature: an encoder of masked characters is trained on long sequences and goes on at
// shorter ones, its squared relus divided by a fixed number or by the number of tokens, or with softmax in their place.
import type { NormalizerName } from "../../attention/normalizer";
import type { Batch } from "../../data/batches";
import type { Corpus } from "../../data/text";
import { gau } from "../../models/gau";
import type { GivenGau } from "../../models/gau-config";
import { namedTensors } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import { floats } from "../../tensor/tensor";
import { entryOf } from "./check";
import { fit } from "./fit";
import { atEach } from "./lengths";
import { encoder, maskedSizes, maskedWindows, testMasked } from "./masked";

interface Arm {
  readonly normalizer: NormalizerName;
  /** Whether it is trained at all lengths from the start. */
  readonly mixed: boolean;
}

export const arms = {
  "relu2, fixed divisor": { normalizer: "relu2-fixed", mixed: false },
  "relu2, actual n": { normalizer: "relu2", mixed: false },
  "relu2, mixed lengths": { normalizer: "relu2", mixed: true },
  softmax: { normalizer: "softmax", mixed: false },
  "softmax-plus": { normalizer: "softmax-plus", mixed: false },
} as const satisfies Record<string, Arm>;

export interface FineTune {
  /** A name in `arms`. */
  readonly variant: string;
  /** Characters of a sequence in training; fine-tuned at an eighth and a quarter of it. */
  readonly trained: number;
  readonly steps: number;
  /** Sequences of full length in a step; shorter ones are as many more. */
  readonly batch: number;
  readonly learningRate: number;
}

const MODEL = {
  width: 32,
  keyWidth: 32,
  layers: 4,
  mask: "bidirectional",
  position: "rope",
  norm: "rmsnorm",
} as const;
/** Initial deviation of embeddings: with a decoder's 0.02 the first hundreds of steps go into letting them grow. */
const TOKEN_DEVIATION = 0.2;
/** Steps at a shorter length, over those before, and the rate likewise. */
const TUNED = 0.2;

export function shorter({ trained }: Pick<FineTune, "trained">): number[] {
  return [trained / 8, trained / 4];
}

export function tunedModel({ variant, trained }: FineTune, vocabulary: number): GivenGau {
  const { normalizer } = armOf(variant);
  return { ...MODEL, vocabulary, normalizer, context: trained, trained };
}

/** @throws Error for a name that there is not */
export function armOf(name: string): Arm {
  return entryOf("gau-length: variant", arms, name);
}

/**
 * Metrics: accuracy and loss (nats) at full length after training (`accuracy at 64`), at the shorter ones as the model stands (`before at
 * 8`) and after fine-tuning there (`after at 8`, `loss after at 8`).
 */
export function* fineTune(settings: FineTune, data: Corpus, rng: Rng) {
  const { trained, steps, batch, learningRate } = settings;
  const given = tunedModel(settings, maskedSizes(data).vocabulary);
  const model = gau(given, rng.fork("weights"));
  floats(model.token.weight).set(normals(model.token.weight.size, TOKEN_DEVIATION, rng.fork("tokens")));
  const whole = { data, rng: rng.fork("training"), characters: batch * trained };
  const lengths = armOf(settings.variant).mixed ? [...shorter(settings), trained / 2, trained] : [trained];
  const first = fit(encoder(model), {
    ...{ batches: cycling(lengths, whole), steps, learningRate, rng: rng.fork("places") },
  });
  const curve = yield* share(first, 0, 1 / (1 + 2 * TUNED));
  const test = (tested: Parameters<typeof encoder>[0], n: number) =>
    testMasked(encoder(tested), data, { n, longest: trained, rng: rng.fork("test") });
  const home = atEach([trained], (n) => test(model, n));
  const before = atEach(shorter(settings), (n) => ({ before: test(model, n).accuracy }));
  const after: Record<string, number> = {};
  for (const [i, n] of shorter(settings).entries()) {
    const tuned = gau(given, rng.fork("weights"));
    const trainedTensors = namedTensors(model);
    for (const [path, x] of namedTensors(tuned)) floats(x).set(trainedTensors.get(path)!.values()); // the same model
    const run = fit(encoder(tuned), {
      batches: cycling([n], { ...whole, rng: rng.fork("tuning", n) }),
      steps: Math.round(TUNED * steps),
      learningRate: TUNED * learningRate,
      rng: rng.fork("places"),
    });
    yield* share(run, (1 + i * TUNED) / (1 + 2 * TUNED), TUNED / (1 + 2 * TUNED));
    const { accuracy, loss } = test(tuned, n);
    Object.assign(after, { [`after at ${n}`]: accuracy, [`loss after at ${n}`]: loss });
  }
  return { curve, ...home, ...before, ...after };
}

/** The lengths in turn, as many characters in each step. */
function cycling(
  lengths: readonly number[],
  { data, rng, characters }: { data: Corpus; rng: Rng; characters: number },
): (step: number) => Batch {
  const each = lengths.map((context) =>
    maskedWindows(data, { batch: Math.floor(characters / context), context, rng }),
  );
  return (step) => each[step % each.length]!(step);
}

function normals(count: number, deviation: number, rng: Rng): Float32Array {
  return Float32Array.from({ length: count }, () => deviation * rng.normal());
}

/** A part of the work, as a share of the whole. */
function* share<T>(run: Generator<number, T>, from: number, size: number): Generator<number, T> {
  for (;;) {
    const { value, done } = run.next();
    if (done) return value;
    yield from + size * value;
  }
}
