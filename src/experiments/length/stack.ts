// A causal language model whose layers differ in positions, mask and scale: windows under rotary positions below, full attention without
// positions on top (Su 2023, HWFA, kexue.fm/archives/9603), and what it is compared with.
import { createPosition, placesOf } from "../../attention/position/placement";
import type { Position } from "../../attention/position/position";
import { Block } from "../../models/block";
import { type GptConfig, gptConfig } from "../../models/config";
import type { Trainable } from "../../models/model";
import { biasesOf } from "../../nn/biases";
import { Embedding } from "../../nn/embedding";
import { Linear } from "../../nn/linear";
import { type Norm, norms } from "../../nn/norm";
import { Run, type RunOptions } from "../../nn/run";
import { crossEntropy } from "../../ops/crossentropy";
import type { Rng } from "../../tensor/rng";
import { expectShape } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { entryOf } from "./check";

export interface StackSizes {
  readonly vocabulary: number;
  /** Tokens of a training sequence, and of the longest. */
  readonly trained: number;
  readonly longest: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
}

type Choice = Partial<GptConfig>;

const rope: Choice = { position: "rope" };
/** Farther than the share of the training length that windows may reach through all layers below the top. */
const REACHED = 0.75;

/** Sources of a window, so that (window - 1)(layers - 1) + 1 is at most three quarters of the training length. */
export function windowOf({ trained, layers }: StackSizes): number {
  return Math.floor((REACHED * trained - 1) / Math.max(1, layers - 1)) + 1;
}

interface Arm {
  /** What every layer but the last is, and the last. */
  readonly below: (sizes: StackSizes) => Choice;
  readonly top: (sizes: StackSizes) => Choice;
}

const alike = (choice: (sizes: StackSizes) => Choice): Arm => ({ below: choice, top: choice });
const near = ({ trained }: StackSizes) => trained / 2;

/** By the names of the article's tables. */
export const stacks = {
  baseline: alike(() => rope),
  "log n": alike(() => ({ ...rope, scale: "log-n" })),
  HWFA: {
    below: (sizes) => ({ ...rope, mask: "sliding-window", window: windowOf(sizes) }),
    top: () => ({ position: "none", scale: "log-n" }),
  },
  ReRoPE: alike((sizes) => ({ position: "rerope", near: near(sizes) })),
  "ReRoPE, clipped log n": alike((sizes) => ({
    position: "rerope",
    near: near(sizes),
    scale: "log-n-clipped",
  })),
  "ReRoPE, log n": alike((sizes) => ({ position: "rerope", near: near(sizes), scale: "log-n" })),
} as const satisfies Record<string, Arm>;

/** Which are trained, and what each is tested as. */
export const trainedStacks = {
  baseline: ["baseline", "ReRoPE", "ReRoPE, clipped log n"],
  "log n": ["log n", "ReRoPE, log n"],
  HWFA: ["HWFA"],
} as const satisfies Partial<Record<keyof typeof stacks, readonly (keyof typeof stacks)[]>>;

/**
 * The configuration of each layer, from below.
 * @throws Error for a name that there is not, for no layer, and for settings that do not make one
 */
export function layerConfigs(name: string, sizes: StackSizes): GptConfig[] {
  if (!(sizes.layers >= 1))
    throw new Error(`position-robustness: a stack must have at least 1 layer, got ${sizes.layers}`);
  const { below, top }: Arm = entryOf("position-robustness: stack", stacks, name);
  const { vocabulary, trained, longest, width, heads, layers } = sizes;
  return Array.from({ length: layers }, (_, layer) =>
    gptConfig({
      ...{ vocabulary, width, heads, layers, trained, context: longest, mlpWidth: 4 * width },
      ...{ norm: "rmsnorm", activation: "relu", bias: true, tied: false, mask: "causal" },
      ...(layer === layers - 1 ? top(sizes) : below(sizes)),
    }),
  );
}

/** Initial deviation of embeddings, as in `tagger`. */
const TOKEN_DEVIATION = 0.71;

export class Stack implements Trainable {
  readonly token: Embedding;
  readonly positions: readonly Position[];
  readonly blocks: readonly Block[];
  readonly norm: Norm;
  readonly head: Linear;
  readonly #configs: readonly GptConfig[];

  constructor(name: string, sizes: StackSizes, rng: Rng) {
    const { vocabulary, width, heads } = sizes;
    const deviation = 1 / Math.sqrt(3 * width); // PyTorch's for linear layers
    const configs = layerConfigs(name, sizes);
    this.token = new Embedding(vocabulary, width, { deviation: TOKEN_DEVIATION, rng: rng.fork("token") });
    this.positions = configs.map((config, layer) =>
      createPosition(config, { headWidth: width / heads, deviation, rng: rng.fork("position", layer) }),
    );
    this.blocks = configs.map((config, layer) => {
      const init = { layer, deviation, outputDeviation: deviation, attentionBias: false };
      return new Block(config, { ...init, rng: rng.fork("blocks", layer) });
    });
    const [{ norm, bias, normEpsilon }] = configs as [GptConfig]; // at least one layer was asked for
    this.norm = norms[norm](width, { bias: biasesOf(bias).norms, epsilon: normEpsilon });
    this.head = new Linear(width, vocabulary, { bias: true, deviation, rng: rng.fork("head") });
    this.#configs = configs;
  }

  /** ids [B, T] give logits of next tokens [B, T, V]. */
  logits(ids: Tensor, options: RunOptions = {}): Tensor {
    const { T } = expectShape("stack", "ids", ids, ["B", "T"]);
    const run = new Run(options);
    const last = this.blocks.reduce((x, block, layer) => {
      const places = placesOf(this.#configs[layer]!, T);
      return block.apply(x, { run: run.at(`blocks.${layer}`), position: this.positions[layer]!, places });
    }, this.token.apply(ids));
    return this.head.apply(this.norm.apply(last));
  }

  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor {
    return crossEntropy(this.logits(ids, options), targets);
  }
}
