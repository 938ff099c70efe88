// Everything a user can get wrong: one clear sentence, the right exit code, and nothing written.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encode } from "../../src/train/safetensors";
import { files, inFreshFolder, PROCESS_MS, run, start, TEXT, TINY } from "./heed";

const MISUSED = 2;
const FAILED = 1;

inFreshFolder();

/** What a command line must say, with everything else as it was before. */
async function expectRefused(line: string, code: number, said: string | RegExp): Promise<void> {
  const before = files();
  const ended = await run(...words(line));
  expect(ended.stdout).toBe("");
  expect(ended.stderr).toMatch(/^heed: .*[^.]\n$/);
  if (typeof said === "string") expect(ended.stderr).toBe(`heed: ${said}\n`);
  else expect(ended.stderr).toMatch(said);
  expect(ended.code).toBe(code);
  expect(files()).toEqual(before);
}

/** Splits at spaces; '' is an empty word. */
function words(line: string): string[] {
  return line.split(" ").map((word) => (word === "''" ? "" : word));
}

async function finishedRun(): Promise<void> {
  writeFileSync("book.txt", TEXT);
  const { code } = await run("train", "--text", "book.txt", ...TINY, "--steps", "2", "--out", "run");
  expect(code).toBe(0);
}

/** A run that can be resumed: it lacks its results. */
async function stoppedRun(): Promise<void> {
  await finishedRun();
  for (const file of ["model.safetensors", "result.json", "report.html"]) rmSync(`run/${file}`);
}

test.each<[string, string | RegExp]>([
  ["trian", "unknown command 'trian'; did you mean train?"],
  ["train --threads 0", '--threads: must be a whole number of at least 1, got "0"'],
  [
    "experiment bigram --smoke --workers 99 --threads 2",
    /^heed: experiment: workers times threads must be at most the \d+ cores, got 99 times 2$/m,
  ],
  ["train --step 5", "unknown option '--step'; did you mean --steps?"],
  ["train --steps", "option '--steps <n>' argument missing"],
  ["train more", "too many arguments for 'train', expected 0 arguments but got 1"],
  ["generate", "missing required argument 'folder'"],
  ["generate one two", "too many arguments for 'generate', expected 1 argument but got 2"],
  ["train --steps 0", '--steps: must be a whole number of at least 1, got "0"'],
  ["train --steps 1.5", '--steps: must be a whole number of at least 1, got "1.5"'],
  ["train --steps 1e3", '--steps: must be a whole number of at least 1, got "1e3"'],
  ["train --seed 9007199254740993", /^heed: --seed: must be a whole number of at most 9007199254740991, got/],
  ["train --lr -1", '--lr: must be a number above 0, got "-1"'],
  ["train --lr NaN", '--lr: must be a number above 0, got "NaN"'],
  ["train --lr Infinity", '--lr: must be a number above 0, got "Infinity"'],
  ["train --lr ''", '--lr: must be a number above 0, got ""'],
  ["train --dropout 1", '--dropout: must be a number at least 0 and below 1, got "1"'],
  [
    "train --attention dotproduct",
    /--attention: must be one of dot-product.*, got "dotproduct"; did you mean/,
  ],
  [
    "train --position rop",
    /--position: must be one of auto, none, learned, .*, got "rop"; did you mean rope\?/,
  ],
  ["train --scale invers", /--scale: must be one of .*; did you mean inverse-sqrt\?/],
  ["train --mask casual", /--mask: must be one of .*; did you mean causal\?/],
  ["train --normalizer sotfmax", /--normalizer: must be one of .*; did you mean softmax\?/],
  ["train --norm layer", /--norm: must be one of .*; did you mean layernorm\?/],
  ["train --activation gelutanh", /--activation: must be one of .*; did you mean gelu-tanh\?/],
  ["train --optimizer adam", '--optimizer: must be one of adamw, sgd, got "adam"; did you mean adamw?'],
  ["train --model gtp", /--model: must be one of gpt.*; did you mean gpt\?/],
  [
    "train --data gramar",
    '--data: must be one of grammar, repeated-text, got "gramar"; did you mean grammar?',
  ],
  ["train --tokenizer quux", '--tokenizer: must be one of char, word, got "quux"'],
  ["train --build slow", '--build: must be one of auto, portable, fast, got "slow"'],
  ["generate x --top-p 0", '--top-p: must be a number above 0 and at most 1, got "0"'],
  ["generate x --temperature -1", '--temperature: must be a number at least 0, got "-1"'],
  ["train --text a --data grammar", "option '--text <file>' cannot be used with option '--data <name>'"],
  ["train --resume a --lr 1", "option '--resume <folder>' cannot be used with option '--lr <rate>'"],
  ["train --heads 3 --width 16 --build portable", "gpt: heads must divide width, got heads 3 and width 16"],
])("heed %s", async (line, said) => {
  await expectRefused(line, MISUSED, said);
});

