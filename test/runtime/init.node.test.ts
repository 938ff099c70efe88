// init in realms of its own, one process each: given modules, the builds by name, and errors before it.
import { expect, test } from "vitest";
import { freshProcess } from "./fresh-process";

const inProcess = freshProcess({
  "src/runtime/instance": "init, info",
  "src/tensor/tensor": "tensor",
  "src/ops/arithmetic": "add",
});

const report =
  "const { file, build, reason } = info(); return { file, build, reason, sum: [...add(tensor([1, 2]), tensor([3, 4])).values()] };";

test("a given module decides the build", async () => {
  expect(await inProcess(`await init({ module: module("portable") }); ${report}`)).toEqual({
    file: "portable",
    build: "portable",
    reason: "portable (from the given module), 1 thread (more need portable-threads.wasm)",
    sum: [4, 6],
  });
});

test("a given fast module runs where relaxed SIMD is switched on", async () => {
  const flag = 'setFlagsFromString("--experimental-wasm-relaxed-simd");';
  expect(await inProcess(`${flag} await init({ module: module("fast") }); ${report}`)).toMatchObject({
    file: "fast",
    sum: [4, 6],
  });
});

test("a given module of the shared-memory form runs", async () => {
  expect(await inProcess(`await init({ module: module("portable-threads") }); ${report}`)).toMatchObject({
    file: "portable-threads",
    sum: [4, 6],
  });
});

test("a given module that is not the wanted build is refused, and init may be tried again", async () => {
  const refused =
    'const first = await init({ module: module("portable"), build: "fast" }).catch((error) => error.message);';
  expect(
    await inProcess(`${refused} await init({ build: "portable" }); return [first, info().build];`),
  ).toEqual(['init: the given module is the portable build, got build "fast"', "portable"]);
});

test("a module that is not heed's is refused", async () => {
  expect(await inProcess(`await init({ module: module("one-call") });`)).toBe(
    "init: module must be compiled from heed/kernels/{portable,fast}*.wasm, got another one",
  );
});

test("fast and auto switch relaxed SIMD on by themselves", async () => {
  expect(await inProcess(`await init({ build: "fast", threads: 1 }); ${report}`)).toMatchObject({
    file: "fast",
    sum: [4, 6],
  });
  expect(await inProcess(`await init(); ${report}`)).toMatchObject({ build: "fast", sum: [4, 6] });
});

test("everything before init says what is missing", async () => {
  const rule = "heed: the kernels are not loaded; call `await init()` first";
  expect(await inProcess("info();")).toBe(rule);
  expect(await inProcess("tensor([1]);")).toBe(rule);
});

test("a host without WebAssembly is told what to use", async () => {
  expect(await inProcess("delete globalThis.WebAssembly; await init();")).toMatch(
    /^init: heed needs WebAssembly SIMD, which this host lacks; use Node 20\.19\+/,
  );
});
