// The registry of suites: what `heed bench` accepts.
import type { Suite } from "./row";
import { attention } from "./suites/attention";
import { decode } from "./suites/decode";
import { matmul } from "./suites/matmul";
import { rows } from "./suites/rows";
import { step } from "./suites/step";
import { variants } from "./suites/variants";

export const suites = { matmul, attention, variants, rows, step, decode } as const satisfies Record<
  string,
  Suite
>;

export type SuiteName = keyof typeof suites;
