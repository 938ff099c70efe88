// The two ways in which a block adds attention and MLP to the residual stream.

export const residuals = {
  sequential: { what: "the MLP reads the stream with what attention has added (Vaswani et al. 2017)" },
  parallel: {
    what: "attention and MLP read the same stream, each by its own norm (Wang & Komatsuzaki 2021, GPT-J; GPT-NeoX)",
  },
} as const;

export type ResidualName = keyof typeof residuals;
