// Runs every experiment of the registry at full size, one after another, and keeps each report in runs/<name>/. Finished trials are not
// run again. Words after -- go to each: `npm run experiments -- --workers 1`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { experiments } from "../src/experiments";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = [...process.execArgv, "src/cli.ts", "experiment"];
const outcomes = Object.keys(experiments).map((name) => {
  const { status } = spawnSync(process.execPath, [...node, name, ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  return { name, status };
});
for (const { name, status } of outcomes)
  console.log(`${status === 0 ? "holds" : "FAILS"}  ${name}  runs/${name}/report.html`);
process.exitCode = outcomes.some(({ status }) => status !== 0) ? 1 : 0;
