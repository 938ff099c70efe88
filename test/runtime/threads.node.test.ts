// Threads in processes of their own: the same bits for every number of them, an end by themselves, and what init says when they
// cannot be had or are lost.
import { expect, inject, test } from "vitest";
import { battery } from "./battery";
import { freshProcess } from "./fresh-process";

const inProcess = freshProcess(
  {
    "src/runtime/instance": "init, info",
    "src/runtime/kernels": "loadWorker",
    "src/ops/matmul": "matmul",
    "src/ops/random": "full",
    "test/runtime/battery": "battery",
  },
  `const script = (text) => new URL("data:text/javascript," + encodeURIComponent(text));
  const message = (run) => { try { run(); } catch (error) { return error.message; } };
  const square = () => full([256, 256], 1);`,
);

test.each([1, 2, 3])("threads: %d gives the bits of one", async (threads) => {
  expect(inject("build")).toBe("portable");
  const body = `await init({ build: "portable", threads: ${threads} }); return { ...battery(), threads: info().threads };`;
  expect(await inProcess(body)).toEqual({ ...battery(), threads });
});

test("a module of the shared-memory form is given threads, another is not", async () => {
  const both = `
    await init({ module: module("portable-threads"), threads: 2 });
    return { ...battery(), file: info().file, reason: info().reason };`;
  expect(await inProcess(both)).toEqual({
    ...battery(),
    file: "portable-threads",
    reason: "portable (from the given module), 2 threads (as asked)",
  });
  expect(await inProcess(`await init({ module: module("portable"), threads: 2 });`)).toBe(
    "init: 2 threads need a module of portable-threads.wasm, got one of portable.wasm",
  );
});

test("threads that do not start leave auto with one and the reason, and an explicit number with an error", async () => {
  const fails = `build: "portable", workerUrl: script('throw new Error("no start")')`;
  const auto = `await init({ ${fails} }); return { ...battery(), threads: info().threads, reason: info().reason };`;
  expect(await inProcess(auto)).toEqual({
    ...battery(),
    threads: 1,
    // A machine of one core does not try.
    reason: expect.stringMatching(
      /^portable \(as asked\), 1 thread \((the host has one core|threads do not start here: no start)\)$/,
    ),
  });
  expect(await inProcess(`await init({ ${fails}, threads: 2 });`)).toBe(
    'init: threads do not start here: no start; use threads "auto" or 1',
  );
});

test("after a thread is lost every call says so", async () => {
  const exits = `
    const { Instance } = WebAssembly;
    WebAssembly.Instance = function (...args) {
      const { exports } = new Instance(...args);
      return { exports: { ...exports, sgemm_batched: () => process.exit(3) } };
    };`;
  const body = `
    await init({ threads: 2, build: "portable", workerUrl: script(\`${exits}\` + await loadWorker()) });
    const [a, b] = [square(), square()];
    let first;
    for (let i = 0; i < 1000 && !first; i++) first = message(() => matmul(a, b));
    return { first, same: [() => matmul(a, b), () => a.values(), () => full([1], 1), info].map((call) => message(call) === first) };`;
  expect(await inProcess(body)).toEqual({
    first: expect.stringMatching(
      /^heed: a thread was lost, it took a share of the work and did not finish it/,
    ),
    same: [true, true, true, true],
  });
});

test("shared memory that cannot grow is refused with sizes, and stays as it was", async () => {
  const body = `
    await init({ threads: 2, build: "portable" });
    const { memoryBytes, liveBytes } = info();
    const refused = message(() => full([2 ** 30], 1));
    const after = info();
    return { refused, same: after.memoryBytes === memoryBytes && after.liveBytes === liveBytes, battery: battery() };`;
  expect(await inProcess(body)).toEqual({
    refused: expect.stringMatching(
      /^heap: memory cannot grow by 4096 MB, [\d.]+ MB are in use \(the limit is 4096 MB\); use a smaller batch, context or model$/,
    ),
    same: true,
    battery: battery(),
  });
});
