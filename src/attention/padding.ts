// Padding of a call of a layer: checked, and where the tokens of a sequence stand that begins behind it.
import type { Padding, Run } from "../nn/run";
import { add, addTrailing } from "../ops/arithmetic";
import { reshape } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import { type AttentionName, attentions } from ".";
import { type MaskName, masks } from "./mask";
import type { Options } from "./options";
import { type PositionName, positions } from "./position";
import type { Places } from "./position/places";
import type { Position } from "./position/position";

export interface PaddedCall {
  readonly batch: number;
  /** Tokens in all, those of the past included. */
  readonly sources: number;
  readonly position: Position;
  /** Whether it follows, or will be followed by, others. */
  readonly decoding: boolean;
}

interface Choice {
  readonly attention: AttentionName;
  readonly position: PositionName;
  readonly mask: MaskName;
  readonly smear: Options["smear"];
}

/**
 * The padding of the run, if any.
 * @throws Error where its lengths do not fit, and where what stands behind it would be taken for something else
 */
export function paddingOf({ padding }: Run, choice: Choice, call: PaddedCall): Padding | undefined {
  if (!padding) return undefined;
  const { batch, sources, decoding } = call;
  const { side } = padding;
  if (decoding && side === "right")
    throw new Error("attention: tokens would follow padding on the right; decode with padding on the left");
  expectLengths(padding, batch, sources);
  const counting = side === "left" ? countsFromStart(choice, call.position) : undefined;
  if (counting !== undefined) {
    throw new Error(
      `attention: padding on the left shifts positions, which ${counting} counts from the start; pad on the right`,
    );
  }
  return padding;
}

function expectLengths({ lengths }: Padding, batch: number, sources: number): void {
  if (
    lengths.length !== batch ||
    !lengths.every((length) => Number.isInteger(length) && length >= 0 && length <= sources)
  ) {
    throw new Error(
      `attention: padding must give a length of 0..${sources} for each of ${batch} sequences, got ${lengths.join(", ")}`,
    );
  }
}

/** What takes the first place of the tensor for the first of the sequence; vectors of positions are shifted by `addPlaces`. */
function countsFromStart(choice: Choice, { embed, embedScores, rotate }: Position): string | undefined {
  const variant = attentions[choice.attention];
  if (variant.absolute) return choice.attention;
  if (positions[choice.position].absolute && !embed && !embedScores) return choice.position;
  if (rotate && !variant.hasScores) return choice.position; // features of turned keys do not turn with them
  if (choice.smear === "yes") return "smear"; // the first key has none before it
  return masks[choice.mask].hidesFuture === "after-prefix" ? choice.mask : undefined;
}

interface Placing {
  readonly position: Position;
  readonly part: "embed" | "embedScores";
  readonly places: Places;
  readonly padding: Padding | undefined;
}

/** x [B, T, C] and the position's vectors for the places of its tokens: those of a sequence count from behind its padding. */
export function addPlaces(x: Tensor, { position, part, places: { at }, padding }: Placing): Tensor {
  const [B, T] = x.shape as [number, number, number]; // [B, T, C]
  if (padding) expectLengths(padding, B, at.length);
  const past = at.length - T;
  if (padding?.side !== "left") {
    const vectors = position[part]?.(at.subarray(past)); // [T, C]
    return vectors ? addTrailing(x, vectors) : x;
  }
  const own = padding.lengths.flatMap((length) =>
    Array.from({ length: T }, (_, t) => at[Math.max(0, past + t - (at.length - length))]!),
  );
  const vectors = position[part]?.(Float64Array.from(own)); // [B T, C]
  return vectors ? add(x, reshape(vectors, x.shape)) : x;
}
