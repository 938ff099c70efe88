// The twin of Platform for browsers, workers and edge runtimes.
import type { Platform } from "./platform";

export const platform: Platform = {
  name: "browser",
  host: globalThis.navigator?.userAgent ?? "unknown host",
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  canShareMemory: globalThis.crossOriginIsolated === true && typeof Worker !== "undefined",
  mayBlock: typeof window === "undefined",
  milliseconds: () => performance.now(),
  enableRelaxedSimd() {},
  decodeBase64(text) {
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    // A plain loop: Uint8Array.from with a function takes four times as long, and this runs before anything is compiled well.
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
    return bytes;
  },
  startThread(script, { onMessage, onEnd }) {
    const made =
      "source" in script
        ? URL.createObjectURL(new Blob([script.source], { type: "text/javascript" }))
        : undefined;
    const worker = new Worker("source" in script ? made! : script.url, { name: "heed" });
    const end = () => {
      worker.onmessage = null;
      worker.onerror = null;
      worker.terminate();
      if (made) URL.revokeObjectURL(made);
    };
    worker.onmessage = ({ data }) => {
      if (made) URL.revokeObjectURL(made); // it has begun, so it was read
      onMessage(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      end();
      // A script that was not loaded, or not allowed, says nothing.
      onEnd(event.message || "its script was not loaded");
    };
    return { post: (message) => worker.postMessage(message), end };
  },
};
