// What the experiments on length refuse before any trial starts.
import { positions } from "../../attention/position";
import { createPosition, type PlacementConfig } from "../../attention/position/placement";
import type { PositionScheme } from "../../attention/position/position";
import { type IndexStrategy, indices } from "../../attention/position/strategy";
import { rng } from "../../tensor/rng";

/**
 * Refuses what else only the making of a model would: positions must reach the context, and turn in pairs of channels. Rotary schemes are
 * made of numbers alone, so they can be made before there is a runtime.
 * @throws Error for a reach below the context, and for heads of an odd width under rotary positions
 */
export function expectPlaces(config: PlacementConfig, headWidth = config.width / config.heads): void {
  const strategy: IndexStrategy = indices[config.index];
  strategy.reach(config.context, config);
  const scheme: PositionScheme = positions[config.position];
  if (scheme.works.includes("keys")) createPosition(config, { headWidth, deviation: 0, rng: rng(0) });
}

/**
 * Refuses tests of other lengths than longer ones.
 * @throws Error unless 1 <= trained <= longest are whole numbers
 */
export function expectLonger({ trained, longest }: { readonly trained: number; readonly longest: number }) {
  for (const [name, value] of Object.entries({ trained, longest })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`length: ${name} must be a whole number of at least 1, got ${value}`);
  }
  if (longest < trained)
    throw new Error(
      `length: tests must be at least as long as training, got longest ${longest} and trained ${trained}`,
    );
}

/**
 * The entry of a registry by a name that comes from a config, which is plain data.
 * @throws Error `place: setting must be one of ..., got name`
 */
export function entryOf<T>(place: string, registry: Readonly<Record<string, T>>, name: string): T {
  const found = Object.entries(registry).find(([key]) => key === name);
  if (found) return found[1];
  throw new Error(`${place} must be one of ${Object.keys(registry).join(", ")}, got "${name}"`);
}
