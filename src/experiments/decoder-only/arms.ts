// The models that are compared: they differ in who sees whom in the input part, and in whether input and output share weights. All else,
// from the first weights to the batches, is the same.

import type { MaskName } from "../../attention/mask";
import { transductionSizes } from "../../data/transduction";
import { type EncoderDecoder, encoderDecoder } from "../../models/encoder-decoder";
import { type Gpt, gpt } from "../../models/gpt";
import type { Rng } from "../../tensor/rng";

export interface ArmSizes {
  readonly width: number;
  /** Symbols of the input. */
  readonly length: number;
}

const HEADS = 4;
const LAYERS = 2;

/** Of an encoder and a decoder: with cross-attention two layers then have the weights of two layers of a decoder alone with MLPs of 4. */
const CROSS_MLP = 3;

type Arm = (sizes: ArmSizes, rng: Rng) => Gpt | EncoderDecoder;

export const arms = {
  /** The input is read as the output is. */
  GPT: decoderOnly("causal"),
  /** Every token of the input sees all of it. */
  UniLM: decoderOnly("prefix"),
  /** The input is read forward by the even layers and backward by the odd ones, or by one half of the heads and the other. */
  alternating: decoderOnly("prefix-alternating-layers"),
  "half-half": decoderOnly("prefix-half-heads"),
  /** A layer each, with about the parameters of the others, and two, with twice as many. */
  T5: encoderAndDecoder(LAYERS / 2),
  "T5 x2": encoderAndDecoder(LAYERS),
} as const satisfies Readonly<Record<string, Arm>>;

export type ArmName = keyof typeof arms;
export const armNames = Object.keys(arms) as readonly ArmName[]; // its own keys

/** GPT, said as a decoder whose prefix is so short that it has nothing to show. */
export function prefixless(sizes: ArmSizes, rng: Rng): Gpt {
  return decoder(sizes, "prefix", 1, rng);
}

function decoderOnly(mask: MaskName) {
  // The sign at the input's end belongs to the prefix: the first output is said there.
  return (sizes: ArmSizes, rng: Rng) => decoder(sizes, mask, sizes.length + 1, rng);
}

function decoder({ width, length }: ArmSizes, mask: MaskName, prefix: number, rng: Rng): Gpt {
  const shared = { ...transductionSizes(length), width, heads: HEADS, layers: LAYERS };
  return gpt({ ...shared, position: "rope", mask, prefix }, rng);
}

function encoderAndDecoder(layers: number) {
  return ({ width, length }: ArmSizes, rng: Rng): EncoderDecoder => {
    const { vocabulary } = transductionSizes(length);
    const sizes = { vocabulary, width, heads: HEADS, layers, mlpWidth: CROSS_MLP * width };
    return encoderDecoder({ ...sizes, position: "rope", sources: length, context: length }, rng);
  };
}
