// From the settings of a run to what it trains: the model, its optimiser, and the batch, rate and clipping of each step. The command
// line and the playground share this, so that the same settings give the same losses to the bit.
import type { AttentionName } from "../attention";
import type { MaskName } from "../attention/mask";
import type { NormalizerName } from "../attention/normalizer";
import { chosenOptions, type Options } from "../attention/options";
import type { PositionName } from "../attention/position";
import type { IndexName } from "../attention/position/strategy";
import { futureRefusal, hasKeys } from "../attention/rules";
import type { ScaleName } from "../attention/scale";
import { windows } from "../data/batches";
import type { Corpus } from "../data/text";
import type { Model, ModelName } from "../models";
import type { GptConfig } from "../models/config";
import { completed, type Described, makeModel } from "../models/make";
import { namedParameters } from "../nn/module";
import { rng } from "../tensor/rng";
import { type Optimizer, type OptimizerName, optimizers } from "./optimizer";
import { type Schedule, warmupCosine } from "./schedule";
import type { TrainOptions } from "./trainer";

export interface Recipe
  extends Options,
    Pick<GptConfig, "layers" | "heads" | "width" | "context" | "dropout">,
    Pick<GptConfig, "norm" | "activation" | "mlp" | "residual"> {
  readonly model: ModelName;
  readonly attention: AttentionName;
  readonly position: "auto" | PositionName;
  readonly index: IndexName;
  readonly scale: ScaleName;
  readonly mask: MaskName;
  readonly normalizer: NormalizerName;
  /** Channels of queries and keys of a gau; 0: by its own rule. */
  readonly keyWidth: number;
  readonly placement: "pre" | "post";
  readonly steps: number;
  readonly batch: number;
  /** Highest learning rate. */
  readonly lr: number;
  readonly optimizer: OptimizerName;
  readonly weightDecay: number;
  readonly tableRate: number;
  readonly clip: number;
  readonly seed: number;
}

/** nanoGPT's choice for small batches, where the second moment is noisy. */
const BETA2 = 0.99;
const SGD_MOMENTUM = 0.9;
/** Share of the steps that the learning rate takes to rise, at most MAXIMUM_WARMUP, and where the cosine ends. */
const WARMUP_SHARE = 0.1;
const MAXIMUM_WARMUP = 100;
const MINIMUM_RATE_SHARE = 0.1;

/**
 * The model and optimiser that a run begins with.
 * @throws Error for settings that do not go together, with the reason
 */
export function makeTraining(recipe: Recipe, vocabulary: number): { model: Model; optimizer: Optimizer } {
  expectRecipe(recipe, vocabulary);
  const model = makeModel(described(recipe, vocabulary), rng(recipe.seed).fork("weights"));
  const parameters = namedParameters(model);
  const { weightDecay, tableRate } = recipe;
  const makers = {
    adamw: () => optimizers.adamw(parameters, { beta2: BETA2, weightDecay, tableRate }),
    sgd: () => optimizers.sgd(parameters, { momentum: SGD_MOMENTUM, weightDecay, tableRate }),
  };
  return { model, optimizer: makers[recipe.optimizer]() };
}

/**
 * Whether a run can begin with these settings; makes nothing.
 * @throws Error for settings that do not go together, with the reason
 */
export function expectRecipe(recipe: Recipe, vocabulary: number): void {
  const future = futureRefusal(recipe.mask);
  if (future !== undefined) throw new Error(`train: ${future}`);
  completed(described(recipe, vocabulary));
}

/** What the trainer needs beside the model. */
export function trainingOptions(recipe: Recipe, corpus: Corpus, optimizer: Optimizer): TrainOptions {
  const { steps, batch, context, clip, dropout, seed } = recipe;
  return {
    batches: windows(corpus.train, { batch, context, rng: rng(seed).fork("batches") }),
    steps,
    learningRate: recipeSchedule(recipe),
    optimizer,
    clip,
    ...(dropout > 0 && { rng: rng(seed).fork("dropout") }),
  };
}

/** Up within a tenth of the steps, then down to a tenth of the rate. */
export function recipeSchedule({ steps, lr }: Pick<Recipe, "steps" | "lr">): Schedule {
  return warmupCosine({
    learningRate: lr,
    minimum: lr * MINIMUM_RATE_SHARE,
    warmup: Math.min(MAXIMUM_WARMUP, Math.floor(steps * WARMUP_SHARE)),
    steps,
  });
}

/** Each kind takes the settings of a gpt that it has, and its own. */
function described(recipe: Recipe, vocabulary: number): Described {
  const { model: kind, layers, heads, width, context, dropout, keyWidth, placement } = recipe;
  const { attention, index, scale, mask, normalizer, norm, activation, mlp, residual } = recipe;
  const position = recipe.position === "auto" ? automaticPosition(recipe) : recipe.position;
  const sizes = { vocabulary, layers, heads, width, context, dropout };
  const bare = { ...sizes, attention, position, index, scale, mask, normalizer, ...chosenOptions(recipe) };
  switch (kind) {
    case "gpt":
      return { kind, config: { ...bare, norm, activation, mlp, residual } };
    case "attention-only":
      return { kind, config: bare };
    case "gau": {
      const { heads, attention, ...config } = bare;
      return { kind, config: { ...config, norm, ...(keyWidth > 0 && { keyWidth }), placement } };
    }
  }
}

/** The scheme that costs least: rotary, if there are keys to turn, and for models without positions in the stream their own. */
function automaticPosition(recipe: Recipe): PositionName {
  if (recipe.model === "attention-only") return "qk-learned";
  return hasKeys(recipe) ? "rope" : "learned";
}
