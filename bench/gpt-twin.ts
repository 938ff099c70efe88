// A gpt in float64, on the reference ops: logits, and the loss with the gradient of every parameter. Slow: for small models only.
import type { GptConfig } from "../src/models/config";
import type { Gpt } from "../src/models/gpt";
import { namedParameters } from "../src/nn/module";
import { attentionLayer } from "../test/reference/attention-layer";
import { float64, Graph } from "../test/reference/graph";
import {
  activations,
  add,
  addTrailing,
  crossEntropy,
  embedding,
  type Grid,
  gradientOf,
  grid,
  layernorm,
  linear,
  map,
  matmul,
  rmsnorm,
  rowsFrom,
  valuesOf,
} from "../test/reference/ops";

type Parameters = Readonly<Record<string, Grid>>;

/** Logits [T, V] of one sequence. */
export function twinLogits(model: Gpt, ids: readonly number[]): number[] {
  const g = new Graph(float64);
  return valuesOf(forward(g, model.config, gridsOf(g, model), ids, [1, ids.length]));
}

export interface TwinStep {
  readonly loss: number;
  /** By parameter path. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** @param inputs, targets token ids [batch, context] */
export function twinStep(
  model: Gpt,
  { inputs, targets, batch }: { inputs: Int32Array; targets: Int32Array; batch: number },
): TwinStep {
  const g = new Graph(float64);
  const parameters = gridsOf(g, model);
  const logits = forward(g, model.config, parameters, [...inputs], [batch, inputs.length / batch]);
  const loss = crossEntropy(g, logits, [...targets]).data[0]!; // a scalar
  g.backward([loss], [1]);
  const gradients = Object.fromEntries(Object.entries(parameters).map(([path, x]) => [path, gradientOf(x)]));
  return { loss: loss.value, gradients };
}

function gridsOf(g: Graph, model: Gpt): Parameters {
  return Object.fromEntries(
    [...namedParameters(model)].map(([path, x]) => [path, grid(g, x.values(), x.shape)]),
  );
}

function forward(
  g: Graph,
  config: GptConfig,
  parameters: Parameters,
  ids: readonly number[],
  shape: readonly [number, number],
): Grid {
  const table = parameters["token.weight"]!;
  const places = parameters["position.weight"];
  const embedded = embedding(g, table, ids, shape);
  const start = places ? addTrailing(g, embedded, rowsFrom(g, places, 0, shape[1])) : embedded;
  const last = Array.from({ length: config.layers }).reduce<Grid>(
    (x, _, index) => block(g, config, below(parameters, `blocks.${index}.`), x),
    start,
  );
  const x = norm(g, config, below(parameters, "norm."), last);
  const unembedding = parameters["unembedding.weight"];
  return unembedding ? linear(g, x, unembedding) : matmul(g, x, table, { transposeB: true });
}

function block(g: Graph, config: GptConfig, parameters: Parameters, x: Grid): Grid {
  const attention = Object.entries(below(parameters, "attention.")).map(([path, p]) => [`layer.${path}`, p]);
  const inputs = { ...Object.fromEntries(attention), x: norm(g, config, below(parameters, "norm1."), x) };
  // The learned positions are in x already; the layer turns queries and keys itself.
  const position = config.position === "learned" ? "none" : config.position;
  const middle = add(
    g,
    x,
    attentionLayer(g, { ...config, position }, inputs, { fused: false, context: config.context }).y,
  );
  const project = (name: string, from: Grid) =>
    linear(g, from, parameters[`${name}.weight`]!, parameters[`${name}.bias`]);
  const up = project("mlp.up", norm(g, config, below(parameters, "norm2."), middle));
  const active = map(up, (value) => activations[config.activation](g, value));
  return add(g, middle, project("mlp.down", active));
}

function norm(g: Graph, config: GptConfig, { gain, bias }: Parameters, x: Grid): Grid {
  if (config.norm === "none") return x;
  if (config.norm === "rmsnorm") return rmsnorm(g, x, gain!, config.normEpsilon);
  return layernorm(g, x, gain!, bias, config.normEpsilon);
}

/** The parameters whose path starts with `prefix`, without it. */
function below(parameters: Parameters, prefix: string): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([path, x]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), x]] : [],
    ),
  );
}
