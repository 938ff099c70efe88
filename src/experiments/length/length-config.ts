// The settings that experiments on length share: what is trained, at which length, and to which it is tested.

/** Declared as a type, as settings of trials are. */
export type LengthConfig = {
  readonly part: string;
  /** A name of the part: of `retrieval` one in retrieval.ts, of `fine-tune` one in fine-tune.ts. */
  readonly variant: string;
  /** Tokens of a training sequence, and of the longest tested one. */
  readonly trained: number;
  readonly longest: number;
  /** Tested sequences of each length, or rows of random logits. */
  readonly sequences: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  /** A file, or "" for the generated text, and the digest of its content. */
  readonly text: string;
  readonly textDigest: string;
  /** Of the text, from its start, white space collapsed; the last tenth is held out. */
  readonly characters: number;
};
