// A model's positions, made from its configuration: the scheme, and the places of the tokens of one run.
import type { Rng } from "../../tensor/rng";
import { type Mask, type MaskName, masks } from "../mask";
import type { Options } from "../options";
import type { PositionName } from ".";
import { positions } from ".";
import type { Places } from "./places";
import type { Position, PositionScheme } from "./position";
import { type IndexName, type IndexStrategy, indices } from "./strategy";

/** The settings that decide about positions. */
export interface PlacementConfig extends Options {
  readonly position: PositionName;
  readonly index: IndexName;
  readonly mask: MaskName;
  readonly context: number;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly layers: number;
}

export interface PlacementInit {
  /** Channels of a head of queries and keys. */
  readonly headWidth: number;
  readonly deviation: number;
  readonly rng: Rng;
}

/** @throws Error when the scheme cannot be with these sizes */
export function createPosition(config: PlacementConfig, init: PlacementInit): Position {
  const [scheme, strategy]: [PositionScheme, IndexStrategy] = [
    positions[config.position],
    indices[config.index],
  ];
  const { width, heads, kvHeads, layers, context } = config;
  return scheme.create({
    ...{ ...init, width, heads, keyHeads: kvHeads, layers, options: config },
    causal: hidesFuture(config.mask) === "always",
    reach: strategy.reach(context, config),
  });
}

/**
 * The places of `tokens` tokens, those of the past included.
 * @param rng while training
 */
export function placesOf(config: PlacementConfig, tokens: number, rng?: Rng): Places {
  const strategy: IndexStrategy = indices[config.index];
  const { context } = config;
  const causal = hidesFuture(config.mask) !== "never";
  return strategy.places({ tokens, context, reach: strategy.reach(context, config), causal, rng });
}

function hidesFuture(name: MaskName): Mask["hidesFuture"] {
  return masks[name].hidesFuture;
}
