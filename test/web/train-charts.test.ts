// The charts of a long run: as few points as can be seen, lowest and highest among them, and nothing drawn twice.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { charts } from "../../src/web/train/charts";
import { Losses, lossesByStep } from "../../src/web/train/losses";
import type { News, RunFacts, RunState } from "../../src/web/train/protocol";
import { type ShownRun, told } from "../../src/web/train/state";

/** All that was handed to plots: x, and y of each line. */
const plotted = vi.hoisted(() => [] as (readonly (readonly (number | undefined)[])[])[]);

vi.mock("uplot", () => ({
  default: class {
    constructor(_: unknown, data: (typeof plotted)[number]) {
      plotted.push(data);
    }
    setData(data: (typeof plotted)[number]) {
      plotted.push(data);
    }
    destroy() {}
  },
}));

beforeAll(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
    },
  );
  vi.stubGlobal("matchMedia", () => new EventTarget());
  vi.stubGlobal("getComputedStyle", () => ({ getPropertyValue: () => "" }));
});
afterAll(() => vi.unstubAllGlobals());
beforeEach(() => {
  plotted.length = 0;
});

const STEPS = 50_000;
const MOST_POINTS = 2000;
const facts = { steps: STEPS, floors: { unigram: 3, bigram: 2 } } as RunFacts; // what charts read of it
const LOW = 12_345;
const HIGH = 43_210;

function lossAt(step: number): number {
  return step === LOW ? 0 : step === HIGH ? 9 : 1 + (step % 2);
}

function measured(first: number, last: number) {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const step = first + index;
    return { step, loss: lossAt(step), learningRate: 0.001, gradientNorm: 1, tokens: 64 };
  });
}

function progress(first: number, last: number): News {
  return { kind: "progress", state: { step: last } as RunState, metrics: measured(first, last) };
}

function opened(): ShownRun {
  const run = told(undefined, {
    kind: "opened",
    facts,
    state: { step: 0 } as RunState,
    losses: lossesByStep([]),
    looks: [],
  });
  return run!; // of the news that make one
}

test("every news of a long run is drawn with few points, the lowest and the highest among them", () => {
  const root = { clientWidth: 800 } as HTMLElement; // plots are mocked
  const draws = charts({ loss: root, entropy: root, induction: root });
  let run = opened();
  for (let first = 1; first <= STEPS; first += 500) {
    run = told(run, progress(first, first + 499))!;
    for (const draw of draws) draw(run);
  }
  expect(plotted).toHaveLength(STEPS / 500);
  expect(Math.max(...plotted.map(([x]) => x!.length))).toBeLessThanOrEqual(MOST_POINTS);
  const [x, raw, mean] = plotted.at(-1)!;
  expect(x).toEqual(x!.toSorted((a, b) => a! - b!));
  expect([raw![x!.indexOf(LOW)], raw![x!.indexOf(HIGH)]]).toEqual([0, 9]);
  // Of 1 and 2 in turns, far from what is special.
  for (const at of [2000, 25_000, 48_000]) {
    const drawn = mean!.filter((y, index) => y !== undefined && Math.abs(x![index]! - at) < 500);
    expect(drawn.length).toBeGreaterThan(5);
    for (const y of drawn) expect(y).toBeCloseTo(1.5, 2);
  }
});

test("nothing is drawn again that is as it was", () => {
  const root = { clientWidth: 800 } as HTMLElement;
  const draws = charts({ loss: root, entropy: root, induction: root });
  const draw = (run: ShownRun | undefined) => {
    for (const draw of draws) draw(run!);
    return plotted.length;
  };
  const run = told(opened(), progress(1, 100));
  expect(draw(run)).toBe(1);
  expect(draw(told(run, { kind: "progress", state: { step: 100 } as RunState, metrics: [] }))).toBe(1);
  const head = { name: "L0H0", entropy: 1, induction: 0.5 };
  const seen = told(run, { kind: "look", look: { step: 100, heads: [head] } });
  expect(draw(seen)).toBe(4); // all three
  expect(draw(told(seen, progress(101, 101)))).toBe(5);
  // From step 50, where there was no look yet.
  expect(draw(told(seen, progress(51, 51)))).toBe(6);
});

test("few steps are drawn as they are", () => {
  const losses = new Losses();
  losses.take(measured(1, 3));
  expect(losses.stretches(600)).toEqual(
    [1, 2, 3].map((x) => {
      const point = { x, y: lossAt(x) };
      return { low: point, high: point, mean: point };
    }),
  );
});

test("the loss of a step is known to whatever step was gone back, until others are taken from there", () => {
  const losses = new Losses();
  expect(losses.at(5)).toBeUndefined();
  losses.take(measured(1, 3000));
  expect([losses.at(0), losses.at(7), losses.at(8), losses.at(5000)]).toEqual([undefined, 2, 1, 1]);
  losses.take([{ step: 9, loss: 7 }]);
  expect([losses.at(8), losses.at(9), losses.at(10)]).toEqual([1, 7, 7]);
  expect(losses.stretches(600)).toHaveLength(9);
});

test("a run that is taken up is what it was, and goes on", () => {
  const [grown, restored] = [new Losses(), new Losses(lossesByStep(measured(1, 3000)))];
  grown.take(measured(1, 3000));
  expect(restored.stretches(600)).toEqual(grown.stretches(600));
  restored.take(measured(3001, 5000));
  expect([restored.at(3000), restored.at(4999), restored.at(5000)]).toEqual([1, 2, 1]);
  expect(restored.stretches(600).at(-1)?.high).toEqual({ x: 4993, y: 2 });
});
