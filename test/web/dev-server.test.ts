// `npm run web`: what is edited while it serves counts from the next load on.
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DIGESTS = "\0virtual:experiment-digests";

test("programs of experiments are digested anew after an edit, so that trials of the old ones do not count", async () => {
  const server = await createServer({
    ...{ configFile: `${ROOT}vite.config.ts`, logLevel: "error" },
    server: { middlewareMode: true, ws: false },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  try {
    const { client } = server.environments;
    const first = await client.transformRequest(DIGESTS);
    expect(first?.code).toMatch(/bigram\W+[0-9a-f]{16}/);
    expect(await client.transformRequest(DIGESTS)).toBe(first); // nothing was edited
    server.watcher.emit("change", `${ROOT}src/experiments/bigram.ts`);
    await expect.poll(() => client.transformRequest(DIGESTS), { timeout: 30_000 }).not.toBe(first);
  } finally {
    await server.close();
  }
});
