// The Node twin of Platform.
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import type { Platform } from "./platform";

export const platform: Platform = {
  name: "node",
  host: `node ${process.versions.node} ${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  canShareMemory: true,
  enableRelaxedSimd() {
    // Node 22 and later have it without a flag, and may refuse a flag that they no longer know.
    if (Number.parseInt(process.versions.node, 10) < 22)
      setFlagsFromString("--experimental-wasm-relaxed-simd");
  },
  decodeBase64: (text) => new Uint8Array(Buffer.from(text, "base64")),
};