test("texts that cannot be trained on", async () => {
  mkdirSync("folder");
  writeFileSync("empty", "");
  writeFileSync("one", "a");
  writeFileSync("same", "aaaaaaaaaaaa");
  writeFileSync("short", "to be or not to be");
  writeFileSync("tiny", "abc");
  writeFileSync("bytes", Buffer.from([0x48, 0xff, 0xfe, 0x00]));
  const rows: [string, string][] = [
    ["missing", "missing: there is no such file"],
    ["short/er", "short/er: cannot be read, not a directory"],
    ["folder", "folder: a file is needed, this is a folder"],
    ["empty", "empty: corpus: a text must have at least two distinct tokens, got an empty text"],
    ["one", 'one: corpus: a text must have at least two distinct tokens, got only "a", 1 times'],
    ["same", 'same: corpus: a text must have at least two distinct tokens, got only "a", 12 times'],
    [
      "short",
      "short: corpus: a context of 64 needs at least 65 tokens to train on, got 16; use a shorter context or a longer text",
    ],
    ["tiny --context 1", "tiny: the held-out tenth must have at least 2 tokens, got 1; use a longer text"],
    ["bytes", "bytes: must be text in UTF-8, has other bytes; convert it, with iconv for example"],
  ];
  for (const [given, said] of rows) await expectRefused(`train --text ${given}`, MISUSED, said);
  await expectRefused(
    "train --context 500000",
    MISUSED,
    /^heed: --data grammar: corpus: a context of 500000 needs/,
  );
});

test("places that cannot be written, found before the work", async () => {
  writeFileSync("book.txt", TEXT);
  for (const [out, reason] of [
    ["book.txt", "file already exists"],
    ["book.txt/below", "not a directory"],
    ["/proc", "no such file or directory"],
    ["/proc/run", "no such file or directory"],
  ]) {
    const said = `${out}: cannot be written to, ${reason}; choose another folder with --out`;
    await expectRefused(`train --text book.txt --build portable --out ${out}`, MISUSED, said);
  }
  await expectRefused(
    "list --json book.txt/x.json",
    MISUSED,
    "--json: book.txt/x.json: cannot be written, not a directory",
  );
  await expectRefused(
    "list --json nowhere/x.json",
    MISUSED,
    /--json: nowhere\/x.json: cannot be written, there is no folder/,
  );
  mkdirSync("folder");
  await expectRefused("train --json folder", MISUSED, "--json: folder: cannot be written, this is a folder");
  for (const [file, reason] of [
    ["folder", "this is a folder"],
    ["book.txt/report.html", "not a directory"],
  ]) {
    const said = `--report: ${file}: cannot be written, ${reason}`;
    await expectRefused(`train --text book.txt --report ${file}`, MISUSED, said);
  }
});

test("folders that are no run, or a run already", async () => {
  await finishedRun();
  mkdirSync("folder");
  const command = "npm run -s heed --";
  for (const line of ["train --resume folder", "generate folder", "eval folder"]) {
    const said = `folder: must be a folder that heed trained in, there is no heed.json; make one with: ${command} train`;
    await expectRefused(line, MISUSED, said);
  }
  await expectRefused(
    "train --resume missing",
    MISUSED,
    /^heed: missing: must be a folder that heed trained in/,
  );
  const taken = `run: already holds a run; choose another folder with --out, or go on with: ${command} train --resume run`;
  await expectRefused("train --text book.txt --out run", MISUSED, taken);
  const done = `run: has taken all its 2 steps; use it with: ${command} generate run`;
  await expectRefused("train --resume run", MISUSED, done);
});

test("prompts that the model cannot read", async () => {
  await finishedRun();
  const empty = '--prompt: must hold at least one token, got ""';
  await expectRefused("generate run --prompt ''", MISUSED, empty);
  const unknown =
    /^heed: --prompt: tokenizer: character "é" \(U\+00E9\) is not in the vocabulary of \d+, at position 2\n$/;
  await expectRefused("generate run --prompt caé", MISUSED, unknown);
  writeFileSync("other.txt", "été ".repeat(100));
  await expectRefused("eval run --text other.txt", MISUSED, /^heed: other.txt: tokenizer: character "é"/);
});

