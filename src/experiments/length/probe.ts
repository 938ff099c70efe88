// Which positions and normalisers can tell equal tokens apart (Su 2022, kexue.fm/archives/9105): by reason, by value, and by training.
//
// Where all tokens are equal, so are their values v, and the output of a row is (sum of its weights) v. Positions that work on scores alone
// are seen only through that sum, which softmax makes 1. So it takes positions in the input, factors after the normaliser, or a normaliser
// whose rows do not sum to one.
import { type Mask, masks } from "../../attention/mask";
import type { NormalizerName } from "../../attention/normalizer";
import type { Position } from "../../attention/position/position";
import { IGNORED } from "../../data/batches";
import { type GptConfig, gptConfig } from "../../models/config";
import { type Tagger, tagger } from "../../models/tagger";
import { namedParameters } from "../../nn/module";
import { tokenLosses } from "../../ops/crossentropy";
import type { Rng } from "../../tensor/rng";
import { columns } from "../../tensor/shape";
import { floats, ids, scope, type Tensor } from "../../tensor/tensor";
import { entryOf, expectPlaces } from "./check";
import { fit } from "./fit";
import { type PositionTask, positionBatches, positionSizes, positionTasks } from "./position-tasks";

export interface Probe extends PositionTask {
  /** A name in position-tasks.ts. */
  readonly part: string;
  readonly position: string;
  readonly normalizer: string;
  readonly mask: string;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** Where a scheme puts positions: into the input, among the weights, on the scores, or nowhere. */
export type Place = "input" | "weights" | "scores" | "nowhere";

function placeOf(position: Position): Place {
  if (position.embed) return "input";
  if (position.factor) return "weights";
  const { embedScores, rotate, bands, bias } = position;
  return embedScores || rotate || bands || bias ? "scores" : "nowhere";
}

const SUMS_TO_ONE: readonly NormalizerName[] = ["softmax", "softmax-plus"];
/** Of equal scores over more and more tokens: the root of their number, and their number itself. */
const GROWS: readonly NormalizerName[] = ["l2", "relu2-fixed"];

/**
 * Whether there are weights that tell equal tokens apart. "rarely": relu2-normalized rows sum to one unless their scores are hardly above
 * zero, and so do not tell rows apart but for weights that bring that about.
 */
export function reasoned(
  place: Place,
  { normalizer, mask, marked }: Pick<Probe, "normalizer" | "mask" | "marked">,
): "yes" | "no" | "rarely" {
  if (marked || place === "input" || place === "weights") return "yes";
  const is = (names: readonly string[]) => names.includes(normalizer);
  if (is(SUMS_TO_ONE)) return "no";
  const { hidesFuture }: Mask = masks[mask as keyof typeof masks]; // checked with the configuration
  const alike = place === "nowhere" && hidesFuture === "never";
  if (alike) return "no";
  if (normalizer === "relu2-normalized") return "rarely";
  return place === "scores" || is(GROWS) ? "yes" : "no";
}

/** Distance from which on rerope and window-rope no longer turn: below the number of tokens. */
const NEAR = 4;

/** @throws Error for settings that do not make a model */
export function probeConfig(settings: Probe): GptConfig {
  const { position, normalizer, mask, width, heads, layers } = settings;
  // Plain data; gptConfig refuses names that there are not.
  const names = { position, normalizer, mask } as Pick<GptConfig, "position" | "normalizer" | "mask">;
  const config = gptConfig({
    ...{ ...names, width, heads, layers, mlpWidth: 2 * width, near: NEAR, norm: "rmsnorm" },
    ...{ activation: "relu", bias: true, tied: false },
    ...modelSizes(settings),
  });
  expectPlaces(config);
  return config;
}

/** How much larger than for a signal of the same size weights are drawn where differences are looked for. */
const LOUD = 1.5;

/** The largest difference of a row of logits from the first, over the largest logit, with all weights random. */
export function spread(settings: Probe, rng: Rng): { spread: number; place: Place; mirrored: boolean } {
  return scope(() => {
    const model = makeModel({ ...settings, layers: 3, heads: 4, marked: false }, rng);
    for (const [path, w] of namedParameters(model)) {
      const draws = rng.fork("loud", path);
      const table = path.startsWith("position") || path.startsWith("token");
      const deviation = table ? 1 : w.shape.length > 1 ? LOUD / Math.sqrt(w.shape[0]!) : 0.1;
      const center = path.endsWith("gain") ? 1 : 0;
      floats(w).set(Float32Array.from({ length: w.size }, () => center + deviation * draws.normal()));
    }
    const logits = model.logits(ids(new Int32Array(settings.n), [1, settings.n]));
    const values = floats(logits);
    const width = columns(logits);
    let [difference, size] = [0, 0];
    values.forEach((value, i) => {
      difference = Math.max(difference, Math.abs(value - values[i % width]!));
      size = Math.max(size, Math.abs(value));
    });
    return { spread: difference / size, place: placeOf(model.position), mirrored: mirrored(model.position) };
  });
}

/** Whether it is all in a bias that is the same to the left and to the right. */
function mirrored(position: Position): boolean {
  const { embed, factor, rotate, bands } = position;
  if (embed || factor || rotate || bands) return false;
  const at = (distance: number) => position.bias?.(Float64Array.of(distance), 0).values().join();
  return position.bias !== undefined && [1, 2, 5].every((distance) => at(distance) === at(-distance));
}

/** Sequences of a test. */
const TESTED = 50;
/** In nats, by which the right label must lead: rows that are all but equal have no label of their own. */
const LEAD = 1e-3;

/** Trains, and tests on fresh sequences: mean loss in nats and share of right labels, of those that count. */
export function* probe(settings: Probe, rng: Rng) {
  const { batch, steps, learningRate } = settings;
  const task = taskOf(settings);
  const model = makeModel(settings, rng.fork("weights"));
  const batches = positionBatches(task, settings, { batch, rng: rng.fork("training") });
  const curve = yield* fit(model, { batches, steps, learningRate, rng: rng.fork("places") });
  const count = settings.symbols === 1 ? 1 : TESTED;
  const { inputs, targets, context } = positionBatches(task, settings, {
    batch: count,
    rng: rng.fork("test"),
  })(0);
  const first = settings.marked ? 1 : 0;
  return scope(() => {
    const shape = [count, context];
    const logits = model.logits(ids(inputs, shape));
    const counted = targets.map((target, i) =>
      target !== IGNORED && task.counts((i % context) - first, settings) ? target : IGNORED,
    );
    const asked = counted.filter((target) => target !== IGNORED).length;
    const losses = floats(tokenLosses(logits, ids(counted, shape)).losses);
    const loss = losses.reduce((sum, value) => sum + value, 0) / asked;
    return { curve, loss, accuracy: leading(logits, counted) / asked };
  });
}

/** Rows whose target is ahead of every other label. */
function leading(logits: Tensor, targets: Int32Array): number {
  const values = floats(logits);
  const width = columns(logits);
  return targets.reduce((count, target, row) => {
    if (target === IGNORED) return count;
    const mine = values.subarray(row * width, (row + 1) * width);
    return count + (mine.every((value, c) => c === target || value <= mine[target]! - LEAD) ? 1 : 0);
  }, 0);
}

function modelSizes(settings: Probe) {
  const { vocabulary, context } = positionSizes(taskOf(settings), settings);
  return { vocabulary, context };
}

function makeModel(settings: Probe, rng: Rng): Tagger {
  const { outputs } = positionSizes(taskOf(settings), settings);
  return tagger({ ...probeConfig(settings), outputs }, rng);
}

function taskOf({ part }: Probe) {
  return entryOf("position-probe: part", positionTasks, part);
}
