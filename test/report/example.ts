// A run and a result with everything that a report can show, and with strings that try to break out of the page.
import type { Result } from "../../src/experiments/result";
import type { RunReport } from "../../src/report";

/** Ends scripts, attributes, comments and titles where escaping is missing. */
export const HOSTILE = `</script></title><img src=x onerror="globalThis.broken = 1">'"\`<!-- &amp; & \u2028`;

export const STEPS = 120;
const T = 4;

export function exampleRun(): RunReport {
  return {
    title: `gpt on ${HOSTILE}`,
    command: `npm run -s heed -- train --text "${HOSTILE}"`,
    config: { width: 128, attention: "dot-product", note: HOSTILE, nested: { a: [1, 2] } },
    stamp: { heed: "0.1.0", build: "portable", host: HOSTILE },
    metrics: Array.from({ length: STEPS }, (_, index) => ({
      step: index + 1,
      loss: 1.5 + 2 / (index + 1),
      learningRate: 0.001,
      gradientNorm: 1 + (index % 3),
      tokensPerSecond: 20000 + index,
      heldOut: (index + 1) % 40 === 0 ? 1.625 + 1 / (index + 1) : undefined,
    })),
    parameters: 812544,
    seconds: 72.4,
    floors: { unigram: 3.25, bigram: 2.375 },
    evaluation: { natsPerToken: 1.625, perplexity: 5.078, tokens: 111540 },
    sample: { prompt: `\nWhat ${HOSTILE}`, text: " light\r\nthrough <yonder>" },
    attention: {
      tokens: ["the", " ", HOSTILE, "\n"],
      targets: [" ", "two", "\n", ""],
      heads: [0, 1].flatMap((layer) =>
        [0, 1].map((head) => ({
          ...{ layer, head, weights: causalWeights(layer, head) },
          valueNorms: [0.5, 3, 3, 3],
          effects: causalWeights(layer, head).map((weight, at) => (at % T === 0 ? -2 : 4) * weight),
        })),
      ),
    },
    entropy: [1, 60, 120].flatMap((step) =>
      [0, 1].flatMap((layer) =>
        [0, 1].map((head) => ({ step, layer, head, entropy: 1.25 - layer / 2 + head / 8 })),
      ),
    ),
  };
}

/** Row i: 0.42 on the first of several tokens, the rest on itself. Heads of layer 1 look at themselves only. */
function causalWeights(layer: number, head: number): Float32Array {
  const weights = new Float32Array(T * T);
  for (let i = 0; i < T; i++) {
    const first = i === 0 || layer === 1 ? 0 : 0.42 + head / 10;
    weights[i * T] = first;
    weights[i * T + i] = 1 - first;
  }
  return weights;
}

export function exampleResult(): Result {
  const configs = [4, 8].map((width) => ({ width, steps: 600, note: HOSTILE }));
  const claim = { statement: `Wider is better ${HOSTILE}`, source: "own", expected: "KL falls" };
  return {
    experiment: "bigram",
    question: `Is it a table? ${HOSTILE}`,
    paper: `Elhage et al. 2021 ${HOSTILE}`,
    stamp: {
      version: "0.1.0",
      build: "portable",
      host: "node",
      date: "2026-01-02T03:04:05Z",
      source: "abc",
      seeds: [0, 1],
    },
    size: "smoke",
    story: [`It is a table. ${HOSTILE}`, "Of any rank."],
    config: configs,
    trials: [],
    metrics: configs.map((config) => ({
      config,
      metric: "kl",
      count: 2,
      mean: 1.6 / config.width,
      low: 0.1,
      high: 1.6 / config.width + 0.025,
    })),
    claims: [
      { ...claim, id: "B1a", observed: `0.4 > 0.2 ${HOSTILE}`, gate: "smoke", status: "pass" },
      { ...claim, id: "B1b", observed: "0.2 < 0.4", gate: "full", status: "fail" },
      { ...claim, id: "B1c", observed: "", gate: "none", status: "not-run" },
    ],
  };
}
