// Which build runs: the table of requests and hosts, and that the probes ask what they mean to ask.
import { describe, expect, test } from "vitest";
import {
  detectFeatures,
  type Features,
  MAXIMUM_THREADS,
  type Request,
  select,
} from "../../src/runtime/features";
import { info, init } from "../../src/runtime/instance";
import { loadModule } from "../../src/runtime/kernels";

const old: Features = { simd: false, relaxedSimd: false, sharedMemory: false };
const plain: Features = { simd: true, relaxedSimd: false, sharedMemory: false };
const modern: Features = { simd: true, relaxedSimd: true, sharedMemory: true };

test.each<[Request["build"], Request["threads"], Features, string, string]>([
  [
    "auto",
    "auto",
    plain,
    "portable",
    "portable (the host has no relaxed SIMD), 1 thread (all that this version runs)",
  ],
  ["auto", "auto", modern, "fast", "fast (the host has relaxed SIMD), 1 thread (all that this version runs)"],
  ["portable", "auto", plain, "portable", "portable (as asked), 1 thread (all that this version runs)"],
  ["portable", 1, modern, "portable", "portable (as asked), 1 thread (all that this version runs)"],
  ["fast", 1, modern, "fast", "fast (as asked), 1 thread (all that this version runs)"],
])("build %s and threads %s on %j gives %s", (build, threads, features, file, reason) => {
  expect(select({ build, threads }, features)).toEqual({ file, build: file, threads: 1, reason });
});

const noSimd =
  "init: heed needs WebAssembly SIMD, which this host lacks; use Node 20.19+, or Chrome 91+, Firefox 89+, Safari 16.4+";
const noRelaxed =
  'init: build "fast" needs relaxed SIMD, which this host lacks; use build "auto" or "portable", or Node 22+, Chrome 114+';
const tooMany = `init: this version computes on ${MAXIMUM_THREADS} thread, got threads 4; use "auto"`;
const noCount = 'init: threads must be "auto" or a whole number of at least 1, got ';

test.each<[Request["build"], Request["threads"], Features, string]>([
  ["auto", "auto", old, noSimd],
  ["portable", 1, old, noSimd],
  ["fast", "auto", old, noSimd],
  ["fast", "auto", plain, noRelaxed],
  ["auto", 4, modern, tooMany],
  ["portable", 0, modern, `${noCount}0`],
  ["portable", 1.5, modern, `${noCount}1.5`],
  ["auto", Number.NaN, plain, `${noCount}NaN`],
])("build %s and threads %s on %j is refused", (build, threads, features, rule) => {
  expect(() => select({ build, threads }, features)).toThrow(rule);
});

test("the probes agree with what the host compiles", async () => {
  const compiles = (file: "portable" | "fast") =>
    loadModule(file).then(
      () => true,
      () => false,
    );
  const { simd, relaxedSimd } = detectFeatures();
  expect(simd).toBe(await compiles("portable"));
  expect(relaxedSimd).toBe(await compiles("fast"));
});

describe("init, again", () => {
  test("with the same options is free", async () => {
    const { build } = info();
    await init({ build });
    await Promise.all([init({ build }), init({ build, threads: "auto" })]);
    expect(info().build).toBe(build);
  });

  test("with others is refused and says what runs", async () => {
    const { build, reason } = info();
    const other = build === "fast" ? "portable" : "fast";
    await expect(init({ build: other })).rejects.toThrow(
      `init: this realm already has a runtime (${reason}) and was asked for {"build":"${other}","threads":"auto"}; use a worker or a process for a second one`,
    );
    await expect(init()).rejects.toThrow("init: this realm already has a runtime");
    expect(info().build).toBe(build);
  });
});

test("info says what runs where", () => {
  const { host, memoryBytes, liveBytes, threads } = info();
  expect(host).toMatch(/node \d+\.\d+|Chrom/);
  expect(memoryBytes % 65536).toBe(0);
  expect(liveBytes).toBeLessThanOrEqual(memoryBytes);
  expect(threads).toBe(1);
});
