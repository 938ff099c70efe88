// The entry of the bundled pages: leaves the result, or the error, where the runner looks for it.
import { exercise } from "./exercise.mjs";

exercise().then(
  (result) => {
    globalThis.heedResult = result;
  },
  (error) => {
    globalThis.heedResult = { error: String(error?.stack ?? error) };
  },
);
