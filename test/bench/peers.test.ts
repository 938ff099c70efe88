// The arithmetic of the comparison with other libraries; the libraries themselves are not installed for tests.
import { expect, test } from "vitest";
import {
  attentionError,
  attentionInputs,
  causalMask,
  exchange,
  matmulError,
  noise,
  softmaxError,
} from "../../bench/peers/answers";
import { HEADS, type Task, taskAmount, taskName, tasks, WIDTH } from "../../bench/peers/peer";
import { type PeerTurn, peerTables, speedRatio } from "../../bench/peers/table";
import { AGREEMENT } from "../../bench/row";
import { attention, attentionGradient } from "../reference/attention";
import { matmul } from "../reference/matmul";
import { softmax } from "../reference/softmax";

function turn(turn: number, peer: string, seconds: number[]): PeerTurn {
  return { turn, peer, task: "matmul 256", times: { way: "w", error: 1e-7, seconds } };
}

const turns: readonly PeerTurn[] = [
  turn(0, "heed fast", [1, 1, 9]),
  turn(0, "other", [3]),
  turn(1, "heed fast", [2]),
  turn(1, "other", [4]),
  turn(2, "heed fast", [1]),
  turn(2, "other", [8]),
  turn(3, "heed fast", [1]),
  { turn: 0, peer: "broken", task: "matmul 256", times: { reason: "does not run here: no SIMD" } },
];

test("a ratio is the median over the turns that both took part in", () => {
  // 3 / 1, 4 / 2, 8 / 1; the fourth turn has no partner.
  expect(speedRatio(turns, "matmul 256", "heed fast", "other")).toBe(3);
  expect(speedRatio(turns, "matmul 256", "heed fast", "broken")).toBeNaN();
  expect(speedRatio(turns, "softmax 512", "heed fast", "other")).toBeNaN();
});

test("the tables show rates, ratios, and why somebody is missing", () => {
  const text = peerTables([{ kind: "matmul", n: 256 }], ["heed fast", "other", "broken"], turns);
  // 2 * 256³ flops in a median of 1 s and of 4 s.
  expect(text).toMatch(/matmul 256 +GFLOP\/s +0\.0 +0\.0 +-/);
  expect(text).toMatch(/heed fast \/ \.\.\. +other +broken\n-+\nmatmul 256 +3\.00x +-/);
  expect(text).toContain("broken does not run here: no SIMD (matmul 256)");
});

test("every task has a name of its own and an amount", () => {
  expect(new Set(tasks.map(taskName)).size).toBe(tasks.length);
  expect(taskAmount({ kind: "matmul", n: 2 })).toEqual({ amount: 16, unit: "GFLOP/s" });
  expect(taskAmount({ kind: "softmax", n: 3 })).toEqual({ amount: 72, unit: "GB/s" });
  for (const [causal, pairs] of [
    [false, 512 * 512],
    [true, 256 * 513],
  ] as const) {
    const task: Task = { kind: "attention", T: 512, causal, backward: true };
    expect(taskAmount(task).amount).toBe(14 * HEADS * pairs * WIDTH);
  }
});

test("right answers pass, and one wrong number does not", () => {
  const [a, b] = [noise(9, 1), noise(9, 2)];
  const rows = { rowStride: 3, columnStride: 1 };
  const c = matmul({ a: { values: a, ...rows }, b: { values: b, ...rows }, m: 3, n: 3, k: 3 });
  expect(matmulError(3, a, b, c)).toBeLessThan(AGREEMENT);
  expect(
    matmulError(
      3,
      a,
      b,
      c.map((value, i) => (i === 4 ? -value : value)),
    ),
  ).toBeGreaterThan(AGREEMENT);
  expect(matmulError(3, a, b, [])).toBe(Number.POSITIVE_INFINITY);
  const y = softmax(a, 3, 3);
  expect(softmaxError(3, a, y)).toBeLessThan(AGREEMENT);
  expect(
    softmaxError(
      3,
      a,
      y.map((value) => value * 1.01),
    ),
  ).toBeGreaterThan(AGREEMENT);
});

test.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])("attention, causal %s, backward %s: each result counts", (causal, backward) => {
  const T = 7;
  const task = { kind: "attention", T, causal, backward } as const;
  const inputs = attentionInputs(T);
  const scale = 1 / Math.sqrt(WIDTH);
  const shape = { batch: 1, heads: HEADS, kvHeads: HEADS, tokens: T, sources: T, dim: WIDTH, scale, causal };
  const gradient = attentionGradient(shape, inputs, inputs.dout);
  const right = {
    out: Float32Array.from(attention(shape, inputs).out),
    dq: Float32Array.from(gradient.dq),
    dk: Float32Array.from(gradient.dk),
    dv: Float32Array.from(gradient.dv),
  };
  expect(attentionError(task, inputs, right)).toBeLessThan(AGREEMENT);
  for (const name of backward ? (["out", "dq", "dk", "dv"] as const) : (["out"] as const)) {
    const wrong = { ...right, [name]: right[name].map((value) => 1.01 * value) };
    expect(attentionError(task, inputs, wrong)).toBeGreaterThan(AGREEMENT);
  }
  expect(attentionError({ ...task, causal: !causal }, inputs, right)).toBeGreaterThan(AGREEMENT);
});

test("exchanging tokens and heads twice changes nothing, once moves rows", () => {
  const x = noise(2 * 3 * WIDTH, 5);
  const y = exchange(x, 2, 3);
  expect(y.slice(WIDTH, 2 * WIDTH)).toEqual(x.slice(3 * WIDTH, 4 * WIDTH));
  expect(exchange(y, 3, 2)).toEqual(x);
});

test("the mask hides later sources", () => {
  expect([...causalMask(2)]).toEqual([0, -1e9, 0, 0]);
});
