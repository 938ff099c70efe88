// The float64 twin of the gated attention unit, its norm and its residual sum.
import type { GauConfig } from "../../src/models/gau-config";
import { setUp, weighed } from "./attention-layer";
import type { Parameters } from "./attention-positions";
import { compared, project } from "./attention-scores";
import type { Graph } from "./graph";
import {
  activations,
  add,
  addTrailing,
  type Grid,
  layernorm,
  map,
  mapRows,
  multiply,
  reshape,
  weighValues,
} from "./ops";

/** x [B, T, C] gives [B, T, C]; parameters as `layer.gate.weight`, `position.weight`. */
export function gauUnit(g: Graph, config: GauConfig, { x, ...parameters }: Parameters): Grid {
  const [B, T, C] = x!.shape as [number, number, number];
  const { keyWidth, innerWidth, placement, context, normEpsilon } = config;
  const norm = (y: Grid) =>
    layernorm(g, y, parameters["layer.norm.gain"]!, parameters["layer.norm.bias"], normEpsilon);
  const run = { fused: false, context };
  const setup = setUp(config, parameters, run, { B, T, C, D: keyWidth });
  const { position, inputs, at } = setup;
  const input = placement === "pre" ? norm(x!) : x!;
  const swish = (name: string, from: Grid) =>
    map(project(g, from, parameters, `layer.${name}`), (value) => activations.silu(g, value));
  const place = position.embedScores?.(g, at, C, inputs);
  const z = swish("base", place ? addTrailing(g, input, place) : input);
  const own = (name: string) => {
    const [gain, offset] = [parameters[`layer.${name}.gain`]!, parameters[`layer.${name}.offset`]!];
    const rows = mapRows(z, (row) =>
      row.map((value, i) => g.add(g.mul(value, gain.data[i]!), offset.data[i]!)),
    );
    return reshape(g, rows, [B, T, 1, keyWidth]);
  };
  const [q, k] = [own("query"), own("key")];
  const scores = {
    position,
    inputs,
    at,
    factor: setup.factor,
    x: x!,
    parameters,
    place: "",
    heads: 1,
    kvHeads: 1,
    context,
  };
  const weights = weighed(g, () => compared(g, q, k, scores, parameters["layer.shares"]), config, setup, run);
  const values = reshape(g, swish("value", input), [B, T, 1, innerWidth]);
  const mixed = reshape(g, weighValues(g, weights, values), [B, T, innerWidth]);
  const change = project(g, multiply(g, swish("gate", input), mixed), parameters, "layer.output");
  return placement === "pre" ? add(g, x!, change) : norm(add(g, x!, change));
}
