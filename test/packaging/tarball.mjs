// What is in the tarball: the right files and no others, of the sizes that we agreed on, with exports and types that tools accept.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { bundleFor } from "../../bench/bundle.ts";
import { check, expect } from "./check.mjs";
import { command } from "./command.mjs";

const KB = 1024;

/**
 * What a subpath may cost its user, in KB raw and compressed. Raise a line when the gain is worth it, and say so in CHANGELOG. With what an entry
 * imports statically, less what a user of `beside` has already.
 */
const budgets = [
  {
    what: "heed, without kernels",
    entries: ["dist/index.js", "dist/platform/browser.js"],
    raw: 280,
    gzip: 80,
  },
  {
    what: "heed/analysis beside heed",
    entries: ["dist/analysis.js"],
    beside: ["dist/index.js"],
    raw: 200,
    gzip: 40,
  },
  {
    what: "heed/checkpoints beside heed",
    entries: ["dist/checkpoints.js"],
    beside: ["dist/index.js"],
    raw: 80,
    gzip: 20,
  },
  {
    what: "heed, the largest kernel chunk",
    files: [/^dist\/chunks\/.*\.wasm-.*\.js$/],
    largest: true,
    raw: 100,
    gzip: 28,
  },
  { what: "heed/one-call, kernels included", files: [/^dist\/one-call\.js$/], raw: 60, gzip: 24 },
  { what: "heed/kernels/one-call.wasm", files: [/^dist\/kernels\/one-call\.wasm$/], raw: 30, gzip: 12 },
  {
    what: "heed/kernels, the largest other",
    files: [/^dist\/kernels\/(portable|fast).*\.wasm$/],
    largest: true,
    raw: 70,
    gzip: 18,
  },
  { what: "the command line", files: [/^dist\/cli\/.*\.js$/], raw: 3600, gzip: 880 },
  { what: "everything", files: [/./], raw: 5200, gzip: 1380 },
];

/** Minified and compressed: heed's init and attention with one build of the kernels inside. */
const INLINED_KB = 45;

const required = [
  "package.json",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "dist/THIRD-PARTY.txt",
  "dist/cli/THIRD-PARTY.txt",
  "dist/index.js",
  "dist/analysis.js",
  "dist/checkpoints.js",
  "dist/one-call.js",
  "dist/worker.js",
  "dist/platform/node.js",
  "dist/platform/browser.js",
  "dist/cli/heed.js",
  "dist/cli/trial-worker.js",
  "dist/types/index.d.ts",
  "dist/types/analysis/index.d.ts",
  "dist/types/checkpoints/index.d.ts",
  "dist/types/one-call.d.ts",
  ...["portable", "fast", "portable-threads", "fast-threads", "one-call"].map(
    (name) => `dist/kernels/${name}.wasm`,
  ),
];
const allowed = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^dist\/(index|analysis|checkpoints|one-call|worker)\.js$/,
  /^dist\/(chunks|platform|cli)\/[^/]+\.js$/,
  /^dist\/(cli\/)?THIRD-PARTY\.txt$/,
  /^dist\/kernels\/[^/]+\.wasm$/,
  /^dist\/types\/.*\.d\.ts$/,
];

