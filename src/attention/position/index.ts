// The registry of position schemes.
import { alibi } from "./alibi";
import { kerpleLogarithm, kerplePowers, sandwichBias } from "./curves";
import { learned, qkLearned } from "./learned";
import type { PositionScheme } from "./position";
import { rerope, windowRope } from "./rerope";
import { rope } from "./rope";
import { qkOnly, sinusoidal } from "./sinusoidal";
import { relative, t5, urpe } from "./tables";

export const positions = {
  none: { what: "no positions", tells: "nothing", absolute: false, works: "alone", create: () => ({}) },
  learned,
  sinusoidal,
  "qk-only": qkOnly,
  "qk-learned": qkLearned,
  rope,
  rerope,
  "window-rope": windowRope,
  alibi,
  relative,
  t5,
  "kerple-log": kerpleLogarithm,
  "kerple-power": kerplePowers,
  sandwich: sandwichBias,
  urpe,
} as const satisfies Record<string, PositionScheme>;

export type PositionName = keyof typeof positions;
