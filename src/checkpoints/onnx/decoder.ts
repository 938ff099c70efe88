// A gpt as an ONNX graph with a cache of keys and values, by the names that transformers.js and Optimum give inputs and outputs:
// input_ids, attention_mask, position_ids, past_key_values.N.key and .value; logits, present.N.key and .value.
import { Rotation } from "../../attention/position/rotation";
import type { GptConfig } from "../../models/config";
import type { Gpt } from "../../models/gpt";
import { namedTensors } from "../../nn/module";
import type { ActivationName } from "../../ops/activation";
import { floats, type Tensor } from "../../tensor/tensor";
import { Graph, type Value } from "./graph";

/** What hides a source: softmax makes it 0, and a row that sees nothing stays free of NaN. */
const HIDDEN = -3.4028234663852886e38;

/** What all layers share. */
interface Shared {
  readonly graph: Graph;
  readonly config: GptConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What is added to logits, [B, 1, 1, T, S]. */
  readonly hiding: Value;
  /** Cosines and sines by token, [B, 1, T, rotary / 2] each; absent where positions are added. */
  readonly turns?: { readonly cos: Value; readonly sin: Value; readonly width: number };
}

/** The file of a model whose configuration has a twin among Hugging Face's. */
export function onnxModel(model: Gpt): Uint8Array<ArrayBuffer> {
  const { config } = model;
  const graph = new Graph();
  const tensors = namedTensors(model);
  const ids = graph.input("input_ids", "int64", ["batch", "tokens"]);
  const mask = graph.input("attention_mask", "int64", ["batch", "sources"]);
  const places = graph.input("position_ids", "int64", ["batch", "tokens"]);
  const shared: Shared = {
    ...{ graph, config, tensors, hiding: hiding(graph, config, ids, mask) },
    ...(config.position === "rope" && { turns: turns(graph, config, places) }),
  };
  const token = weight(shared, "token.weight")!; // every model has one
  const embedded = graph.op("Gather", [token, ids]);
  const table = weight(shared, "position.weight");
  const start =
    table === undefined ? embedded : graph.op("Add", [embedded, graph.op("Gather", [table, places])]);
  const last = model.blocks.reduce((x, _, layer) => block(shared, x, layer), start);
  const normalized = norm(shared, last, "norm");
  const unembedding =
    weight(shared, "unembedding.weight") ?? graph.op("Transpose", [token], { perm: [1, 0] });
  const logits = graph.op("MatMul", [normalized, unembedding]);
  graph.output(logits, "logits", "float", ["batch", "tokens", config.vocabulary]);
  return graph.toBytes("gpt");
}

/** 0 where a token sees a source, by the mask and by what is padding; the queries are the last of the sources. */
function hiding(graph: Graph, { mask: name, window }: GptConfig, ids: Value, mask: Value): Value {
  const length = (value: Value) =>
    graph.op("Gather", [graph.op("Shape", [value]), graph.integers(1)], { axis: 0 });
  const count = length(mask);
  const one = graph.integers(1);
  const sources = graph.op("Range", [graph.integers(0), count, one]);
  const queries = graph.op("Unsqueeze", [
    graph.op("Range", [graph.op("Sub", [count, length(ids)]), count, one]),
    graph.integers([1]),
  ]);
  const past = graph.op("LessOrEqual", [sources, queries]);
  const near =
    name === "sliding-window"
      ? graph.op("And", [
          past,
          graph.op("Less", [graph.op("Sub", [queries, sources]), graph.integers(window)]),
        ])
      : past;
  const real = graph.op("Unsqueeze", [graph.op("Greater", [mask, graph.integers(0)]), graph.integers([1])]);
  const visible = graph.op("And", [near, real]);
  const added = graph.op("Where", [visible, graph.scalar(0), graph.scalar(HIDDEN)]);
  return graph.op("Unsqueeze", [added, graph.integers([1, 2])]);
}

function turns(graph: Graph, config: GptConfig, places: Value): NonNullable<Shared["turns"]> {
  const { width, heads, context } = config;
  const rotation = new Rotation({ headWidth: width / heads, reach: context, options: config });
  const { cos, sin, half } = rotation.tables(Float64Array.from({ length: context }, (_, i) => i));
  const gathered = (name: string, values: Float32Array) =>
    graph.op("Unsqueeze", [
      graph.op("Gather", [graph.weights(name, values, [context, half]), places]),
      graph.integers([1]),
    ]);
  return { cos: gathered("rope.cos", cos), sin: gathered("rope.sin", sin), width: 2 * half };
}

function block(shared: Shared, x: Value, layer: number): Value {
  const { graph, config } = shared;
  const at = `blocks.${layer}`;
  const attended = attention(shared, norm(shared, x, `${at}.norm1`), layer);
  const middle = graph.op("Add", [x, attended]);
  const read = norm(shared, config.residual === "parallel" ? x : middle, `${at}.norm2`);
  const up = linear(shared, read, `${at}.mlp.up`);
  const inner =
    config.mlp === "gated"
      ? graph.op("Mul", [activation(graph, linear(shared, read, `${at}.mlp.gate`), config.activation), up])
      : activation(graph, up, config.activation);
  return graph.op("Add", [middle, linear(shared, inner, `${at}.mlp.down`)]);
}

