// A realm as a process, for `heed bench`.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { platform } from "#platform";
import { type PoolOptions, processPool } from "../src/platform/process-pool";
import type { Place } from "./command";
import type { Realm } from "./run";
import type { Job, Turn } from "./session";

export const processes: Place = {
  host: platform.host,
  openRealm: async () => openProcess(),
  async close() {},
};

/** Started by its first turn. */
export function openProcess(): Realm {
  const pool = processPool<Job, Turn>(worker());
  return { turn: pool.run, close: pool.close };
}

/** The entry: a source, which needs a loader, or a bundle of its own in dist/cli. */
function worker(): PoolOptions {
  if (!import.meta.url.endsWith(".ts")) return { entry: new URL("./bench-worker.js", import.meta.url) };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const entry = new URL("./worker.ts", import.meta.url);
  return { entry, execArgv: ["--conditions=heed-source", "--import", loader] };
}
