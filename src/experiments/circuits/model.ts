// The models of all experiments on circuits: attention alone, small enough to be read.
import type { PositionName } from "../../attention/position";
import { type AttentionOnly, attentionOnly } from "../../models/attention-only";
import { attentionOnlyConfig } from "../../models/attention-only-config";
import type { Rng } from "../../tensor/rng";

export type CircuitModel = {
  readonly layers: number;
  /** Of the residual stream, C. */
  readonly width: number;
  /** In each layer. */
  readonly heads: number;
  readonly position: PositionName;
  /** Whether each key is mixed with the one before it. */
  readonly smear: "no" | "yes";
};

/** What `--set` may choose: position schemes under which the weights say what a head compares, and which stay out of the residual stream. */
export const circuitChoices = {
  position: ["qk-learned", "qk-only", "relative", "t5", "alibi", "none"],
  smear: ["no", "yes"],
} as const satisfies { position: readonly PositionName[]; smear: readonly string[] };

/** What a task asks of its models. */
export interface TaskSizes {
  readonly vocabulary: number;
  readonly context: number;
}

/** @throws Error when the configuration is not sound */
export function circuitModel(model: CircuitModel, sizes: TaskSizes, rng: Rng): AttentionOnly {
  return attentionOnly(given(model, sizes), rng);
}

/** Refuses a configuration before any trial starts: a trial's settings are plain data, so they may name what there is not. */
export function checkCircuitModel(model: CircuitModel, sizes: TaskSizes): void {
  attentionOnlyConfig(given(model, sizes));
}

function given({ layers, width, heads, position, smear }: CircuitModel, sizes: TaskSizes) {
  return { ...sizes, layers, width, heads, position, smear };
}