function attention(shared: Shared, x: Value, layer: number): Value {
  const { graph, config, hiding: hidden } = shared;
  const { heads, kvHeads, width, scale } = config;
  const head = width / heads;
  const at = `blocks.${layer}.attention`;
  // [B, T, H D] to [B, H, T, D]
  const split = (value: Value, count: number) =>
    graph.op("Transpose", [graph.op("Reshape", [value, graph.integers([0, 0, count, head])])], {
      perm: [0, 2, 1, 3],
    });
  const query = turned(shared, split(linear(shared, x, `${at}.scores.query`), heads));
  const key = turned(shared, split(linear(shared, x, `${at}.scores.key`), kvHeads));
  const value = split(linear(shared, x, `${at}.value`), kvHeads);
  const keys = cached(graph, key, `${layer}.key`, [kvHeads, head]);
  const values = cached(graph, value, `${layer}.value`, [kvHeads, head]);
  // Query heads that share a key stand on an axis of their own: [B, G, H / G, T, D] against [B, G, 1, S, D].
  const grouped = graph.op("Reshape", [query, graph.integers([0, kvHeads, heads / kvHeads, -1, head])]);
  const alone = (all: Value) => graph.op("Unsqueeze", [all, graph.integers([2])]);
  const flipped = graph.op("Transpose", [alone(keys)], { perm: [0, 1, 2, 4, 3] });
  const factor = scale === "one" ? 1 : 1 / Math.sqrt(head);
  const products = graph.op("MatMul", [graph.op("Mul", [grouped, graph.scalar(factor)]), flipped]);
  const weights = graph.op("Softmax", [graph.op("Add", [products, hidden])], { axis: -1 });
  const mixed = graph.op("MatMul", [weights, alone(values)]);
  const joined = graph.op("Transpose", [graph.op("Reshape", [mixed, graph.integers([0, heads, -1, head])])], {
    perm: [0, 2, 1, 3],
  });
  return linear(shared, graph.op("Reshape", [joined, graph.integers([0, 0, width])]), `${at}.output`);
}

/** The past and these tokens, [B, G, S, D], which is also what the next call is given. */
function cached(graph: Graph, fresh: Value, name: string, [heads, width]: readonly [number, number]): Value {
  const past = graph.input(`past_key_values.${name}`, "float", ["batch", heads, "past", width]);
  const all = graph.op("Concat", [past, fresh], { axis: 2 });
  graph.output(all, `present.${name}`, "float", ["batch", heads, "sources", width]);
  return all;
}

/** [B, H, T, D] with the first channels of each head turned. */
function turned({ graph, turns: given, config }: Shared, x: Value): Value {
  if (!given) return x;
  const { cos, sin, width } = given;
  const rest = config.width / config.heads - width;
  const sizes = [width / 2, width / 2, ...(rest > 0 ? [rest] : [])];
  const [a = x, b = x, ...others] = graph.split("Split", [x, graph.integers(sizes)], sizes.length, {
    axis: -1,
  });
  const times = (value: Value, factor: Value) => graph.op("Mul", [value, factor]);
  const first = graph.op("Sub", [times(a, cos), times(b, sin)]);
  const second = graph.op("Add", [times(b, cos), times(a, sin)]);
  return graph.op("Concat", [first, second, ...others], { axis: -1 });
}

function norm(shared: Shared, x: Value, path: string): Value {
  const { graph, config } = shared;
  const gain = weight(shared, `${path}.gain`)!; // every norm has one
  if (config.norm === "layernorm") {
    const bias = weight(shared, `${path}.bias`);
    const attributes = { axis: -1, epsilon: { float: config.normEpsilon } };
    return graph.op("LayerNormalization", bias === undefined ? [x, gain] : [x, gain, bias], attributes);
  }
  const square = graph.op("ReduceMean", [graph.op("Mul", [x, x])], { axes: [-1], keepdims: 1 });
  const root = graph.op("Sqrt", [graph.op("Add", [square, graph.scalar(config.normEpsilon)])]);
  return graph.op("Mul", [graph.op("Div", [x, root]), gain]);
}

function linear(shared: Shared, x: Value, path: string): Value {
  const { graph } = shared;
  const product = graph.op("MatMul", [x, weight(shared, `${path}.weight`)!]); // every linear layer has one
  const bias = weight(shared, `${path}.bias`);
  return bias === undefined ? product : graph.op("Add", [product, bias]);
}

/** One of the model's tensors, where it has that one. */
function weight({ graph, tensors }: Shared, path: string): Value | undefined {
  const x = tensors.get(path);
  return x && graph.weights(path, floats(x), x.shape);
}

function activation(graph: Graph, x: Value, name: ActivationName): Value {
  const { op, scalar } = { op: graph.op.bind(graph), scalar: graph.scalar.bind(graph) };
  const half = (value: Value) => op("Mul", [op("Mul", [x, scalar(0.5)]), op("Add", [value, scalar(1)])]);
  switch (name) {
    case "relu":
      return op("Relu", [x]);
    case "square-relu": {
      const positive = op("Relu", [x]);
      return op("Mul", [positive, positive]);
    }
    case "silu":
      return op("Mul", [x, op("Sigmoid", [x])]);
    case "gelu":
      return half(op("Erf", [op("Mul", [x, scalar(Math.SQRT1_2)])]));
    case "gelu-tanh": {
      const cube = op("Mul", [op("Mul", [x, x]), x]);
      const inner = op("Add", [x, op("Mul", [cube, scalar(0.044715)])]);
      return half(op("Tanh", [op("Mul", [inner, scalar(Math.sqrt(2 / Math.PI))])]));
    }
    default:
      return name satisfies never;
  }
}
