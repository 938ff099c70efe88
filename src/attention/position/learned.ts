// A learned vector per position, added to the token's (Gehring et al. 2017; GPT-2).

import { parameter } from "../../nn/module";
import { normal } from "../../ops/random";
import { rowsFrom } from "../../ops/view";
import type { Tensor } from "../../tensor/tensor";
import type { Position, PositionConfig } from "./position";

export class LearnedPosition implements Position {
  readonly weight: Tensor; // [context, width]

  constructor({ context, width, deviation, rng }: PositionConfig) {
    this.weight = parameter(normal([context, width], { deviation, rng }));
  }

  embed(tokens: number, offset: number): Tensor {
    return rowsFrom(this.weight, offset, tokens);
  }
}
