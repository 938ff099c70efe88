// The models of all experiments on circuits: attention alone, small enough to be read.
import type { PositionName } from "../../attention/position";
import { type AttentionOnly, attentionOnly } from "../../models/attention-only";
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

/** What a task asks of its models. */
export interface TaskSizes {
  readonly vocabulary: number;
  readonly context: number;
}

/** @throws Error when the configuration is not sound */
export function circuitModel(model: CircuitModel, sizes: TaskSizes, rng: Rng): AttentionOnly {
  const { layers, width, heads, position, smear } = model;
  return attentionOnly({ ...sizes, layers, width, heads, position, smear }, rng);
}
