// A gated attention unit by itself: no norm, no residual sum, no positions, every token seen.
import { createPosition, placesOf } from "../../attention/position/placement";
import { type GivenGau, gauConfig } from "../../models/gau-config";
import { GauUnit } from "../../models/gau-unit";
import { Run } from "../../nn/run";
import type { Rng } from "../../tensor/rng";
import { type Tensor, tensor } from "../../tensor/tensor";

export interface BareUnit {
  readonly unit: GauUnit;
  /** x [T, C] gives y [T, C] and the weights [T, T]. */
  apply(x: ArrayLike<number>): { y: Float32Array; weights: Float32Array };
}

/** Its weights belong to the current scope. */
export function bareUnit(given: Partial<GivenGau>, rng: Rng): BareUnit {
  const config = gauConfig({
    ...{ vocabulary: 2, layers: 1, position: "none", mask: "bidirectional", normalizer: "relu2" },
    ...given,
  });
  const unit = new GauUnit(config, { layer: 0, rng: rng.fork("unit") });
  const position = createPosition(config, {
    ...{ headWidth: config.keyWidth, deviation: 0.5, rng: rng.fork("position") },
  });
  return {
    unit,
    apply(x) {
      const T = x.length / config.width;
      let weights: Float32Array = new Float32Array(0);
      const keep = (w: Tensor) => {
        weights = w.values();
      };
      const inputs = { run: new Run({ taps: { "attention.weights": keep } }), position };
      const y = unit.unit(tensor(x, [1, T, config.width]), { ...inputs, places: placesOf(config, T) });
      return { y: y.values(), weights };
    },
  };
}
