// Three projects over one suite: Node on the portable build, Node on the fast build, and real Chromium.
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { launchOptions } from "./scripts/chromium.ts";

const resolve = { conditions: ["heed-source", "module", "import", "default"] };
const everywhere = [
  "assembly",
  "math",
  "runtime",
  "tensor",
  "ops",
  "nn",
  "attention",
  "models",
  "data",
  "train",
  "checkpoints",
  "analysis",
  "nbce",
  "experiments",
  "one-call",
];
const portable = everywhere.map((folder) => `test/${folder}/**/*.test.ts`);
const numeric = ["assembly", "ops", "attention", "models"].map((folder) => `test/${folder}/**/*.test.ts`);

/** What all projects share. Timeouts guard against hanging and measure no speed. */
const common = {
  setupFiles: ["test/setup.ts"],
  testTimeout: 120_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000 } },
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr: { resolve: { conditions: [...resolve.conditions, "node"] } },
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["**/*.browser.test.ts", "test/web/**"],
          provide: { build: "portable" },
          ...common,
        },
      },
      {
        resolve,
        ssr: { resolve: { conditions: [...resolve.conditions, "node"] } },
        test: {
          name: "node-fast",
          include: [...numeric, "test/runtime/cuts.test.ts"],
          provide: { build: "fast" },
          ...common,
        },
      },
      {
        resolve,
        // Cross-origin isolated: only such pages may share memory with workers.
        server: {
          headers: {
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-embedder-policy": "require-corp",
          },
        },
        test: {
          name: "browser",
          include: portable,
          exclude: ["**/*.node.test.ts"],
          provide: { build: "portable" },
          ...common,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: launchOptions("npm test"),
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});

declare module "vitest" {
  interface ProvidedContext {
    build: "portable" | "fast";
  }
}
