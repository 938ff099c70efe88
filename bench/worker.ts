// The process that runs one suite on one build: every job is a turn, the first one prepares.
import { serveJobs } from "../src/platform/process-pool";
import { type Job, type OnProgress, openSession, type Turn } from "./session";

let session: ((onProgress: OnProgress) => Promise<Turn>) | undefined;

serveJobs<Job, Turn>(async (job, onProgress) => {
  const first = !session;
  session ??= await openSession(job, (part) => onProgress(part / 2));
  return session((part) => onProgress(first ? (1 + part) / 2 : part));
});
