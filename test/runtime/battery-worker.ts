// A realm for the battery: a dedicated worker, which starts threads of its own.
import { info, init } from "../../src/runtime/instance";
import { battery } from "./battery";

addEventListener("message", async ({ data: threads }: MessageEvent<number>) => {
  try {
    await init({ build: "portable", threads });
    postMessage({ ...battery(), threads: info().threads });
  } catch (error) {
    postMessage(String(error));
  }
});
