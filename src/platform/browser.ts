// The twin of Platform for browsers, workers and edge runtimes.
import type { Platform } from "./platform";

export const platform: Platform = {
  name: "browser",
  host: globalThis.navigator?.userAgent ?? "unknown host",
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  canShareMemory: globalThis.crossOriginIsolated === true,
  enableRelaxedSimd() {},
};
