// Installs the tarball into copies of the fixture apps, builds them, runs them, and looks at what they computed.
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { arrays, shape } from "./apps/numbers.mjs";
import { check, expect } from "./check.mjs";
import { pageResults } from "./chromium.mjs";
import { command } from "./command.mjs";
import { workerdResult } from "./workerd.mjs";

const sources = fileURLToPath(new URL("apps", import.meta.url));
const pages = ["vite", "webpack", "esbuild"];

export async function checkApps(folder, root) {
  const built = [];
  for (const app of [...pages, "node", "workerd"]) {
    const made = await check(`${app}: installs the tarball and builds`, () => makeApp(app, folder, root));
    if (made) built.push(app);
  }
  const runs = {
    node: async (cwd) => JSON.parse((await command(process.execPath, ["index.mjs"], { cwd })).stdout),
    workerd: workerdResult,
  };
  for (const app of Object.keys(runs).filter((name) => built.includes(name))) {
    await check(`${app}: computes and trains`, async () => judge(await runs[app](join(folder, app))));
  }
  const builtPages = pages.filter((app) => built.includes(app));
  await check("Chromium starts and ends", () =>
    pageResults(folder, builtPages, (app, result) =>
      check(`${app}: computes, trains and runs the README's example in Chromium`, async () => {
        const seen = await result();
        return `${judge(seen)}; ${judgeExample(seen.lines)}`;
      }),
    ),
  );
  if (!built.includes("node")) return;
  await check("node: the README's example runs as written", async () => {
    const { stdout } = await command(process.execPath, ["readme.mjs"], { cwd: join(folder, "node") });
    return judgeExample(stdout.split("\n"));
  });
  for (const resolution of ["nodenext", "bundler"]) {
    await check(`types resolve with moduleResolution ${resolution}`, () =>
      typecheck(join(folder, "node"), root, resolution),
    );
  }
  await checkCommandLine(join(folder, "node"));
}

/** The bundled command line where nothing but the tarball is installed. */
async function checkCommandLine(cwd) {
  const heed = (...args) => command(join(cwd, "node_modules/.bin/heed"), args, { cwd });
  await check("heed list", async () => {
    const { stdout } = await heed("list");
    expect(stdout.includes("dot-product"), `must list the attention variants, got ${stdout}`);
  });
  await check("heed train and generate", async () => {
    const size = ["--layers", "1", "--heads", "2", "--width", "16", "--context", "16", "--batch", "4"];
    await heed("train", ...size, "--steps", "5", "--out", "run");
    const missing = ["heed.json", "metrics.jsonl", "model.safetensors", "report.html"].filter(
      (name) => !existsSync(join(cwd, "run", name)),
    );
    expect(missing.length === 0, `the run must hold ${missing.join(", ")}`);
    const { stdout } = await heed("generate", "run", "--max-tokens", "20");
    expect(stdout.length >= 20, `must print 20 characters, got ${stdout}`);
  });
  await check("heed experiment", async () => {
    await heed("experiment", "bigram", "--smoke", "--out", "bigram");
  });
}

/** Build tools come from the repository where it has the very version that the app asks for. */
async function makeApp(app, folder, root) {
  const cwd = join(folder, app);
  cpSync(join(sources, app), cwd, { recursive: true });
  for (const file of ["exercise.mjs", "numbers.mjs", "page.mjs"])
    cpSync(join(sources, file), join(cwd, file));
  writeFileSync(join(cwd, "readme.mjs"), firstExample(readFileSync(join(root, "README.md"), "utf8")));
  const { devDependencies = {}, scripts } = readJson(join(cwd, "package.json"));
  const here = (name) => readJson(join(root, "node_modules", name, "package.json"))?.version;
  const hasTools = Object.entries(devDependencies).every(([name, version]) => here(name) === version);
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  await command("npm", ["install", ...quiet, ...(hasTools ? ["--omit=dev"] : [])], { cwd });
  expect(existsSync(join(cwd, "node_modules/heed/dist/index.js")), "must have heed installed");
  const PATH = `${process.env.PATH}${delimiter}${join(root, "node_modules/.bin")}`;
  if (scripts?.build) await command("npm", ["run", "build"], { cwd, env: { ...process.env, PATH } });
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** Attention and its gradient against float64 loops; ten losses that fall. */
function judge({ error, out, grads, losses, runs }) {
  expect(!error, error);
  const expected = attention(arrays.q);
  close("attention", out, expected);
  const loss = (values) =>
    attention(values.q, values.k, values.v).reduce((sum, y, i) => sum + y * arrays.dOut[i], 0);
  const byDifferences = ["q", "k", "v"].flatMap((name) =>
    arrays[name].map((_, at) => {
      const step = 1e-5;
      const moved = (by) => ({ ...arrays, [name]: arrays[name].map((x, i) => (i === at ? x + by : x)) });
      return (loss(moved(step)) - loss(moved(-step))) / (2 * step);
    }),
  );
  close("attentionGrad", grads, byDifferences);
  expect(
    losses.length === 10 && losses.every(Number.isFinite),
    `training must give ten losses, got ${losses}`,
  );
  expect(losses[9] < 0.8 * losses[0], `the loss must fall by a fifth, got ${losses[0]} and ${losses[9]}`);
  return `loss ${losses[0].toFixed(3)} -> ${losses[9].toFixed(3)}, ${runs}`;
}

/** The first JavaScript block of a Markdown text. */
function firstExample(markdown) {
  const [, code] = markdown.match(/```js\n(.*?)```/s) ?? [];
  expect(code, "the README must hold an example");
  return code;
}

/** Four losses that fall, then the tokens that the trained model made. */
function judgeExample(lines) {
  const losses = lines.slice(0, 4).map((line) => Number(line.split(" ")[1]));
  const falls = losses.every((loss, i) => Number.isFinite(loss) && (i === 0 || loss < losses[i - 1]));
  expect(losses.length === 4 && falls, `the example must log four falling losses, got ${lines.slice(0, 4)}`);
  expect(lines.length >= 84, `the example must log 80 tokens, got ${lines.length - 4}`);
  return `the example's loss ${losses[0]} -> ${losses[3]}`;
}

function close(name, actual, expected) {
  const largest = Math.max(...expected.map(Math.abs));
  const off = expected.findIndex((x, i) => !(Math.abs(x - actual[i]) <= 1e-5 * largest));
  expect(actual.length === expected.length && off < 0, `${name} must give ${expected}, got ${actual}`);
}

/** One head of softmax(q k^T / sqrt(width)) v. */
function attention(q, k = arrays.k, v = arrays.v) {
  const { tokens, sources, width } = shape;
  const row = (x, i) => x.slice(i * width, (i + 1) * width);
  return Array.from({ length: tokens }, (_, t) => {
    const logits = Array.from({ length: sources }, (_, s) =>
      row(q, t).reduce((sum, x, d) => sum + (x * row(k, s)[d]) / Math.sqrt(width), 0),
    );
    const weights = logits.map(Math.exp);
    const total = weights.reduce((a, b) => a + b, 0);
    return row(v, 0).map((_, d) => weights.reduce((sum, w, s) => sum + (w / total) * row(v, s)[d], 0));
  }).flat();
}

/** The app has no @types of its own: what the declarations need must come from the standard libraries. */
async function typecheck(cwd, root, resolution) {
  const module = resolution === "bundler" ? "esnext" : "nodenext";
  const options = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
  const resolve = ["--module", module, "--moduleResolution", resolution];
  await command(join(root, "node_modules/.bin/tsc"), [...options, ...resolve, "consumer.mts"], { cwd });
}
