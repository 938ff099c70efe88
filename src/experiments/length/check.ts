// What is refused before any trial starts, though only the making of a model would notice.
import { positions } from "../../attention/position";
import { createPosition, type PlacementConfig } from "../../attention/position/placement";
import type { PositionScheme } from "../../attention/position/position";
import { type IndexStrategy, indices } from "../../attention/position/strategy";
import { rng } from "../../tensor/rng";

/**
 * Positions that reach the context, in pairs of channels where they turn. Rotary schemes are made of numbers alone, so they can be made
 * before there is a runtime.
 * @throws Error for a reach below the context, and for heads of an odd width under rotary positions
 */
export function expectPlaces(config: PlacementConfig, headWidth = config.width / config.heads): void {
  const strategy: IndexStrategy = indices[config.index];
  strategy.reach(config.context, config);
  const scheme: PositionScheme = positions[config.position];
  if (scheme.works.includes("keys")) createPosition(config, { headWidth, deviation: 0, rng: rng(0) });
}
