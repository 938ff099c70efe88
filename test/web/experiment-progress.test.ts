// How far a run is, in words: an estimate is of what was seen, and there is none before.
import { expect, test } from "vitest";
import { type Progress, paceWords, stoppedWords } from "../../src/web/experiments/progress";

const half: Progress = { done: 4, total: 12, work: 5, resumed: 2, kept: 4, running: 2 };

test("what is left is estimated from the trials of this run, not of earlier ones", () => {
  // 3 of 10 in 30 s: 7 take 70 s, which is told in whole minutes.
  expect(paceWords(half, 30)).toBe("2 running, 30 s so far, about 2 min left");
  // 12 s for 3, 28 s for 7.
  expect(paceWords(half, 12.9)).toBe("2 running, 12 s so far, about 35 s left");
  expect(paceWords({ ...half, work: 11.9 }, 50)).toBe("2 running, 50 s so far, about 5 s left");
});

test("what Stop leaves: what is kept, and where nothing can be, what was done for nothing", () => {
  const eight = { ...half, done: 8, total: 102 };
  expect(stoppedWords({ ...eight, kept: 7 })).toBe("7 of 102 trials are kept, Run goes on from there.");
  expect(stoppedWords({ ...eight, kept: 0 })).toBe("8 of 102 trials were done, none could be kept.");
  expect(stoppedWords({ ...eight, kept: 0, done: 0 })).toBe("0 of 102 trials were finished.");
});

test("too early nothing is estimated", () => {
  expect(paceWords(half, 2)).toBe("2 running, 2 s so far");
  expect(paceWords({ ...half, work: 2.4 }, 200)).toBe("2 running, 3 min 20 s so far");
});
