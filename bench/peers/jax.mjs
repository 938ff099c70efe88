// jax-js on its wasm device: every call is one jitted function, inputs are given with .ref because calls take ownership.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { attentionError, attentionInputs, exchange, matmulError, noise, softmaxError } from "./answers.ts";
import { jaxStep } from "./jax-gpt.mjs";
import { HEADS, WIDTH } from "./peer.ts";

export async function open() {
  await init("wasm");
  defaultDevice("wasm");
  return {
    prepare(task, fixture) {
      if (task.kind === "matmul") return [matmul(task.n)];
      if (task.kind === "softmax") return [softmax(task.n)];
      if (task.kind === "attention") return [builtIn(task), composed(task)];
      return [jaxStep(fixture, "built-in attention"), jaxStep(fixture, "composed attention")];
    },
  };
}

function array(values, shape) {
  return np.array(values).reshape(shape);
}

/** Calls f on the inputs, waits for the result, and hands it to `use` before it is freed. */
async function call(f, inputs, use = () => undefined) {
  const y = f(...inputs.map((x) => x.ref));
  await blockUntilReady(y);
  const used = await use(y);
  tree.dispose(y);
  return used;
}

function matmul(n) {
  const [a, b] = [noise(n * n, 1), noise(n * n, 2)];
  const inputs = [array(a, [n, n]), array(b, [n, n])];
  const f = jit((x, y) => np.matmul(x, y));
  return {
    name: "matmul",
    run: () => call(f, inputs),
    check: () => call(f, inputs, async (y) => matmulError(n, a, b, await y.ref.data())),
  };
}

function softmax(n) {
  const values = noise(n * n, 1);
  const inputs = [array(values, [n, n])];
  const f = jit((x) => nn.softmax(x, -1));
  return {
    name: "softmax",
    run: () => call(f, inputs),
    check: () => call(f, inputs, async (y) => softmaxError(n, values, await y.ref.data())),
  };
}

/** nn.dotProductAttention on [1, T, H, D] with its own causal flag. */
function builtIn(task) {
  const mix = (q, k, v) => nn.dotProductAttention(q, k, v, { isCausal: task.causal });
  return attention(
    task,
    "dotProductAttention",
    mix,
    [1, task.T, HEADS, WIDTH],
    (x) => x,
    (y) => y,
  );
}

/** Two products and a softmax on [H, T, D], with an additive mask. */
function composed(task) {
  const { T, causal } = task;
  const mix = (q, k, v) => {
    const logits = np.matmul(q, np.swapaxes(k, 1, 2)).mul(1 / Math.sqrt(WIDTH));
    const masked = causal ? logits.add(np.triu(np.full([T, T], -1e9), 1)) : logits;
    return np.matmul(nn.softmax(masked, -1), v);
  };
  const [to, from] = [(x) => exchange(x, T, HEADS), (y) => exchange(y, HEADS, T)];
  return attention(task, "composed", mix, [HEADS, T, WIDTH], to, from);
}

function attention(task, name, mix, shape, to, from) {
  const given = attentionInputs(task.T);
  const inputs = [given.q, given.k, given.v].map((x) => array(to(x), shape));
  const results = async (y) => from(await y.ref.data());
  if (!task.backward) {
    const f = jit(mix);
    const check = () => call(f, inputs, async (y) => attentionError(task, given, { out: await results(y) }));
    return { name, run: () => call(f, inputs), check };
  }
  inputs.push(array(to(given.dout), shape));
  const loss = (q, k, v, dout) => {
    const out = mix(q, k, v);
    return [out.ref.mul(dout).sum(), out];
  };
  const f = jit(valueAndGrad(loss, { argnums: [0, 1, 2], hasAux: true }));
  const check = () =>
    call(f, inputs, async ([[, out], [dq, dk, dv]]) => {
      const [o, q, k, v] = await Promise.all([out, dq, dk, dv].map(results));
      return attentionError(task, given, { out: o, dq: q, dk: k, dv: v });
    });
  return { name, run: () => call(f, inputs), check };
}
