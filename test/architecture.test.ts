// The rules of the tree, checked: layers, hosts, recorded numbers, lengths, names, index files.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** From the bottom up; a file imports from its own or an earlier layer. Those in one row may not import one another. */
const LAYERS = [
  ["platform", "math"],
  ["runtime"],
  ["tensor"],
  ["ops"],
  ["nn"],
  ["attention"],
  ["models"],
  ["data"],
  ["train", "nbce", "analysis"],
  ["checkpoints"],
  ["experiments"],
  ["report", "terminal"],
  ["bench"],
  ["cli"],
  ["web"],
];
/** Files directly in src/ and the layer they count to: the public API stands above what it lists. */
const ENTRIES: Readonly<Record<string, string>> = {
  "index.ts": "report",
  "one-call.ts": "runtime",
  "cli.ts": "cli",
};
const MAXIMUM_LINES = 300;

interface Source {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
  /** Without comments and strings. */
  readonly code: string;
}

const sources = ["src", "assembly"].flatMap(readFolder);
const src = sources.filter(({ path }) => path.startsWith("src/"));
/** Beside src/ and yet a layer: the command line and the playground run it. */
const bench = readFolder("bench");
const layered = [...src, ...bench];
const everything = [...sources, ...bench, ...["test", "scripts"].flatMap(readFolder)];

test("there is something to check, in known layers", () => {
  expect(src.length).toBeGreaterThan(50);
  expect(src.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(3 * src.length);
  expect(bench.length).toBeGreaterThan(20);
  expect(layered.filter(({ path }) => layerOf(path) === undefined).map(({ path }) => path)).toEqual([]);
});

test("a file imports from its own or an earlier layer only", () => {
  const wrong = layered.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((name) => name.startsWith("."))
      .map((name) => relative(root, join(root, dirname(path), name)))
      .filter((target) => /^(src|bench)\//.test(target) && !mayImport(path, target))
      .map((target) => `${path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("the command line measures with bench, and bench knows no command line", () => {
  const imports = (from: string, to: string) => mayImport(`${from}/a.ts`, `${to}/b.ts`);
  expect([imports("src/cli", "bench"), imports("src/web", "bench/suites")]).toEqual([true, true]);
  expect([imports("bench", "src/cli"), imports("bench/peers", "src/web")]).toEqual([false, false]);
  expect([imports("bench", "src/terminal"), imports("src/terminal", "src/cli")]).toEqual([true, false]);
  expect(imports("src/report", "bench")).toBe(false);
});

test("kernels import kernels only", () => {
  const wrong = sources
    .filter(({ path }) => path.startsWith("assembly/") && path.endsWith(".ts"))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => !/^\.\/[a-z_]+$/.test(name))
        .map((name) => `${path} imports ${name}`),
    );
  expect(wrong).toEqual([]);
});

test("only platform, terminal and cli know the host", () => {
  const host = /\b(process|window|document|navigator|__dirname|__filename)\b(?=[.[])|\brequire\(/;
  const wrong = src
    .filter(({ path }) => !/^src\/(platform|terminal|cli|web)[/.]/.test(path))
    .filter(({ text, code }) => importsOf(text).some((name) => name.startsWith("node:")) || host.test(code));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("no recorded number comes from the host's own mathematics or randomness", () => {
  const inexact =
    /\bMath\.(?!abs|ceil|clz32|floor|fround|imul|max|min|round|sign|sqrt|trunc|PI\b|E\b|LN|LOG|SQRT)\w+|\bcrypto\b/;
  expect(linesWith(inexact, /^src\/(platform|cli|report|web)[/.]/)).toEqual([]);
});

test("clocks are read only where a duration is shown or reported", () => {
  const clock = /\bDate\b|\bperformance\b/;
  expect(linesWith(clock, /^src\/((platform|terminal|cli|report|web)[/.]|experiments\/trial\.ts)/)).toEqual(
    [],
  );
});

test(`no file has more than ${MAXIMUM_LINES} lines, and each says first what it is`, () => {
  expect(everything.filter(({ path }) => path.startsWith("test/")).length).toBeGreaterThan(200);
  const long = everything.filter(({ text }) => text.split("\n").length - 1 > MAXIMUM_LINES);
  expect(long.map(({ path }) => path)).toEqual([]);
  const silent = everything.filter(
    ({ path, text }) => /\.m?ts$|\.mjs$/.test(path) && !/^(#!.*\n)?(\/\/|\/\*\*?) ?\S/.test(text),
  );
  expect(silent.map(({ path }) => path)).toEqual([]);
});

test("index files list names, or one registry, and hold no code", () => {
  const wrong = sources
    .filter(({ path }) => path.endsWith("/index.ts"))
    .filter(
      ({ code }) =>
        /\b(function|class|let|var|if|for|while|throw)\b/.test(code) ||
        (code.match(/^(export )?const\b/gm) ?? []).length > 1,
    );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("exports are named, and kernels' names are snake_case", () => {
  const unnamed = sources.filter(
    ({ path, code }) => !path.endsWith(".mjs") && /\bexport default\b/.test(code),
  );
  expect(unnamed.map(({ path }) => path)).toEqual([]);
  const wrong = sources
    .filter(({ path }) => path.startsWith("assembly/") && path.endsWith(".ts"))
    .flatMap(({ path, code }) =>
      [...code.matchAll(/\bexport function (\w+)/g)].map(([, name]) => ({ path, name: name! })),
    )
    .filter(({ name }) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name));
  expect(wrong).toEqual([]);
});

test("names of files are kebab-case in src, snake_case in assembly", () => {
  const wrong = src.filter(({ path }) => !/^src\/([a-z0-9-]+\/)*[a-z0-9-]+(\.d)?\.ts$/.test(path));
  expect(wrong.map(({ path }) => path).filter((path) => path.endsWith(".ts"))).toEqual([]);
  const kernels = sources.filter(
    ({ path }) => /^assembly\/.*\.ts$/.test(path) && !/^assembly\/[a-z0-9_]+\.ts$/.test(path),
  );
  expect(kernels.map(({ path }) => path)).toEqual([]);
});

/** Lines of src/ that hold code of the pattern, outside of the files that may. */
function linesWith(pattern: RegExp, allowed: RegExp): string[] {
  return src
    .filter(({ path }) => !allowed.test(path))
    .flatMap(({ path, code }) =>
      code
        .split("\n")
        .filter((line) => pattern.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
}

/** A folder of src/, or bench. */
function layerName(path: string): string {
  const [top, first = "", ...rest] = path.split("/");
  if (top !== "src") return top!; // split gives a part at least
  return rest.length > 0 ? first : (ENTRIES[first.endsWith(".ts") ? first : `${first}.ts`] ?? first);
}

function layerOf(path: string): number | undefined {
  const index = LAYERS.findIndex((row) => row.includes(layerName(path)));
  return index < 0 ? undefined : index;
}

function mayImport(from: string, to: string): boolean {
  const [a, b] = [layerOf(from), layerOf(to)];
  if (a === undefined || b === undefined) return false;
  return (
    b < a || (a === b && (layerName(from) === layerName(to) || ENTRIES[from.split("/")[1]!] !== undefined))
  );
}

function importsOf(text: string): string[] {
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^;]*?\bfrom\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\("([^"]+)"\)/gms,
  );
  return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic!);
}

function readFolder(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .filter((entry) => !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, code: withoutComments(text) };
    });
}

/** The code with comments, strings and the text of templates left out. */
function withoutComments(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    " ",
  );
}
