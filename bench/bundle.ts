// What an app pays that imports a few names of heed and inlines one build of the kernels.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The minified bundle of `names` from the built package, with the kernels of one build and no other. */
export async function bundleFor(names: string, kernels: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { ${names} } from "./dist/index.js";`,
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    write: false,
    logLevel: "warning",
    plugins: [
      {
        name: "one build",
        setup({ onResolve }) {
          // Chunks are named after the kernels that they hold, and may be imported by entries or by other chunks.
          onResolve({ filter: /\.wasm-[^/]*$/ }, ({ path }) =>
            path.includes(`/${kernels}.wasm-`) ? undefined : { path, external: true },
          );
        },
      },
    ],
  });
  return outputFiles[0]!.contents; // one entry, one file
}
