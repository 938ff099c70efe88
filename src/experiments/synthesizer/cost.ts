// What variants cost by their formulas: parameters of a layer, and multiply-adds for a token.
import { factorSizes } from "../../attention/factorized-dense";
import { memberNames } from "../../attention/mixture";
import type { GptConfig } from "../../models/config";

type Sizes = Pick<
  GptConfig,
  | "attention"
  | "members"
  | "alpha"
  | "alphaPer"
  | "width"
  | "heads"
  | "context"
  | "rank"
  | "tile"
  | "tiles"
  | "second"
  | "ownBias"
> & {
  /** Channels of all heads together; the width, unless given. */
  readonly inner?: number;
};

/** Parameters of an attention layer without biases on values and output. */
export function layerParameters(sizes: Sizes): number {
  const { width, inner = width, heads, alpha, alphaPer } = sizes;
  const members = memberList(sizes);
  const lambda =
    members.length === 1 || alpha === "sum"
      ? 0
      : (alphaPer === "head" ? heads : 1) * (alpha === "sigmoid" ? 1 : members.length);
  return members.reduce((sum, name) => sum + scoreParameters(name, sizes), 2 * width * inner + lambda);
}

function scoreParameters(name: string, sizes: Sizes): number {
  const { width, inner = width, heads, context, rank, second, ownBias } = sizes;
  const count = second === "shared" ? 1 : heads;
  /** Two layers: to the hidden channels of all heads, and from those of each to so many outputs. */
  const dense = (outputs: number) =>
    width * inner + count * (inner / heads) * outputs + (ownBias === "yes" ? inner + count * outputs : 0);
  switch (name) {
    case "dot-product":
      return 2 * width * inner;
    case "random-synthesizer":
      return heads * context * context;
    case "factorized-random":
      return 2 * heads * context * rank;
    case "dense-synthesizer":
      return dense(context);
    case "factorized-dense":
    case "factorized-dense-transposed": {
      const [a, b] = factorSizes(context, sizes);
      return dense(a + b);
    }
    default:
      return 0; // fixed-random learns nothing
  }
}

/** Multiply-adds for a token of a layer in which it sees n tokens; what is alike for all sequences of a batch is shared by them. */
export function macsPerToken(sizes: Sizes, n: number, batch: number): number {
  const { width: d, heads, rank } = sizes;
  const scores = (name: string): number => {
    switch (name) {
      case "dot-product":
        return 2 * d * d + n * d;
      case "dense-synthesizer":
        return d * d + n * d;
      case "factorized-dense":
      case "factorized-dense-transposed": {
        const [a, b] = factorSizes(sizes.context, sizes);
        return d * d + d * (a + b) + heads * n;
      }
      case "factorized-random":
        return (n * heads * rank) / batch;
      default:
        return 0; // a table is read
    }
  };
  return memberList(sizes).reduce((sum, name) => sum + scores(name), 2 * d * d + n * d);
}

function memberList({ attention, members }: Sizes): readonly string[] {
  return attention === "mixture" ? memberNames(members) : [attention];
}
