// Encoders trained on short sequences under one choice of positions and tested on longer ones, some of them under another.
import type { GptConfig } from "../../models/config";
import { gptConfig } from "../../models/config";
import { tagger } from "../../models/tagger";
import type { Rng } from "../../tensor/rng";
import { mean } from "../select";
import { accuracy } from "../synthesizer/learn";
import { entryOf, expectPlaces } from "./check";
import { fit } from "./fit";
import { atEach } from "./lengths";
import { type SequenceTask, sequenceSizes, sequences, sequenceTasks } from "./sequence-tasks";
import { withWeightsOf } from "./weights";

export interface Robust {
  /** A name in sequence-tasks.ts. */
  readonly part: string;
  /** A position scheme, or what is done to rope at test: `window` shows as many tokens as in training, `rerope` holds far distances. */
  readonly position: string;
  readonly index: string;
  readonly logN: boolean;
  /** Lengths of training are at most `trained`, those of tests at most `longest`. */
  readonly trained: number;
  readonly longest: number;
  /** Positions that random-subset draws from. */
  readonly reach: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

type Choice = Partial<GptConfig>;

/** Which settings a model is trained and tested with. */
export function choices({ position, index, logN, trained, reach }: Robust): { train: Choice; test: Choice } {
  const late = position === "window" || position === "rerope";
  // Plain data; gptConfig refuses names that there are not.
  const names = { position: late ? "rope" : position, index } as Pick<GptConfig, "position" | "index">;
  const train: Choice = {
    ...{ ...names, reach, trained },
    scale: logN && position !== "rerope" ? "log-n" : "inverse-sqrt",
  };
  if (position === "window") return { train, test: { ...train, mask: "centred-window", window: trained } };
  if (position === "rerope") {
    // Half of the distances of training, in the units of its positions.
    const near = Math.ceil((index === "random-subset" ? reach : trained) / 2);
    const scale = logN ? "log-n-clipped" : "inverse-sqrt";
    return { train, test: { ...train, position: "rerope", near, scale } };
  }
  return { train, test: train };
}

function modelConfig(settings: Robust, choice: Choice): GptConfig {
  const { width, heads, layers, longest } = settings;
  const { vocabulary, context } = sequenceSizes(taskOf(settings), longest);
  const sizes = { vocabulary, context, width, heads, layers, mlpWidth: 2 * width };
  return gptConfig({
    ...{ ...sizes, norm: "rmsnorm", activation: "relu", bias: true, tied: false, mask: "bidirectional" },
    ...choice,
  });
}

/** @throws Error for settings that do not make a model */
export function expectRobust(settings: Robust): void {
  const { train, test } = choices(settings);
  for (const choice of [train, test]) expectPlaces(modelConfig(settings, choice));
  const { shortest } = taskOf(settings);
  if (settings.trained < shortest)
    throw new Error(
      `position-robustness: ${settings.part} needs trained of at least ${shortest}, got ${settings.trained}`,
    );
}

/** Of `before-last` doubling ones, 2 n + 1 after n; of the others every quarter of the training length. */
export function robustLengths({
  part,
  trained,
  longest,
}: Pick<Robust, "part" | "trained" | "longest">): number[] {
  const next = part === "before-last" ? (n: number) => 2 * n + 1 : (n: number) => n + Math.ceil(trained / 4);
  const lengths: number[] = [];
  for (let n = trained; n <= longest; n = next(n)) lengths.push(n);
  return lengths;
}

const TEST_BATCH = 20;

/** Metrics: `accuracy at` each length, and `longer`, the mean over those beyond training. */
export function* robust(settings: Robust, rng: Rng) {
  const { trained, batch, steps, learningRate } = settings;
  const task = taskOf(settings);
  const { train, test } = choices(settings);
  const { outputs } = task;
  const model = tagger({ ...modelConfig(settings, train), outputs }, rng.fork("weights"));
  const lengthOf = (draws: Rng) => task.shortest + draws.integer(trained - task.shortest + 1);
  const curve = yield* fit(model, {
    batches: sequences(task, { batch, rng: rng.fork("training"), lengthOf }),
    ...{ steps, learningRate, rng: rng.fork("places") },
  });
  const tested =
    test === train
      ? model
      : withWeightsOf(model, tagger({ ...modelConfig(settings, test), outputs }, rng.fork("weights")));
  const lengths = robustLengths(settings);
  const found = atEach(lengths, (n) => {
    const fresh = sequences(task, { batch: TEST_BATCH, rng: rng.fork("test", n), lengthOf: () => n });
    return { accuracy: accuracy(tested, fresh) };
  });
  const beyond = lengths.slice(1).map((n) => found[`accuracy at ${n}`]!); // one for each
  return { curve, ...found, ...(beyond.length > 0 && { longer: mean(beyond) }) };
}

function taskOf({ part }: Pick<Robust, "part">): SequenceTask {
  return entryOf("position-robustness: part", sequenceTasks, part);
}
