// The training step in jax-js: forward, gradients and AdamW as one jitted function. The causal part by its attention function or composed.
import { blockUntilReady, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { lossError, readStepFixture } from "./step-fixture.ts";

const EPSILON = 1e-5;

export function jaxStep(path, kind) {
  const fixture = readStepFixture(path);
  const { shape, optimizer, parameters, batches } = fixture;
  const make = (map) =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, p]) => [name, np.array(map(p)).reshape([...p.shape])]),
    );
  const zeros = () => make((p) => new Float32Array(p.values.length));
  const state = { p: make((p) => Float32Array.from(p.values)), m: zeros(), v: zeros() };
  const oneHot = (tokens) => {
    const rows = new Float32Array(tokens.length * shape.vocabulary);
    tokens.forEach((token, i) => {
      rows[i * shape.vocabulary + token] = 1;
    });
    return np.array(rows).reshape([tokens.length, shape.vocabulary]);
  };
  // A gather's gradient is a scatter, which jax-js lacks; 65 tokens are multiplied as rows of zeros and a one.
  const data = batches.map(({ inputs, targets }) => ({ x: oneHot(inputs), y: oneHot(targets) }));
  const step = jit((state, x, y, rate) => update(state, x, y, rate, { shape, optimizer, kind }));
  let [done, current] = [0, state];
  const run = async () => {
    const { x, y } = data[done % data.length];
    done += 1;
    const corrections = [1 - optimizer.beta1 ** done, 1 - optimizer.beta2 ** done];
    const [next, loss] = step(current, x.ref, y.ref, np.array(corrections));
    current = next;
    await blockUntilReady(current);
    return loss;
  };
  return {
    name: kind,
    run: async () => (await run()).dispose(),
    async check() {
      const losses = [];
      for (const _ of fixture.losses) losses.push((await (await run()).data())[0]);
      return lossError(fixture, losses);
    },
  };
}

/** AdamW on every parameter; matrices decay. */
function update({ p, m, v }, x, y, corrections, { shape, optimizer, kind }) {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = optimizer;
  const [loss, gradients] = valueAndGrad((p) => lossOf(p, x, y, shape, kind))(tree.ref(p));
  const first = corrections.ref.slice(0);
  const second = corrections.slice(1);
  const next = { p: {}, m: {}, v: {} };
  for (const name of Object.keys(p)) {
    const g = gradients[name];
    const mean = m[name].mul(beta1).add(g.ref.mul(1 - beta1));
    const square = v[name].mul(beta2).add(np.square(g).mul(1 - beta2));
    const root = np.sqrt(square.ref.div(second.ref)).add(epsilon);
    const change = mean.ref.div(first.ref).div(root).mul(learningRate);
    const decay = p[name].shape.length >= 2 ? 1 - learningRate * weightDecay : 1;
    next.p[name] = p[name].mul(decay).sub(change);
    next.m[name] = mean;
    next.v[name] = square;
  }
  first.dispose();
  second.dispose();
  return [next, loss];
}

/** Mean cross-entropy. x, y: one-hot [B T, V]. Takes ownership of p; x and y stay the caller's. */
function lossOf(p, x, y, { batch: B, context: T, width: C, layers, heads }, kind) {
  const embedded = np.matmul(x, p["token.weight"].ref).reshape([B, T, C]).add(p["position.weight"]);
  const stream = Array.from({ length: layers }).reduce((stream, _, index) => {
    const weight = (name) => p[`blocks.${index}.${name}`];
    const before = norm(stream.ref, weight("norm1.gain"));
    const attended = attention(before, weight, { B, T, C, H: heads }, kind);
    const middle = stream.add(attended);
    const after = norm(middle.ref, weight("norm2.gain"));
    const up = nn.gelu(np.matmul(after, weight("mlp.up.weight")), { approximate: false });
    return middle.add(np.matmul(up, weight("mlp.down.weight")));
  }, embedded);
  const last = norm(stream, p["norm.gain"]).reshape([B * T, C]);
  const logits = np.matmul(last, np.transpose(p["token.weight"]));
  return nn
    .logSoftmax(logits, -1)
    .mul(y)
    .sum()
    .mul(-1 / (B * T));
}

function attention(x, weight, { B, T, C, H }, kind) {
  const split = (name, x) => np.matmul(x, weight(name)).reshape([B, T, H, C / H]);
  const q = split("attention.scores.query.weight", x.ref);
  const k = split("attention.scores.key.weight", x.ref);
  const v = split("attention.value.weight", x);
  const mixed =
    kind === "built-in attention"
      ? nn.dotProductAttention(q, k, v, { isCausal: true })
      : composed(q, k, v, T, Math.sqrt(C / H));
  return np.matmul(mixed.reshape([B, T, C]), weight("attention.output.weight"));
}

function composed(q, k, v, T, root) {
  const heads = (x) => np.swapaxes(x, 1, 2);
  const logits = np.matmul(heads(q), np.swapaxes(heads(k), 2, 3)).mul(1 / root);
  const masked = logits.add(np.triu(np.full([T, T], -1e9), 1));
  return heads(np.matmul(nn.softmax(masked, -1), heads(v)));
}

function norm(x, gain) {
  return nn.standardize(x, -1, { epsilon: EPSILON }).mul(gain);
}
