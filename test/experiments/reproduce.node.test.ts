// The command that a report gives, run in a shell: the same trials, whatever stands in settings, prompt and file name.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseHTML } from "linkedom";
import { afterEach, beforeEach, expect, test } from "vitest";
import { experimentCommand } from "../../src/cli/experiment";
import { experimentLine } from "../../src/cli/experiment-words";
import type { Result } from "../../src/experiments/result";
import { Output } from "../../src/terminal/output";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SECONDS = 120_000;
/** Everything that a shell might read as its own. */
const AWKWARD = `-'"$HOME" & \`a\` \\n ü|*?~! --#1`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heed-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Silent extends Output {
  override say(): void {}
}

const resultOf = (out: string): Result => JSON.parse(readFileSync(join(out, "result.json"), "utf8"));
const lineOf = (out: string) => {
  const { document } = parseHTML(readFileSync(join(out, "report.html"), "utf8"));
  return document.querySelector("pre")!.textContent.slice(1); // behind <pre>'s own line end
};

test(
  "the line of a report runs exactly what was run: text, prompt, settings, seeds",
  async () => {
    const [first, again] = [join(folder, "first"), join(folder, "again")];
    const text = join(folder, `a "text" of mine, it's 1.txt`);
    writeFileSync(text, `${AWKWARD}. `.repeat(120));
    const set = ["steps=2", "width=16", "layers=1"];
    const given = { size: "smoke", text, prompt: AWKWARD, set, seeds: [5, 3], out: first } as const;
    const code = await experimentCommand("heads-on-text", given, new Silent());
    expect(resultOf(first).config).toMatchObject([{ text, prompt: AWKWARD, steps: 2, width: 16, layers: 1 }]);

    const line = lineOf(first);
    const { status } = spawnSync("sh", ["-c", `${line} --out '${again}'`], { cwd: ROOT, stdio: "ignore" });
    expect(status).toBe(code);
    const ids = ({ trials }: Result) => trials.map(({ id, metrics }) => ({ id, metrics }));
    expect(ids(resultOf(again))).toEqual(ids(resultOf(first)));
    expect(lineOf(again)).toBe(line);
  },
  SECONDS,
);

test("what was not given is not in the line", () => {
  const stamp = { version: "", build: "fast", host: "", date: "", source: "", seeds: [0, 1] };
  const result = { experiment: "bigram", size: "full", stamp } as const;
  expect(experimentLine(result, {})).toMatch(/ experiment bigram --seeds 0,1 --build fast$/);
  expect(experimentLine({ ...result, size: "smoke" }, { prompt: "\n", causal: false, lr: -1e-7 })).toMatch(
    / experiment bigram --smoke --prompt '\n' --set causal=false lr=-1e-7 --seeds 0,1 --build fast$/,
  );
});
