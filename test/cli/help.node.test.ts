// What heed tells about itself: help, list, info.
import { expect, test } from "vitest";
import { attentions } from "../../src/attention";
import { experiments } from "../../src/experiments";
import type { Experiment } from "../../src/experiments/experiment";
import { inFreshFolder, json, PROCESS_MS, run, start } from "./heed";

const COMMANDS = ["train", "generate", "nbce", "eval", "experiment", "claims", "bench", "list", "info"];

inFreshFolder();

test("heed alone teaches, as --help does", async () => {
  const { code, stdout, stderr } = await run();
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Usage: heed .*\n[\s\S]*Examples:\n {2}heed train/);
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
  expect(await run("--help")).toEqual({ code, stdout, stderr });
  expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each(COMMANDS)("heed %s --help", async (command) => {
  const { code, stdout, stderr } = await run(command, "--help");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(new RegExp(`^Usage: heed ${command} `));
  expect(stdout).toContain("--json <file>");
});

test("list names what the options accept, and its JSON the same", async () => {
  const { code, stdout } = await run("list", "--json", "names.json");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^attention\n {2}dot-product +Vaswani et al\. 2017/m);
  const { command, ...names }: Record<string, unknown> = json("names.json");
  expect(command).toBe("list");
  expect(Object.keys(names).sort()).toEqual(
    "activation attention data experiment index mask mlp model norm normalizer optimizer position residual scale".split(
      " ",
    ),
  );
  expect(names.attention).toMatchObject(Object.keys(attentions).map((name) => ({ name })));
  const all: Readonly<Record<string, Experiment>> = experiments;
  expect(names.experiment).toEqual(
    Object.entries(all).map(([name, { question, grid }]) => ({
      name,
      what: question,
      budgetSeconds: { smoke: grid.smoke.budgetSeconds, full: grid.full.budgetSeconds },
    })),
  );
  const full = Object.values(all).reduce((sum, { grid }) => sum + grid.full.budgetSeconds, 0);
  expect(stdout).toMatch(/^experiment\n {2}bigram +60 s Is a transformer/m);
  expect(stdout).toContain(
    `all experiments: ${full} s on one core at most, ${Math.ceil(full / 120)} minutes on 2;`,
  );
  for (const [name, entries] of Object.entries(names)) {
    if (name === "experiment") continue;
    for (const entry of entries as { name: string }[]) {
      // Refused, but not for the name.
      expect((await run("train", `--${name}`, entry.name, "--steps", "0")).stderr).toMatch(
        /^heed: --steps: /,
      );
    }
  }
});

test(
  "info tells the build and the threads that run and why",
  async () => {
    const { code, stdout } = await start("info", "--build", "portable").ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^heed +\d+\.\d+\.\d+\nhost +node .*\nbuild +portable \(as asked\)\nthreads +\d+ \(.*\)\nSIMD +yes, relaxed (yes|no), /,
    );
    const info = JSON.parse((await start("info", "--json", "-").ended).stdout);
    expect(info).toMatchObject({ command: "info", features: { simd: true } });
    expect(info.build).toBe(info.features.relaxedSimd ? "fast" : "portable");
  },
  PROCESS_MS,
);
