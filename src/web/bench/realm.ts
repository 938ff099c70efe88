// A worker that runs one suite on one build: every job is a turn, the first one prepares.
import { type Job, type OnProgress, openSession, type Turn } from "../../../bench/session";
import { serveJobs } from "../jobs";
import { eventLoopTurn } from "../port";

export interface TurnProgress {
  readonly part: number;
  readonly row?: string | undefined;
}

let session: ((onProgress: OnProgress) => Promise<Turn>) | undefined;

serveJobs<Job, TurnProgress, Turn>(async (job, tellProgress) => {
  const progress = (share: (part: number) => number): OnProgress => {
    return (part, row) => {
      tellProgress({ part: share(part), row });
      return eventLoopTurn();
    };
  };
  const first = !session;
  session ??= await openSession(
    job,
    progress((part) => part / 2),
  );
  return session(progress((part) => (first ? (1 + part) / 2 : part)));
});
