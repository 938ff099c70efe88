// Which build runs: the table of requests and hosts, and that the probes ask what they mean to ask.
import { describe, expect, test } from "vitest";
import { detectFeatures, type Features, type Request, select } from "../../src/runtime/features";
import { info, init } from "../../src/runtime/instance";
import { loadModule } from "../../src/runtime/kernels";

const old: Features = { simd: false, relaxedSimd: false, sharedMemory: false, cores: 1 };
const plain: Features = { simd: true, relaxedSimd: false, sharedMemory: false, cores: 4 };
const modern: Features = { simd: true, relaxedSimd: true, sharedMemory: true, cores: 4 };
const large: Features = { ...modern, cores: 32 };
const single: Features = { ...modern, cores: 1 };

test.each<[Request["build"], Request["threads"], Features, string, number, string]>([
  ["auto", "auto", modern, "fast-threads", 4, "fast (the host has relaxed SIMD), 4 threads (one per core)"],
  [
    "auto",
    "auto",
    plain,
    "portable",
    1,
    "portable (the host has no relaxed SIMD), 1 thread (more need a page that is cross-origin isolated)",
  ],
  [
    "fast",
    "auto",
    large,
    "fast-threads",
    8,
    "fast (as asked), 8 threads (the most that auto takes, of 32 cores)",
  ],
  ["portable", "auto", single, "portable", 1, "portable (as asked), 1 thread (the host has one core)"],
  ["portable", 1, modern, "portable", 1, "portable (as asked), 1 thread (as asked)"],
  ["fast", 1, modern, "fast", 1, "fast (as asked), 1 thread (as asked)"],
  ["portable", 3, modern, "portable-threads", 3, "portable (as asked), 3 threads (as asked)"],
  ["fast", 20, single, "fast-threads", 20, "fast (as asked), 20 threads (as asked)"],
])("build %s and threads %s on %j gives %s on %d", (build, threads, features, file, count, reason) => {
  const selected = select({ build, threads }, features);
  expect(selected).toMatchObject({ file, build: file.replace("-threads", ""), threads: count, reason });
});

const noSimd =
  "init: heed needs WebAssembly SIMD, which this host lacks; use Node 20.19+, or Chrome 91+, Firefox 89+, Safari 16.4+";
const noRelaxed =
  'init: build "fast" needs relaxed SIMD, which this host lacks; use build "auto" or "portable", or Node 22+, Chrome 114+';
const tooMany = 'init: threads must be at most 64, got 65; use "auto"';
const notShared =
  'init: 4 threads need shared memory, which this page lacks; serve it cross-origin isolated (the headers cross-origin-opener-policy: same-origin and cross-origin-embedder-policy: require-corp), or use threads "auto"';
const noCount = 'init: threads must be "auto" or a whole number of at least 1, got ';

test.each<[Request["build"], Request["threads"], Features, string]>([
  ["auto", "auto", old, noSimd],
  ["portable", 1, old, noSimd],
  ["fast", "auto", old, noSimd],
  ["fast", "auto", plain, noRelaxed],
  ["auto", 65, modern, tooMany],
  ["auto", 4, plain, notShared],
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
    await init({ build, threads: 1 });
    await Promise.all([init({ build, threads: 1 }), init({ build, threads: "auto" })]);
    expect(info().build).toBe(build);
  });

  test("with others is refused and says what runs", async () => {
    const { build, reason } = info();
    const other = build === "fast" ? "portable" : "fast";
    await expect(init({ build: other, threads: 1 })).rejects.toThrow(
      `init: this realm already has a runtime (${reason}) and was asked for {"build":"${other}","threads":1}; use a worker or a process for a second one`,
    );
    await expect(init({ build, threads: 2 })).rejects.toThrow("init: this realm already has a runtime");
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
