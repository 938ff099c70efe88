// The runtime of the train tab's worker. Left to itself it computes on all cores but one, which the page draws on: where it takes them all,
// the page's shortest tasks wait for a core.
import { type Build, describe, detectFeatures, selectThreads } from "../../runtime/features";
import { info, init } from "../../runtime/instance";
import { besidePage } from "../port";
import type { Threads } from "./protocol";

const THREAD_SCRIPT = "thread.js";

/**
 * A realm has one runtime: the page opens another worker for another.
 * @returns what it runs on, and why
 * @throws Error when the host cannot give what was asked for
 */
export async function startRuntime(build: Build, wanted: Threads): Promise<string> {
  const features = detectFeatures();
  const { threads: most } = selectThreads("auto", features);
  const spares = wanted === "auto" && most > 1 && most === features.cores;
  const workerUrl = besidePage(THREAD_SCRIPT);
  if (spares) {
    try {
      await init({ build, threads: most - 1, workerUrl });
      return describe({ ...info(), whyThreads: "a core is left to this page" }).reason;
    } catch {
      // Where threads do not start, init falls back to one by itself, and says why.
    }
  }
  await init({ build, threads: wanted, workerUrl });
  return info().reason;
}
