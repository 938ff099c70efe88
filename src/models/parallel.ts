// Parallel context windows (Ratner et al. 2022, arXiv:2212.10947): texts are read side by side, each by itself and at the same positions;
// what comes then sees them all. With one window it is plain reading.
import { attentions } from "../attention";
import { ids, scope } from "../tensor/tensor";
import type { Model } from ".";
import type { DecoderState } from "./decoder-state";

export interface WindowOptions {
  /** Whether windows begin at the first position, or end together before the next one. Default left. */
  readonly align?: "left" | "right";
  /** The token that begins texts: where windows begin with it, it is kept of the longest one only. */
  readonly begin?: number | undefined;
  /** Tokens that will follow at most; the default is what is left of the context. */
  readonly room?: number;
}

/**
 * A state that has read the windows: `model.next(ids, state)` goes on after them.
 *
 * @throws Error for no or empty windows, for ones that leave no position in the context, and for models that see more of the past than
 * positions and contents
 */
export function readWindows(
  model: Model,
  windows: readonly ArrayLike<number>[],
  { align = "left", begin, room }: WindowOptions = {},
): DecoderState {
  const why = refusal(model);
  if (why !== undefined) throw new Error(`windows: ${why}`);
  const { context } = model.config;
  const longest = windows.reduce((most, { length }) => Math.max(most, length), 0);
  const empty = windows.findIndex(({ length }) => length === 0);
  if (longest === 0 || empty >= 0)
    throw new Error(
      `windows: each must hold at least one token, got ${empty < 0 ? "no windows" : "an empty one"}`,
    );
  if (longest >= context)
    throw new Error(
      `windows: each must leave a position of the context of ${context}, got one of ${longest} tokens`,
    );
  const total = windows.reduce((sum, { length }) => sum + length, 0);
  const whole = model.createState(1, total + (room ?? context - longest));
  const keeper = windows.findIndex(({ length }) => length === longest);
  for (const [index, tokens] of windows.entries()) {
    const part = model.createState(1, tokens.length);
    if (align === "right") part.startAt(longest - tokens.length);
    try {
      scope(() => void model.next(ids(tokens, [1, tokens.length]), part));
      whole.take(part, tokens[0] === begin && index !== keeper ? 1 : 0);
    } finally {
      part.release();
    }
  }
  return whole;
}

/** Why windows side by side would not be what the model reads elsewhere. */
function refusal({ config }: Model): string | undefined {
  const { mask, smear } = config;
  if (mask !== "causal")
    return `mask ${mask} goes by the number of a token, which windows side by side have not`;
  if ("attention" in config) {
    const variant = attentions[config.attention];
    if (variant.absolute || !variant.hasScores)
      return `${config.attention} keeps no keys of single tokens, or none that positions can be told of`;
  }
  if (smear === "yes") return "smear mixes neighbours, which the ends of windows are not";
  return undefined;
}
