// Figure 6 of Scan and Snap as its authors published it: final entropy over distinct tokens on Syn-Medium, mean over 10 seeds, in nats.

export const RATIOS = [1, 2, 5, 10] as const;
export const ETA_Z = [0.5, 1, 2, 3] as const;

/** By number of queries, then a row for each etaZ, then a column for each etaY / etaZ. */
export const FIGURE_6: Readonly<Record<number, readonly (readonly number[])[]>> = {
  1: [
    [1.971, 2.007, 2.066, 2.092],
    [1.871, 1.937, 2.022, 2.053],
    [1.699, 1.81, 1.934, 1.9],
    [1.551, 1.708, 1.786, 1.825],
  ],
  3: [
    [2.019, 1.988, 2.031, 2.063],
    [1.963, 1.92, 1.982, 2.024],
    [1.842, 1.809, 1.899, 1.955],
    [1.737, 1.715, 1.821, 1.839],
  ],
  5: [
    [2.026, 1.994, 2.02, 2.055],
    [1.995, 1.931, 1.971, 2.014],
    [1.906, 1.816, 1.884, 1.926],
    [1.817, 1.718, 1.802, 1.831],
  ],
  10: [
    [2.033, 2.012, 2.018, 2.051],
    [2.027, 1.975, 1.976, 2.015],
    [1.99, 1.888, 1.899, 1.947],
    [1.94, 1.805, 1.829, 1.875],
  ],
};

/** How far a mean may be from the paper's: runs of one query scatter up to 0.33. */
export const TOLERANCE: Readonly<Record<number, number>> = { 1: 0.15, 3: 0.1, 5: 0.1, 10: 0.1 };

/** Lowest and highest threshold of figures 11 and 12, around 1/M. */
export const THRESHOLDS: Readonly<Record<number, readonly [number, number]>> = {
  1: [0.028, 0.038],
  3: [0.012, 0.016],
  5: [0.0075, 0.0105],
  10: [0.004, 0.005],
};
