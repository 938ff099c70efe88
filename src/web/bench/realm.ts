// A worker that runs one suite on one build: every job is a turn, the first one prepares.
import { type Job, type OnProgress, openSession, type Turn } from "../../../bench/session";
import { eventLoopTurn, serve } from "../port";

export type RealmNews =
  | { readonly kind: "progress"; readonly part: number; readonly row?: string | undefined }
  | { readonly kind: "done"; readonly turn: Turn }
  | { readonly kind: "failed"; readonly message: string };

let session: ((onProgress: OnProgress) => Promise<Turn>) | undefined;

const tell = serve<Job, RealmNews>(
  async (job) => {
    const first = !session;
    session ??= await openSession(
      job,
      progress((part) => part / 2),
    );
    const turn = await session(progress((part) => (first ? (1 + part) / 2 : part)));
    tell({ kind: "done", turn });
  },
  (message) => ({ kind: "failed", message }),
);

function progress(share: (part: number) => number): OnProgress {
  return (part, row) => {
    tell({ kind: "progress", part: share(part), row });
    return eventLoopTurn();
  };
}
