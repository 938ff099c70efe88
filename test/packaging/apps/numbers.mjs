// Small attention inputs, for the apps to compute with and for the runner to check.
export const shape = { heads: 1, tokens: 2, sources: 3, width: 2 };
export const arrays = {
  q: [1, 0, 0.5, -1],
  k: [1, 2, -1, 0, 0, 1],
  v: [1, 10, 2, 20, 3, 30],
  dOut: [1, 0, 0, 1],
};
