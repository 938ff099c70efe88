// The registry of position schemes.
import { learned } from "./learned";
import type { PositionScheme } from "./position";
import { rope } from "./rope";

export const positions = {
  none: { what: "no positions", tells: "nothing", absolute: false, needsKeys: false, create: () => ({}) },
  learned,
  rope,
} as const satisfies Record<string, PositionScheme>;

export type PositionName = keyof typeof positions;
