// The page that runs one suite on one build in a browser: it waits for turns that browser.ts asks for.
import { type Job, type OnProgress, openSession, type Turn } from "./session";

declare global {
  var heedBench: ((job: Job) => Promise<Turn>) | undefined;
}

let session: ((onProgress: OnProgress) => Promise<Turn>) | undefined;

globalThis.heedBench = async (job) => {
  session ??= await openSession(job, breathe);
  return session(breathe);
};

/** Gives the browser a moment between rows: a page that never does is taken for hung. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
