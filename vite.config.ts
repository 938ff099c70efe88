// The playground: `npm run web` serves it while it is worked on, `npm run build:web` writes static files for any host to build/web.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { thirdPartyText } from "./scripts/third-party.mjs";
import { programDigests } from "./src/cli/source-digest.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
const THREAD = "thread.js";
const DIGESTS = "virtual:experiment-digests";
const LATE = [
  "@huggingface/tokenizers",
  "@observablehq/plot",
  "benchmark",
  "fastest-levenshtein",
  "fflate",
  "idb-keyval",
  "linkedom",
  "lit-html",
  "lodash",
  "ml-matrix",
  "uplot",
];
const isolated = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Every module of the page and of its workers, whose bundles are made before the page's. */
const bundled = new Set<string>();

export default defineConfig({
  root: "src/web",
  base: "./",
  resolve: { conditions: ["heed-source", "module", "browser", "import", "default"] },
  server: { headers: isolated },
  preview: { headers: isolated },
  plugins: [threadScript(), chartLanguage(), experimentDigests(), collectModules(), licences()],
  worker: {
    format: "es",
    plugins: () => [experimentDigests(), benchmarkGlobals(), collectModules(), importedEntries()],
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: partName, entriesAware: true }] } } },
  },
  // What workers import is found late: then the page would be loaded again in the middle of its work.
  optimizeDeps: { include: [...LATE], rolldownOptions: { plugins: [benchmarkGlobals(), chartLanguage()] } },
  build: {
    outDir: "../../build/web",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
  },
});

/** The script of heed's threads as a file, which a strict content security policy allows where it forbids workers from a Blob. */
function threadScript(): Plugin {
  const source = async () => {
    const module: { default: string } = await import("./build/worker.js");
    return `${module.default}\n`;
  };
  return {
    name: "heed-thread",
    configureServer(server) {
      server.middlewares.use(`/${THREAD}`, async (_, response) => {
        response.writeHead(200, { "content-type": "text/javascript", ...isolated }).end(await source());
      });
    },
    async generateBundle() {
      if (this.environment.config.consumer !== "client") return;
      this.emitFile({ type: "asset", fileName: THREAD, source: await source() });
    },
  };
}

function collectModules(): Plugin {
  return {
    name: "heed-modules",
    generateBundle(_, files) {
      for (const file of Object.values(files))
        if (file.type === "chunk") for (const id of file.moduleIds) bundled.add(id);
    },
  };
}

/** All of a worker but its own script is in parts, so that what is loaded late imports those and never the script. */
function partName(id: string, bundle: { getModuleInfo(id: string): { isEntry: boolean } | null }) {
  return bundle.getModuleInfo(id)?.isEntry ? null : "part";
}

/** No script of a worker may be imported by its parts: WebKit would run it a second time, and every command with it. */
function importedEntries(): Plugin {
  return {
    name: "heed-imported-entries",
    generateBundle(_, files) {
      const chunks = Object.values(files).filter((file) => file.type === "chunk");
      for (const { fileName, imports, dynamicImports } of chunks) {
        const entry = chunks.find(
          ({ isEntry, fileName }) => isEntry && [...imports, ...dynamicImports].includes(fileName),
        );
        if (entry)
          throw new Error(`vite.config: ${fileName} imports the worker's own script ${entry.fileName}`);
      }
    },
  };
}

/** The licences of what was bundled, as a file beside the page. */
function licences(): Plugin {
  return {
    name: "heed-licences",
    generateBundle() {
      if (this.environment.config.consumer !== "client") return;
      this.emitFile({
        type: "asset",
        fileName: "THIRD-PARTY.txt",
        source: thirdPartyText([...bundled], ["assemblyscript"]),
      });
    },
  };
}

/** The digest of each experiment's program, so that a trial in a tab is identified as on the command line. */
function experimentDigests(): Plugin {
  return {
    name: "heed-experiment-digests",
    resolveId: (id) => (id === DIGESTS ? `\0${DIGESTS}` : undefined),
    load(id) {
      if (id !== `\0${DIGESTS}`) return undefined;
      const registry = readFileSync(`${root}src/experiments/index.ts`, "utf8");
      const names = [...registry.matchAll(/from "\.\/([\w-]+)";/g)].map(([, name]) => name!);
      return `export const digests = ${JSON.stringify(programDigests(root, names))};`;
    },
    hotUpdate() {
      // Any file may be part of a program; those of experiments load the page again by themselves.
      const { moduleGraph } = this.environment;
      const digests = moduleGraph.getModuleById(`\0${DIGESTS}`);
      if (digests) moduleGraph.invalidateModule(digests);
    },
  };
}

/** Benchmark.js finds the globals of a page in `window`, and those of a worker nowhere. */
function benchmarkGlobals(): Plugin {
  return replaced("benchmark/benchmark.js", "(objectTypes[typeof window] && window) || this", "globalThis");
}

/** uPlot throws when it is loaded where the browser's language is no tag ("C" or "en-US@posix" on Linux); Intl knows its own (uPlot #1054). */
function chartLanguage(): Plugin {
  return replaced("uplot/dist/uPlot.esm.js", "domEnv ? nav.language : 'en-US'", "");
}

/** A library's file with one expression replaced. */
function replaced(file: string, expression: string, by: string): Plugin {
  return {
    name: `heed-replaced:${file}`,
    transform(code, id) {
      if (!id.endsWith(`/${file}`)) return undefined;
      if (!code.includes(expression)) throw new Error(`vite.config: ${file} no longer has "${expression}"`);
      return { code: code.replace(expression, by), map: null };
    },
  };
}
