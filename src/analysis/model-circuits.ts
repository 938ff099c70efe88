// The circuits of a model's heads, read from its parameters. Where products of weights would not be what the model computes, they are
// refused.
import type { Model } from "../models";
import type { AttentionOnly } from "../models/attention-only";
import { biasesOf } from "../nn/biases";
import { namedTensors } from "../nn/module";
import { floats, scope, type Tensor } from "../tensor/tensor";
import type { Circuits, HeadCircuit } from "./circuits";
import { FactoredMatrix } from "./factored";
import { type Matrix, matrix, transposed } from "./matrix";

/**
 * All weights of an attention-only model, copied into float64 once. Queries that share keys and values (kvHeads) each have a circuit.
 * Smeared keys and relative biases change scores, not what is read here: then QK scores are those of a query with the key before
 * smearing, without bias.
 *
 * @throws Error for any other model: `circuits: reason`
 */
export function circuitsOf(model: Model): Circuits {
  const why = expansionRefusal(model);
  if (why !== undefined) throw new Error(`circuits: ${why}`);
  const { token, unembedding, position, config } = model as AttentionOnly; // every other kind is refused
  const embedding = read(token.weight);
  const places = Float64Array.from({ length: config.context }, (_, place) => place);
  const added = scope(() => {
    const x = position.embedScores?.(places);
    return x && read(x);
  });
  return {
    embedding,
    unembedding: unembedding ? read(unembedding.weight) : transposed(embedding),
    ...(added ? { position: added } : {}),
    layers: headCircuits(model),
  };
}

/**
 * QK and OV of every head by layer, of models whose heads read the residual stream as it is. They may have MLPs: composition scores are
 * of weights alone, and the paths from one head to a later one that lead around the MLPs.
 *
 * @throws Error for a model of which that is not true: `circuits: reason`
 */
export function headCircuits(model: Model): HeadCircuit[][] {
  const why = headsRefusal(model);
  if (why !== undefined) throw new Error(`circuits: ${why}`);
  const { layers, heads, kvHeads, width } = (model as Readable).config; // units without heads are refused
  const tensors = namedTensors(model);
  const D = width / heads;
  return Array.from({ length: layers }, (_, layer) => {
    const weight = (name: string) => {
      const x = tensors.get(`blocks.${layer}.attention.${name}.weight`);
      if (!x) throw new Error(`circuits: the model must have blocks.${layer}.attention.${name}.weight`);
      return read(x);
    };
    const [query, key, value] = [weight("scores.query"), weight("scores.key"), weight("value")];
    const output = transposed(weight("output"));
    return Array.from({ length: heads }, (_, head) => {
      const shared = Math.floor((head * kvHeads) / heads);
      return {
        ...{ layer, head },
        qk: new FactoredMatrix(columns(query, head * D, D), transposed(columns(key, shared * D, D))),
        ov: new FactoredMatrix(columns(value, shared * D, D), transposed(columns(output, head * D, D))),
      };
    });
  });
}

type Readable = Exclude<Model, { kind: "gau" }>;

/** Why QK and OV of single heads are not what the model computes. */
function headsRefusal(model: Model): string | undefined {
  if (model.kind === "gau") return "gated attention units have no heads; use a model with heads";
  const { attention, position } = model.config;
  if (attention !== "dot-product")
    return `attention ${attention} has no W_Q and W_K to multiply; QK needs dot-product`;
  if (["rope", "rerope", "window-rope"].includes(position))
    return `position ${position} turns queries and keys by their distance, so no single QK compares them; use a position that does not`;
  if (model.kind === "attention-only") return undefined;
  const { norm } = model.config;
  const { projections, output } = biasesOf(model.config.bias);
  if (norm !== "none")
    return `${norm} rescales what heads read, token by token, so W_Q, W_K, W_V are not of the residual stream; use norm none or attention-only`;
  if (projections || output)
    return "biases add to queries, keys, values or outputs what no product of weights holds; use bias false or mlp";
  return undefined;
}

/** Why the logits are not a sum over paths through heads. */
function expansionRefusal(model: Model): string | undefined {
  return (
    headsRefusal(model) ??
    (model.kind === "attention-only"
      ? undefined
      : `${model.kind} has MLPs, which are no sum over paths, and may add positions to the residual stream; use attention-only`)
  );
}

function read(x: Tensor): Matrix {
  const [rows, columns] = x.shape as [number, number]; // weights have two dims
  return matrix(rows, columns, floats(x));
}

function columns({ rows, columns: all, values }: Matrix, first: number, count: number): Matrix {
  const out = matrix(rows, count);
  for (let row = 0; row < rows; row++)
    out.values.set(values.subarray(row * all + first, row * all + first + count), row * count);
  return out;
}
