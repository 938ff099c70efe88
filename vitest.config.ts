// Three projects over one suite: Node on the portable build, Node on the fast build, and real Chromium.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

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
  "analysis",
  "experiments",
  "one-call",
];
const portable = everywhere.map((folder) => `test/${folder}/**/*.test.ts`);
const numeric = ["assembly", "ops", "attention", "models"].map((folder) => `test/${folder}/**/*.test.ts`);

/** What all projects share. The timeout guards against hanging and measures no speed. */
const common = { setupFiles: ["test/setup.ts"], testTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr: { resolve: { conditions: [...resolve.conditions, "node"] } },
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          provide: { build: "portable" },
          ...common,
        },
      },
      {
        resolve,
        ssr: { resolve: { conditions: [...resolve.conditions, "node"] } },
        test: {
          name: "node-fast",
          include: numeric,
          provide: { build: "fast" },
          ...common,
        },
      },
      {
        resolve,
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
              launchOptions: {
                executablePath: chromium(),
                args: [
                  "--no-sandbox",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                ],
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});

/** CHROME_PATH, or the first Chromium or Chrome on PATH. */
function chromium(): string {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  const found = [process.env.CHROME_PATH, ...onPath].find((path) => path && executable(path));
  if (!found)
    throw new Error(
      "npm test: no Chromium found; install it (Debian: apt-get install chromium) or set CHROME_PATH to one",
    );
  return found;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

declare module "vitest" {
  interface ProvidedContext {
    build: "portable" | "fast";
  }
}
