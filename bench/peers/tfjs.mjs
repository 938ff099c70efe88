// TensorFlow.js on its wasm backend, one thread.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import {
  attentionError,
  attentionInputs,
  causalMask,
  exchange,
  matmulError,
  noise,
  softmaxError,
} from "./answers.ts";
import { HEADS, WIDTH } from "./peer.ts";

export async function open() {
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(`${folder}/`);
  setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("its wasm backend does not start");
  await tf.ready();
  return {
    prepare(task) {
      if (task.kind === "matmul") return [matmul(task.n)];
      if (task.kind === "softmax") return [softmax(task.n)];
      if (task.kind === "attention") return [attention(task)];
      return []; // it has no gradient of a gather on this backend
    },
  };
}

function matmul(n) {
  const [a, b] = [noise(n * n, 1), noise(n * n, 2)];
  const [x, y] = [tf.tensor2d(a, [n, n]), tf.tensor2d(b, [n, n])];
  const f = () => tf.matMul(x, y);
  return { name: "matMul", run: () => f().dispose(), check: () => matmulError(n, a, b, f().dataSync()) };
}

function softmax(n) {
  const values = noise(n * n, 1);
  const x = tf.tensor2d(values, [n, n]);
  const f = () => tf.softmax(x);
  return { name: "softmax", run: () => f().dispose(), check: () => softmaxError(n, values, f().dataSync()) };
}

function attention(task) {
  const { T, causal, backward } = task;
  const given = attentionInputs(T);
  const [q, k, v, dout] = [given.q, given.k, given.v, given.dout].map((x) =>
    tf.tensor3d(exchange(x, T, HEADS), [HEADS, T, WIDTH]),
  );
  const mask = causal ? tf.tensor2d(causalMask(T), [T, T]) : undefined;
  const mix = (q, k, v) => {
    const logits = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(WIDTH));
    return tf.matMul(tf.softmax(mask ? tf.add(logits, mask) : logits), v);
  };
  const back = (y) => exchange(y.dataSync(), HEADS, T);
  if (!backward) {
    const run = () => tf.tidy(() => void mix(q, k, v));
    return { name: "composed", run, check: () => attentionError(task, given, { out: back(mix(q, k, v)) }) };
  }
  const differentiate = tf.valueAndGrads((q, k, v) => tf.sum(tf.mul(mix(q, k, v), dout)));
  const check = () => {
    const { grads } = differentiate([q, k, v]);
    const [dq, dk, dv] = grads.map(back);
    return attentionError(task, given, { out: back(mix(q, k, v)), dq, dk, dv });
  };
  return { name: "composed", run: () => tf.tidy(() => void differentiate([q, k, v])), check };
}
