// Serves the workerd app, asks it once, and ends it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PATIENCE_MS = 60_000;

/** @param {string} cwd the built app */
export async function workerdResult(cwd) {
  // workerd tells its port on a descriptor of our choice, one JSON object per line.
  const args = ["serve", "config.capnp", "--control-fd=3"];
  const server = spawn("node_modules/.bin/workerd", args, { cwd, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text) => (printed += text));
  const ended = new Promise((resolve) => server.on("close", resolve));
  const limit = AbortSignal.timeout(PATIENCE_MS);
  try {
    const port = await Promise.race([
      listening(server.stdio[3]),
      ended.then((code) => {
        throw new Error(`workerd must serve, ended with ${code}\n${printed}`);
      }),
      new Promise((_, reject) =>
        limit.addEventListener("abort", () => reject(new Error(`workerd must serve in time\n${printed}`))),
      ),
    ]);
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: limit });
    const text = await response.text();
    if (!response.ok) throw new Error(`workerd must answer 200, got ${response.status} ${text}\n${printed}`);
    return JSON.parse(text);
  } finally {
    server.kill("SIGTERM");
    const escalation = setTimeout(() => server.kill("SIGKILL"), 2000);
    await ended;
    clearTimeout(escalation);
  }
}

async function listening(stream) {
  for await (const line of createInterface({ input: stream })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error("workerd must say where it listens, said nothing");
}
