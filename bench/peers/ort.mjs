// ONNX Runtime on one thread, in WebAssembly or native. For attention three graphs compete: composed of products and a softmax, the
// standard's Attention operator, and the runtime's own MultiHeadAttention.
import {
  attentionError,
  attentionInputs,
  causalMask,
  exchange,
  matmulError,
  noise,
  softmaxError,
} from "./answers.ts";
import { onnxModel } from "./onnx.mjs";
import { HEADS, WIDTH } from "./peer.ts";

/** @param kind "web" or "node" */
export async function open(kind) {
  const ort = kind === "web" ? await import("onnxruntime-web") : await import("onnxruntime-node");
  if (kind === "web") ort.env.wasm.numThreads = 1;
  return {
    async prepare(task) {
      if (task.kind === "matmul") return [await matmul(ort, task.n)];
      if (task.kind === "softmax") return [await softmax(ort, task.n)];
      if (task.kind !== "attention" || task.backward) return []; // it does not train
      return attentions(ort, task);
    },
  };
}

/** A graph with inputs bound: `run` and `values` of its output y. */
async function bind(ort, model, values) {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: "all" };
  const session = await ort.InferenceSession.create(onnxModel(model), options);
  const feeds = Object.fromEntries(
    Object.entries(model.inputs).map(([name, shape]) => [
      name,
      new ort.Tensor("float32", values[name], shape),
    ]),
  );
  const run = () => session.run(feeds);
  return { run, values: async () => (await run()).y.data };
}

async function matmul(ort, n) {
  const [a, b] = [noise(n * n, 1), noise(n * n, 2)];
  const nodes = [{ op: "MatMul", inputs: ["a", "b"], outputs: ["y"] }];
  const model = { nodes, inputs: { a: [n, n], b: [n, n] }, outputs: { y: [n, n] } };
  const { run, values } = await bind(ort, model, { a, b });
  return { name: "MatMul", run, check: async () => matmulError(n, a, b, await values()) };
}

async function softmax(ort, n) {
  const x = noise(n * n, 1);
  const nodes = [{ op: "Softmax", inputs: ["x"], outputs: ["y"], ints: { axis: 1 } }];
  const model = { nodes, inputs: { x: [n, n] }, outputs: { y: [n, n] } };
  const { run, values } = await bind(ort, model, { x });
  return { name: "Softmax", run, check: async () => softmaxError(n, x, await values()) };
}

async function attentions(ort, task) {
  const given = attentionInputs(task.T);
  const graphs = [composed(task, given), standard(task, given), multiHead(task, given)];
  const bound = graphs.map(async ({ name, model, values, back }) => {
    const { run, values: output } = await bind(ort, model, values);
    const check = async () => attentionError(task, given, { out: back(await output()) });
    return { name, run, check };
  });
  // An operator that this runtime lacks is no candidate.
  const settled = await Promise.allSettled(bound);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/** [1, H, T, D], the keys transposed beforehand, the scale in the queries. */
function composed({ T, causal }, given) {
  const [H, D] = [HEADS, WIDTH];
  const q = exchange(given.q, T, H).map((value) => value / Math.sqrt(D));
  const k = new Float32Array(given.k.length);
  for (let h = 0; h < H; h++)
    for (let t = 0; t < T; t++)
      for (let d = 0; d < D; d++) k[(h * D + d) * T + t] = given.k[(t * H + h) * D + d];
  const masking = { op: "Add", inputs: ["s", "mask"], outputs: ["m"] };
  const nodes = [
    { op: "MatMul", inputs: ["q", "k"], outputs: ["s"] },
    ...(causal ? [masking] : []),
    { op: "Softmax", inputs: [causal ? "m" : "s"], outputs: ["w"], ints: { axis: 3 } },
    { op: "MatMul", inputs: ["w", "v"], outputs: ["y"] },
  ];
  const shapes = { q: [1, H, T, D], k: [1, H, D, T], v: [1, H, T, D], ...(causal && { mask: [T, T] }) };
  return {
    name: "composed",
    model: { nodes, inputs: shapes, outputs: { y: [1, H, T, D] } },
    values: { q, k, v: exchange(given.v, T, H), mask: causalMask(T) },
    back: (y) => exchange(y, H, T),
  };
}

/** ai.onnx Attention (opset 23) on [1, H, T, D]. */
function standard({ T, causal }, given) {
  const [H, D] = [HEADS, WIDTH];
  const nodes = [
    { op: "Attention", inputs: ["q", "k", "v"], outputs: ["y"], ints: { is_causal: causal ? 1 : 0 } },
  ];
  const shape = [1, H, T, D];
  const values = { q: exchange(given.q, T, H), k: exchange(given.k, T, H), v: exchange(given.v, T, H) };
  const model = { nodes, inputs: { q: shape, k: shape, v: shape }, outputs: { y: shape }, opset: 23 };
  return { name: "Attention", model, values, back: (y) => exchange(y, H, T) };
}

/** com.microsoft MultiHeadAttention on [1, T, H D]. */
function multiHead({ T, causal }, given) {
  const ints = { num_heads: HEADS, unidirectional: causal ? 1 : 0 };
  const nodes = [
    { op: "MultiHeadAttention", domain: "com.microsoft", inputs: ["q", "k", "v"], outputs: ["y"], ints },
  ];
  const shape = [1, T, HEADS * WIDTH];
  const model = { nodes, inputs: { q: shape, k: shape, v: shape }, outputs: { y: shape } };
  const { q, k, v } = given;
  return { name: "MultiHeadAttention", model, values: { q, k, v }, back: (y) => y };
}
