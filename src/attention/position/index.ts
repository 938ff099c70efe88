// The registry of position schemes.
import { LearnedPosition } from "./learned";
import type { Position, PositionConfig } from "./position";
import { RotaryPosition } from "./rope";

export const positions = {
  none: () => ({}),
  learned: (config) => new LearnedPosition(config),
  rope: (config) => new RotaryPosition(config),
} as const satisfies Record<string, (config: PositionConfig) => Position>;

export type PositionName = keyof typeof positions;
