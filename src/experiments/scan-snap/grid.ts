// Which runs `scan-snap` makes, and the words by which claims and figures find them.
import type { Grid } from "../experiment";
import { type OneLayerConfig, synSmall } from "./settings";

type Change = Partial<OneLayerConfig>;

/** etaY at etaZ = 1, and both rates at a fixed ratio. */
export const RATES_Y = [0.1, 1, 2, 5, 10, 20, 50] as const;
export const SCALES = [0.25, 0.5, 1, 2, 3] as const;
export const RATIOS = [1, 2] as const;
export const ADAM_RATES = [0.1, 0.5, 1] as const;

export const expected = { ...synSmall, mode: "population" } as const satisfies OneLayerConfig;
export const sampled = { ...synSmall, mode: "minibatch" } as const satisfies OneLayerConfig;
/** Without momentum, long: how it slows down. */
export const slowing: OneLayerConfig = { ...expected, momentum: 0, steps: 1500 };
/** Attention so much slower than the decoder that theorem 3 should hold. */
export const quasiStatic: readonly OneLayerConfig[] = [0.1, 0.02].map((etaZ) => ({
  ...expected,
  momentum: 0,
  steps: 500,
  etaZ,
}));
export const adam = (rate: number): OneLayerConfig => ({
  ...expected,
  optimizer: "adam",
  etaY: rate,
  etaZ: rate,
});
/** The rates at which float32 is held against float64. */
export const PRECISION_RATES: readonly Change[] = [
  { etaY: 1, etaZ: 1 },
  { etaY: 10, etaZ: 1 },
  { etaY: 0.1, etaZ: 0.25 },
  { etaY: 2, etaZ: 4 },
  { etaY: 50, etaZ: 4 },
];
export const LONG = 1024;

const populations: readonly OneLayerConfig[] = distinct([
  ...RATES_Y.map((etaY) => ({ ...expected, etaY })),
  ...RATIOS.flatMap((ratio) => SCALES.map((etaZ) => ({ ...expected, etaY: ratio * etaZ, etaZ }))),
  ...PRECISION_RATES.flatMap((rates) =>
    ["f64", "f32"].map((precision) => ({ ...expected, ...rates, precision })),
  ),
  ...ADAM_RATES.map(adam),
  slowing,
  ...quasiStatic,
]);

export const scanSnapGrid: Readonly<Record<"smoke" | "full", Grid<OneLayerConfig>>> = {
  smoke: { configs: [sampled, ...populations], seeds: [1], budgetSeconds: 4 },
  full: {
    configs: [
      sampled,
      { ...sampled, etaY: 10 },
      { ...sampled, precision: "f32" },
      { ...sampled, length: LONG },
      ...ADAM_RATES.map((rate) => ({ ...adam(rate), mode: "minibatch" })),
      ...populations,
    ],
    seeds: [1, 2, 3],
    budgetSeconds: 60,
  },
};

function distinct(configs: readonly OneLayerConfig[]): OneLayerConfig[] {
  return [...new Map(configs.map((config) => [JSON.stringify(config), config])).values()];
}
