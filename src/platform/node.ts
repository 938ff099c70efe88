// The Node twin of Platform.
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Platform } from "./platform";

export const platform: Platform = {
  name: "node",
  host: `node ${process.versions.node} ${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  canShareMemory: true,
  mayBlock: true,
  milliseconds: () => performance.now(),
  enableRelaxedSimd() {
    // Node 22 and later have it without a flag, and may refuse a flag that they no longer know.
    if (Number.parseInt(process.versions.node, 10) < 22)
      setFlagsFromString("--experimental-wasm-relaxed-simd");
  },
  decodeBase64: (text) => new Uint8Array(Buffer.from(text, "base64")),
  startThread(script, { onMessage, onEnd }) {
    // Without execArgv the loaders of the main program would start again in every thread.
    const options = { execArgv: [], name: "heed" };
    const worker =
      "source" in script
        ? new Worker(script.source, { ...options, eval: true })
        : new Worker(new URL(script.url), options);
    const end = () => {
      worker.removeAllListeners();
      worker.on("error", () => {}); // one that is on its way must not end the process
      void worker.terminate();
    };
    const ended = (reason: string) => {
      end();
      onEnd(reason);
    };
    worker.on("message", onMessage);
    worker.on("error", (error) => ended(error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => ended(`it ended with exit code ${code}`));
    worker.unref();
    return { post: (message) => worker.postMessage(message), end };
  },
};
