// The end-to-end tests of the playground: the built page in Chromium. `npm run test:web` builds it first.
import { defineConfig } from "vitest/config";

const conditions = ["heed-source", "module", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions: [...conditions, "node"] } },
  test: {
    include: ["test/web/**/*.test.ts"],
    // One page at a time: they compute.
    fileParallelism: false,
    // Timeouts guard against hanging and measure no speed.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } }, // as pages wait
  },
});
