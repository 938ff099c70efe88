// The portable build gives the same bits on every host: digests recorded once and compared in Node and in Chromium.
import { expect, inject, test } from "vitest";
import type { Kernels } from "../../src/runtime/kernels";
import { ids, inout, input, noise, output, runKernel } from "./battery";

const [ROWS, COLS] = [5, 67];
const N = ROWS * COLS;

const buffers = {
  y: output(N),
  d: inout(noise(N, 1)),
  x: input(noise(N, 2, -6, 6)),
  positive: input(noise(N, 3, 0.01, 6)),
  dy: input(noise(N, 4)),
  gain: input(noise(COLS, 5)),
  dgain: inout(noise(COLS, 6)),
  moment: inout(noise(COLS, 7, 0.001, 1)),
  stats: output(2 * ROWS),
  targets: ids([0, 66, -1, 3, 5]),
};
type At = Record<keyof typeof buffers, number>;

const runs: Record<string, { readonly digest: string; readonly run: (k: Kernels, at: At) => void }> = {
  vexp: { digest: "df853718", run: (k, at) => k.vexp(at.y, at.x, N) },
  vlog: { digest: "98095a8f", run: (k, at) => k.vlog(at.y, at.positive, N) },
  vtanh: { digest: "b78d5ff0", run: (k, at) => k.vtanh(at.y, at.x, N) },
  verf: { digest: "e43ea78d", run: (k, at) => k.verf(at.y, at.x, N) },
  vsin: { digest: "d027ab7e", run: (k, at) => k.vsin(at.y, at.positive, N) },
  vcos: { digest: "8030d4e4", run: (k, at) => k.vcos(at.y, at.positive, N) },
  sgelu: { digest: "e6613f9c", run: (k, at) => k.sgelu(at.y, at.x, N) },
  sgelu_grad: { digest: "0287cb9c", run: (k, at) => k.sgelu_grad(at.d, at.dy, at.x, N) },
  sgelu_tanh_grad: { digest: "abc8d7d5", run: (k, at) => k.sgelu_tanh_grad(at.d, at.dy, at.x, N) },
  ssilu_grad: { digest: "d9715c2c", run: (k, at) => k.ssilu_grad(at.d, at.dy, at.x, N) },
  ssoftmax: { digest: "171949b5", run: (k, at) => k.ssoftmax(at.y, at.x, ROWS, COLS) },
  ssoftmax_grad: {
    digest: "1149a570",
    run: (k, at) => k.ssoftmax_grad(at.d, at.dy, at.positive, ROWS, COLS),
  },
  slayernorm: {
    digest: "18277ae4",
    run: (k, at) => k.slayernorm(at.y, at.stats, at.x, at.gain, at.gain, ROWS, COLS, 1e-5),
  },
  slayernorm_grad: {
    digest: "1bd1e804",
    run: (k, at) => k.slayernorm_grad(at.d, at.dgain, 0, at.dy, at.x, at.gain, at.positive, ROWS, COLS),
  },
  srmsnorm_grad: {
    digest: "fa2767a5",
    run: (k, at) => k.srmsnorm_grad(at.d, at.dgain, at.dy, at.x, at.gain, at.positive, ROWS, COLS),
  },
  scrossentropy: {
    digest: "12970431",
    run: (k, at) => k.scrossentropy(at.stats, at.stats + 4 * ROWS, at.x, at.targets, ROWS, COLS),
  },
  scrossentropy_grad: {
    digest: "11d71902",
    run: (k, at) => k.scrossentropy_grad(at.d, at.x, at.positive, at.targets, ROWS, COLS, 0.5),
  },
  sadamw: {
    digest: "1c71a345",
    run: (k, at) =>
      k.sadamw(at.d, at.dgain, at.moment, at.dy, COLS, 1e-3, 0.9, 0.999, 1e-8, 0.1, 0.1, 0.001, 0.5),
  },
  random_normal: { digest: "f8c2cd3f", run: (k, at) => k.random_normal(at.y, N, 1, 2, 0.5, 3) },
};

test.each(Object.keys(runs))("%s gives its recorded bits", (name) => {
  const { digest, run } = runs[name]!;
  const bits = digestOf(run);
  if (inject("build") === "portable") expect(bits).toBe(digest);
  else expect(bits).toBe(digestOf(run));
});

/** FNV-1a over the words that the kernel left in its outputs; NaN counts as one value, whatever its payload. */
function digestOf(run: (k: Kernels, at: At) => void): string {
  const { y, d, dgain, moment, stats } = runKernel(buffers, run);
  let hash = 0x811c9dc5;
  for (const values of [y, d, dgain, moment, stats]) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    words.forEach((word, i) => {
      hash = Math.imul(hash ^ (Number.isNaN(values[i]) ? 0x7fc00000 : word), 0x01000193);
    });
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