export async function checkTarball(packed, tarball, root) {
  const paths = packed.files.map((file) => file.path);
  const read = (path) => readFileSync(join(root, path));

  await check("the tarball holds the right files", () => {
    const missing = required.filter((path) => !paths.includes(path));
    const surplus = paths.filter((path) => !allowed.some((pattern) => pattern.test(path)));
    expect(missing.length === 0, `must hold ${missing.join(", ")}`);
    expect(surplus.length === 0, `must not hold ${surplus.join(", ")}`);
    const local = paths.filter((path) => read(path).includes(root));
    expect(local.length === 0, `must not name the folder where it was built, in ${local.join(", ")}`);
  });

  await check("package.json asks for nothing at run time", () => {
    const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(read("package.json"));
    const asked = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
    expect(asked.length === 0, `must have no dependencies, got ${asked.join(", ")}`);
  });

  await check("licences of bundled packages are in", () => {
    const library = read("dist/THIRD-PARTY.txt").toString();
    for (const name of ["as-bind", "assemblyscript", "ml-matrix"]) {
      expect(
        new RegExp(`^${name} \\d`, "m").test(library),
        `dist/THIRD-PARTY.txt must hold the licence of ${name}`,
      );
    }
    const count = (text) => text.match(/of (\d+) other packages/)[1];
    return `${count(library)} in the library, ${count(read("dist/cli/THIRD-PARTY.txt").toString())} in the command line`;
  });

  await check("an unused import costs nothing (sideEffects: false is honoured)", async () => {
    const contents =
      'import "heed"; import { oneCall } from "heed/one-call"; import { rng } from "heed"; import { eigenvalues } from "heed/analysis";';
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: root },
      bundle: true,
      format: "esm",
      write: false,
      minify: true,
      logLevel: "silent",
    });
    const bytes = outputFiles[0].contents.length;
    expect(bytes < 100, `must leave nothing in a bundle, left ${bytes} bytes`);
  });

  await check("sizes are within budget", () => {
    process.stdout.write(`${row("", "raw KB", "budget", "gzip KB", "budget")}\n`);
    const over = budgets.filter(({ what, files, entries, beside = [], largest, raw, gzip }) => {
      const there = withImports(beside, read);
      const contents = entries
        ? withImports(entries, read)
            .filter((path) => !there.includes(path))
            .map(read)
        : paths.filter((path) => files.some((pattern) => pattern.test(path))).map(read);
      const join = largest ? (sizes) => Math.max(...sizes) : (sizes) => sizes.reduce((a, b) => a + b, 0);
      const rawKB = join(contents.map((bytes) => bytes.length)) / KB;
      const gzipKB = join(contents.map((bytes) => gzipSync(bytes).length)) / KB;
      process.stdout.write(`${row(what, rawKB.toFixed(1), raw, gzipKB.toFixed(1), gzip)}\n`);
      return contents.length === 0 || rawKB > raw || gzipKB > gzip;
    });
    expect(
      over.length === 0,
      `must be kept or raised on purpose: ${over.map(({ what }) => what).join("; ")}`,
    );
  });

  await check("an app that inlines init, attention and one build stays small", async () => {
    const kilobytes = gzipSync(await bundleFor("init, attention", "portable")).length / KB;
    expect(
      kilobytes <= INLINED_KB,
      `must take at most ${INLINED_KB} KB compressed, takes ${kilobytes.toFixed(1)}`,
    );
    return `${kilobytes.toFixed(1)} of ${INLINED_KB} KB compressed`;
  });

  await check("publint --strict", async () => {
    await command("npx", ["--no-install", "publint", "run", tarball, "--strict"], { cwd: root });
  });

  // esm-only: heed has no CommonJS form, and neither the wasm files nor the script of a thread are modules that a type checker could resolve.
  await check("attw", async () => {
    const args = [
      "--no-install",
      "attw",
      tarball,
      "--profile",
      "esm-only",
      "--exclude-entrypoints",
      "./kernels/*.wasm",
      "./worker.js",
    ];
    await command("npx", args, { cwd: root });
  });
}

/** The files, and those that they import statically, without repeats. */
function withImports(files, read) {
  const found = [...files];
  for (const path of found) {
    for (const [, name] of read(path)
      .toString()
      .matchAll(/^(?:import|export|\}) ?(?:.*from )?"(\.[^"]+)";$/gm)) {
      const imported = join(dirname(path), name);
      if (!found.includes(imported)) found.push(imported);
    }
  }
  return found;
}

function row(what, ...cells) {
  return `        ${what.padEnd(34)}${cells.map((cell) => String(cell).padStart(9)).join("")}`;
}