test("a stopped run whose text or files are not what they were", async () => {
  await stoppedRun();
  const path = (name: string) => `run/${name}`;
  /** Changes a file for one command. */
  const withFile = async (name: string, content: string | Uint8Array, code: number, said: RegExp) => {
    const sound = readFileSync(name);
    writeFileSync(name, content);
    await expectRefused("train --resume run", code, said);
    writeFileSync(name, sound);
  };
  await expectRefused(
    "generate run",
    MISUSED,
    /^heed: run: the training has not finished, .*train --resume run\n$/,
  );

  const changed =
    /book.txt: the text must be the one that the run began with, it has changed; put it back or train anew/;
  await withFile("book.txt", TEXT.replace("t", "s"), MISUSED, changed);
  await withFile("book.txt", `${TEXT.slice(0, -1)}\n`, MISUSED, changed);
  await withFile("book.txt", `${TEXT}é`, MISUSED, /book.txt: tokenizer: character "é"/);

  const description = readFileSync(path("heed.json"), "utf8");
  const broken: [string, RegExp][] = [
    [description.slice(0, 100), /^heed: run\/heed.json: .*JSON/],
    ["{}", /^heed: run\/heed.json: must be of heed's format 1, got "heed": undefined/],
    [
      description.replace('"steps": 2', '"steps": -2'),
      /settings: steps: must be a whole number of at least 1, got "-2"/,
    ],
    [
      description.replace('"portable"', '"slow"'),
      /heed.json: build: must be one of portable, fast, got "slow"/,
    ],
    [description.replace('"kind": "char"', '"kind": "byte"'), /heed.json: tokenizer: kind must be/],
    [description.replace('"digest"', '"digset"'), /heed.json: corpus must have a name and a digest/],
    [
      description.replace('"width": 16', '"width": 32'),
      /^heed: run\/checkpoint.safetensors: restoreTraining: the configuration must be the model's/,
    ],
  ];
  for (const [content, said] of broken) await withFile(path("heed.json"), content, FAILED, said);

  const checkpoint = readFileSync(path("checkpoint.safetensors"));
  const foreign = encode([{ name: "w", dtype: "F32", shape: [1], data: new Float32Array(1) }]);
  await withFile(
    path("checkpoint.safetensors"),
    checkpoint.subarray(0, -100),
    FAILED,
    /^heed: run\/checkpoint.safetensors: safetensors: .*the file is truncated/,
  );
  await withFile(path("checkpoint.safetensors"), foreign, FAILED, /must be saved by heed while training/);
  await withFile(
    path("metrics.jsonl"),
    "",
    FAILED,
    /^heed: run\/metrics.jsonl: must hold steps 1 to 2, step 1 is missing/,
  );
  await withFile(path("metrics.jsonl"), "{}\n[\n", FAILED, /^heed: run\/metrics.jsonl:2: .*JSON/);
  rmSync(path("checkpoint.safetensors"));
  await expectRefused("train --resume run", FAILED, /checkpoint.safetensors: there is no such file/);
});

test("a model file that is not the run's", async () => {
  await finishedRun();
  const model = readFileSync("run/model.safetensors");
  const foreign = encode([{ name: "w", dtype: "F32", shape: [1], data: new Float32Array(1) }]);
  const rows: [Uint8Array, RegExp][] = [
    [model.subarray(0, -4), /^heed: run\/model.safetensors: safetensors: .*the file is truncated/],
    [model.subarray(0, 5), /^heed: run\/model.safetensors: safetensors: .*got 5 bytes in all/],
    [
      Buffer.from("<!doctype html>....."),
      /^heed: run\/model.safetensors: safetensors: .*another kind of file/,
    ],
    [foreign, /^heed: run\/model.safetensors: loadModel: the file must be saved by heed/],
  ];
  for (const [bytes, said] of rows) {
    writeFileSync("run/model.safetensors", bytes);
    await expectRefused("generate run", FAILED, said);
    await expectRefused("eval run", FAILED, said);
  }
});

test(
  "the exit codes are the process's",
  async () => {
    const misused = await start("train", "--steps", "0").ended;
    expect(misused).toEqual({
      code: MISUSED,
      stdout: "",
      stderr: 'heed: --steps: must be a whole number of at least 1, got "0"\n',
    });
    mkdirSync("run");
    writeFileSync("run/heed.json", "{");
    const failed = await start("eval", "run").ended;
    expect([failed.code, failed.stdout]).toEqual([FAILED, ""]);
    expect(failed.stderr).toMatch(/^heed: run\/heed.json: .*\n$/);
  },
  PROCESS_MS,
);
