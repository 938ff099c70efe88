// `heed export FOLDER --format hf|onnx`: a model and its tokenizer as Hugging Face's libraries and onnxruntime read them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { exportHuggingFace, exportOnnx } from "../checkpoints/export";
import { tokenizerFiles } from "../checkpoints/tokenizer-json";
import type { Tokenizer } from "../data/tokenizer";
import { readBytes, replaceFile, writableFolder } from "../terminal/files";
import { Output } from "../terminal/output";
import { at, UsageError } from "../terminal/usage";
import { openModel } from "./model-folder";

export const formats = { hf: exportHuggingFace, onnx: exportOnnx } as const;

export interface ExportArguments {
  format: keyof typeof formats;
  out?: string;
  json?: string;
}

/** What a folder of Hugging Face's has beside weights and settings. */
const TOKENIZER_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "generation_config.json",
];

export async function exportCommand(path: string, { format, out, json }: ExportArguments): Promise<number> {
  const output = new Output(json);
  const { model, tokenizer } = await openModel(path, { threads: 1 });
  const target = out ?? `${path.replace(/[/\\]+$/, "")}-${format}`;
  if (existsSync(join(target, "heed.json")))
    throw new UsageError(`--out: must be another folder than a run's, got ${target}`);
  const { settings, files } = at(path, () => formats[format](model), UsageError);
  const all = new Map<string, string | Uint8Array>([
    ...files,
    ...filesOf(tokenizer, path, model.config.context),
    ["config.json", text(settings)], // last: it makes the folder one of Hugging Face's
  ]);
  writableFolder(target);
  for (const [name, content] of all) replaceFile(join(target, name), content);
  output.say(`${target}: ${settings.model_type}, ${[...all.keys()].join(", ")}`);
  output.finish({ command: "export", run: path, format, folder: target, files: [...all.keys()], settings });
  return 0;
}

function filesOf(tokenizer: Tokenizer, path: string, context: number): [string, string | Uint8Array][] {
  const own = tokenizer.toJSON();
  if (own.kind === "file") {
    const names = TOKENIZER_FILES.filter((name) => existsSync(join(path, name)));
    return names.map((name) => [name, readBytes(join(path, name))]);
  }
  const files = tokenizerFiles(own, context);
  return [
    ["tokenizer.json", text(files.tokenizer)],
    ["tokenizer_config.json", text(files.settings)],
  ];
}

function text(json: object): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}
