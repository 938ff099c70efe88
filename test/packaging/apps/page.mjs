// The entry of the bundled pages: leaves the result, with what the README's example logged, or the error, where the runner looks
// for it.
import { exercise } from "./exercise.mjs";

async function run() {
  const result = await exercise();
  const lines = [];
  console.log = (...words) => lines.push(words.join(" "));
  await import("./readme.mjs");
  return { ...result, lines };
}

run().then(
  (result) => {
    globalThis.heedResult = result;
  },
  (error) => {
    globalThis.heedResult = { error: String(error?.stack ?? error) };
  },
);
