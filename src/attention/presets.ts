// Synthesizers as three codes have them: options that go together, each of which can still be changed.

export const presets = {
  /** Tay et al. 2021: everything per head, mixtures by a softmax. */
  paper: {},
  /** mesh-tensorflow's transformer layers, which the published C4 runs used: tables within Glorot's limit, almost even. */
  mesh: {
    alpha: "sigmoid",
    alphaPer: "layer",
    tables: "glorot",
    rank: 16,
    second: "shared",
    ownBias: "no",
  },
  /** Long Range Arena's code: members of a mixture are added as they are. */
  lra: { alpha: "sum", rank: 32 },
} as const;
