// npm run test:packaging: builds and packs heed, looks at the tarball, installs it into the apps of this folder and runs them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkApps } from "./apps.mjs";
import { check, failures } from "./check.mjs";
import { command } from "./command.mjs";
import { checkTarball } from "./tarball.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heed-packaging-"));
try {
  const tarball = join(folder, "heed.tgz");
  let packed;
  await check("npm pack", async () => {
    // The package is built by its own prepack script.
    const { stdout } = await command("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root });
    packed = JSON.parse(stdout.slice(stdout.indexOf("[")))[0];
    await command("mv", [join(folder, packed.filename), tarball]);
    return `${packed.entryCount} files, ${Math.round(packed.size / 1024)} KB`;
  });
  if (packed) {
    await checkTarball(packed, tarball, root);
    await checkApps(folder, root);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(
  failures() ? `packaging: ${failures()} checks failed\n` : "packaging: all checks hold\n",
);
process.exitCode = failures() ? 1 : 0;
