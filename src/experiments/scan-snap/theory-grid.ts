// The settings that `scan-snap-theory` evaluates, by the figure or statement that they belong to.
import type { Grid } from "../experiment";
import type { TheoryConfig } from "./theory-run";

const closed = { classes: 1, etaZ: 0.5, common: 0, commonWeight: 0.5, distinct: 0, step: 1 };

/** Figure 8: h and h* for M = 50 (left) and 1000 (right). */
export const FIGURE_8: readonly (TheoryConfig & { readonly tokens: 50 | 1000 })[] = [
  ...[0.1, 0.2, 0.5, 1, 2].map((etaY) => ({ ...closed, tokens: 50 as const, etaY, until: 80 })),
  ...[0.2, 0.5, 1, 2, 4].map((etaY) => ({ ...closed, tokens: 1000 as const, etaY, until: 70 })),
];
/** Figure 9: B_n at a fixed ratio nu = etaY/etaZ. */
export const FIGURE_9: readonly (TheoryConfig & { readonly tokens: 100 | 10000 })[] = [
  0.5, 1, 2, 4, 8,
].flatMap((etaZ) => [
  { ...closed, tokens: 100 as const, etaZ, etaY: 10 * etaZ, until: 5 },
  { ...closed, tokens: 10000 as const, etaZ, etaY: etaZ, until: 50 },
]);
/** Figure 3: growth over time for K = 10, M = 1000. */
export const FIGURE_3: readonly TheoryConfig[] = [0.5, 1, 2, 5].map((etaY) => ({
  ...closed,
  tokens: 1000,
  classes: 10,
  etaY,
  until: 700,
}));

const oneQuery = { etaY: 1, etaZ: 0.2, until: 400, step: 0.5 };
/** Theorem 3: attention in theory mode, with more and more overlap. */
export const THEOREM_3: readonly TheoryConfig[] = [
  { ...oneQuery, tokens: 200, classes: 4, common: 1, commonWeight: 0.5, distinct: 5 },
  { ...oneQuery, tokens: 200, classes: 4, common: 5, commonWeight: 0.5, distinct: 5 },
  { ...oneQuery, tokens: 34, classes: 2, common: 10, commonWeight: 1, distinct: 10 },
];

const scaled = { tokens: 200, classes: 4, common: 1, commonWeight: 0.5, distinct: 5, until: 800, step: 1 };
/** Both rates at ratio 2, doubled each time. */
export const BOTH_RATES: readonly TheoryConfig[] = [0.25, 0.5, 1, 2].map((etaZ) => ({
  ...scaled,
  etaZ,
  etaY: 2 * etaZ,
}));
/** A faster and faster decoder. */
export const ETA_Y_ONLY: readonly TheoryConfig[] = [0.5, 1, 2, 5].map((etaY) => ({
  ...scaled,
  etaZ: 0.5,
  etaY,
}));

const configs = [
  ...new Map(
    [...FIGURE_3, ...FIGURE_8, ...FIGURE_9, ...THEOREM_3, ...BOTH_RATES, ...ETA_Y_ONLY].map((config) => [
      JSON.stringify(Object.entries(config).sort()),
      config,
    ]),
  ).values(),
];

export const theoryGrid: Readonly<Record<"smoke" | "full", Grid<TheoryConfig>>> = {
  smoke: { configs, seeds: [1], budgetSeconds: 4 },
  full: { configs, seeds: [1, 2, 3], budgetSeconds: 30 },
};
