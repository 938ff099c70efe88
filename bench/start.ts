// `npm run bench:start`: what heed costs before it computes anything: milliseconds of import and init in fresh processes, and bytes.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { bundleFor } from "./bundle";
import { quartiles } from "./harness";
import { describeMachine } from "./machine";
import { textTable } from "./table";

const PROCESSES = 15;
const BUILDS = ["portable", "fast"] as const;
const KB = 1024;

interface Start {
  readonly importMs: number;
  readonly initMs: number;
}

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const entry = pathToFileURL(`${dist}/index.js`).href;
const machine = describeMachine();
console.log(`${machine.host}, ${machine.processor} x ${machine.cores}, ${machine.date}`);

// Builds in turns, so that the machine's drift meets both alike; the first round fills the file cache and does not count.
const rounds = Array.from({ length: PROCESSES + 1 }, () => BUILDS.map(startOnce)).slice(1);
const times = BUILDS.map((build, index) => {
  const [importMs, initMs] = (["importMs", "initMs"] as const).map((key) =>
    quartiles(rounds.map((round) => round[index]![key])).median.toFixed(1),
  );
  return [build, importMs!, initMs!];
});
console.log(
  textTable(
    [
      { title: "one thread", align: "left" },
      { title: "import, ms", align: "right" },
      { title: "init(), ms", align: "right" },
    ],
    times,
  ),
);

const wasm = readdirSync(`${dist}/kernels`).map((file) =>
  sizes(file, readFileSync(`${dist}/kernels/${file}`)),
);
const bundle = await bundleFor("init, attention", "portable");
console.log(
  `\n${textTable(
    [
      { title: "bytes", align: "left" },
      { title: "KB", align: "right" },
      { title: "KB gzip", align: "right" },
    ],
    [...wasm, sizes("init + attention + portable build, minified", bundle)],
  )}`,
);

function startOnce(build: string): Start {
  const script = `const t0 = performance.now();
    const { init } = await import(${JSON.stringify(entry)});
    const t1 = performance.now();
    await init({ build: ${JSON.stringify(build)}, threads: 1 });
    console.log(JSON.stringify({ importMs: t1 - t0, initMs: performance.now() - t1 }));`;
  // The object that the script prints.
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }),
  ) as Start;
}

function sizes(what: string, bytes: Uint8Array): string[] {
  return [what, (bytes.length / KB).toFixed(1), (gzipSync(bytes).length / KB).toFixed(1)];
}
