// The Chromium that tests, benchmarks and pictures run in: found on this machine, never downloaded.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Options for playwright's `chromium.launch`: CHROME_PATH, or the first Chromium or Chrome on PATH, quiet on the network.
 * @throws Error that says what to install
 */
export function launchOptions(place: string): { executablePath: string; args: string[] } {
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const executablePath = [process.env.CHROME_PATH, ...onPath].find((path) => path && executable(path));
  if (!executablePath) {
    throw new Error(
      `${place}: no Chromium found; install it (Debian: apt-get install chromium) or set CHROME_PATH to one`,
    );
  }
  return {
    executablePath,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  };
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
