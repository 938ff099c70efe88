// Threads in Chromium, in a worker as realm: the same bits for every number of them.
import { expect, test } from "vitest";
import { battery } from "./battery";

test.each([1, 2, 3])("threads: %d gives the bits of one", async (threads) => {
  const realm = new Worker(new URL("./battery-worker.ts", import.meta.url), { type: "module" });
  const answer = new Promise((resolve, reject) => {
    realm.onmessage = ({ data }) => resolve(data);
    realm.onerror = ({ message }) => reject(new Error(message));
  });
  realm.postMessage(threads);
  expect(await answer).toEqual({ ...battery(), threads });
  realm.terminate();
});
