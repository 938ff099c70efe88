// How a command says that it cannot: misuse is exit code 2, every other error 1, and each names its place.

/** A command was called wrongly. */
export class UsageError extends Error {}

/** Runs `work` and puts `place` before the message of what it throws. */
export function at<T>(
  place: string,
  work: () => T,
  Failure: new (message: string, options?: ErrorOptions) => Error = Error,
): T {
  try {
    return work();
  } catch (error) {
    throw new Failure(`${place}: ${messageOf(error)}`, { cause: error });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
