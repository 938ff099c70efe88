// Builds dist/, all that the package publishes: the library (ESM; each kernel build is a chunk of its own, loaded when chosen), the
// two platform twins that package.json's "imports" choose from, the kernels and the script of a thread as files, the command line with everything it uses
// bundled, the declarations, and the licences of what was bundled.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { completeDeclarations } from "./declarations.mjs";
import { thirdPartyText } from "./third-party.mjs";
import "./build-kernels.mjs"; // from here on the working directory is the repository

rmSync("dist", { recursive: true, force: true });

const shared = {
  bundle: true,
  format: "esm",
  target: "es2022",
  metafile: true,
  logLevel: "warning",
  legalComments: "none",
};
const library = await build({
  ...shared,
  entryPoints: {
    index: "src/index.ts",
    analysis: "src/analysis/index.ts",
    checkpoints: "src/checkpoints/index.ts",
    "one-call": "src/one-call.ts",
    "platform/node": "src/platform/node.ts",
    "platform/browser": "src/platform/browser.ts",
  },
  outdir: "dist",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  platform: "neutral",
  // Its modules: the package's entry is CommonJS, whole, and brings a chunk of helpers into every entry, about which bundlers of apps warn.
  alias: { "ml-matrix": "./node_modules/ml-matrix/src/index.js" },
  external: ["#platform", "node:*"],
});
// The wasm files hold pieces of AssemblyScript's standard library.
writeFileSync(
  "dist/THIRD-PARTY.txt",
  thirdPartyText(Object.keys(library.metafile.inputs), ["assemblyscript"]),
);

const commandLine = await build({
  ...shared,
  entryPoints: {
    heed: "src/cli.ts",
    "trial-worker": "src/cli/trial-worker.ts",
    "bench-worker": "bench/worker.ts",
  },
  outdir: "dist/cli",
  splitting: true,
  // Chunks lie beside the entries: code that looks for its neighbours finds them from wherever it was put.
  chunkNames: "[name]-[hash]",
  platform: "node",
  conditions: ["heed-source"],
  // CommonJS packages call require for node's own modules, which an ES module does not have.
  banner: {
    js: 'import { createRequire as heedCreateRequire } from "node:module"; const require = heedCreateRequire(import.meta.url);',
  },
});
writeFileSync(
  "dist/cli/THIRD-PARTY.txt",
  thirdPartyText(Object.keys(commandLine.metafile.inputs), ["assemblyscript"]),
);

mkdirSync("dist/kernels");
for (const name of readdirSync("build").filter((file) => file.endsWith(".wasm"))) {
  copyFileSync(join("build", name), join("dist/kernels", name));
}

// For pages that may run workers from files only.
const { default: threadScript } = await import("../build/worker.js");
writeFileSync("dist/worker.js", `${threadScript}\n`);

const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
execFileSync(tsc, ["--project", "tsconfig.build.json"], { stdio: "inherit" });
const declarations = completeDeclarations("dist/types", "src");
process.stderr.write(`built dist, ${declarations} declaration files\n`);
