// A folder as Hugging Face keeps models: config.json and model.safetensors, or shards with an index. Opening it reads settings and
// headers and says whether the model can be had; loading streams the weights, a few megabytes at a time.
import type { GptConfig } from "../models/config";
import { gptConfig } from "../models/config";
import { type Gpt, gpt } from "../models/gpt";
import { namedTensors } from "../nn/module";
import { classSize } from "../runtime/heap";
import { rng } from "../tensor/rng";
import { floats } from "../tensor/tensor";
import { expectStored, listed } from "../train/expect-stored";
import { dataStart, LENGTH_BYTES, readHeader, type StoredEntry } from "../train/safetensors";
import { dtypes } from "../train/safetensors-dtypes";
import { families } from "./families";
import type { Family } from "./families/family";
import type { FolderReader } from "./folder";
import { readJson } from "./folder";
import { type Layout, rowSize, scatter } from "./layout";
import { isJson, Settings } from "./settings";

const CONFIG = "config.json";
const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const READ_DTYPES: readonly string[] = ["F32", "F16", "BF16"];
/** Weights that are in memory twice while they are read. */
const CHUNK_BYTES = 8 * 2 ** 20;
const MEMORY_BYTES = 2 ** 32;
/** For the kernels, one token's work and a short past. */
const WORKING_BYTES = 64 * 2 ** 20;

interface Place extends StoredEntry {
  readonly file: string;
  /** Where the tensors begin in the file. */
  readonly start: number;
}

export interface OpenedCheckpoint {
  /** The `model_type` of config.json. */
  readonly modelType: string;
  readonly config: GptConfig;
  readonly parameters: number;
  /** Memory that the weights take as float32. */
  readonly bytes: number;
  /** Bytes of weights to read. */
  readonly storedBytes: number;
  /** Reads the weights. The runtime must be there. */
  load(onProgress?: (readBytes: number) => void): Promise<Gpt>;
}

/**
 * @throws Error that names the file, for a missing one, settings or tensors that heed does not know, and weights that do not fit 4 GB
 */
export async function openHuggingFace(folder: FolderReader): Promise<OpenedCheckpoint> {
  const settings = new Settings(await readJson(folder, CONFIG));
  const family = familyOf(settings);
  const config = completed(family, settings);
  const places = await findTensors(folder);
  const prefix = family.prefixes.find((start) =>
    [...places.keys()].some((name) => start && name.startsWith(start)),
  );
  const layouts = [...family.tensors(config, prefix ?? family.prefixes.at(-1)!)];
  expectTensors(layouts, places, family, { tied: config.tied });
  const sizes = layouts.map((layout) => ({ name: layout.name, bytes: memoryOf(layout) }));
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
  expectFits(sizes, bytes);
  const stored = layouts.map(({ name }) => places.get(name)!); // none is missing
  return {
    modelType: settings.word("model_type"),
    config,
    parameters: layouts.reduce((sum, { shape }) => sum + elements(shape), 0),
    bytes,
    storedBytes: stored.reduce((sum, { begin, end }) => sum + end - begin, 0),
    async load(onProgress) {
      const model = gpt(config, rng(0));
      let done = 0;
      for (const [i, layout] of layouts.entries()) {
        const before = done;
        done += await fill(model, layout, stored[i]!, folder, (read) => onProgress?.(before + read));
      }
      return model;
    },
  };
}

function familyOf(settings: Settings): Family {
  const type = settings.word("model_type");
  const all: readonly Family[] = Object.values(families);
  const family = all.find(({ modelTypes }) => modelTypes.includes(type));
  if (family === undefined) {
    const known = all.flatMap(({ modelTypes }) => modelTypes);
    throw new Error(`${CONFIG}: model_type must be one of ${known.join(", ")}, got "${type}"`);
  }
  settings.expect("quantization_config", undefined, "heed reads F32, F16 and BF16 weights");
  return family;
}

function completed(family: Family, settings: Settings): GptConfig {
  const given = family.config(settings);
  try {
    return gptConfig(given);
  } catch (error) {
    throw new Error(`${CONFIG}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Every tensor of the folder by name, from the headers of its files. */
async function findTensors(folder: FolderReader): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const file of await weightFiles(folder)) {
    const size = await folder.size(file);
    if (size === undefined) throw new Error(`${file}: there is no such file, which ${INDEX} names`);
    try {
      const start = dataStart(await folder.read(file, 0, Math.min(LENGTH_BYTES + 1, size)), size);
      const { entries } = readHeader(await folder.read(file, LENGTH_BYTES, start), size - start);
      for (const entry of entries) places.set(entry.name, { ...entry, file, start });
    } catch (error) {
      throw new Error(`${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  return places;
}

async function weightFiles(folder: FolderReader): Promise<readonly string[]> {
  if ((await folder.size(WEIGHTS)) !== undefined) return [WEIGHTS];
  if ((await folder.size(INDEX)) === undefined) {
    throw new Error(
      `${WEIGHTS}: there is no such file, and no ${INDEX}; weights in other formats must be converted to safetensors`,
    );
  }
  const { weight_map: map } = await readJson(folder, INDEX);
  const files = isJson(map) ? [...new Set(Object.values(map))] : [];
  if (files.length === 0 || !files.every((file) => typeof file === "string" && /^[^/\\]+$/.test(file))) {
    throw new Error(`${INDEX}: weight_map must name a file of this folder for each tensor`);
  }
  return files.map(String);
}

function expectTensors(
  layouts: readonly Layout[],
  places: ReadonlyMap<string, Place>,
  { idle, prefixes, modelTypes }: Family,
  { tied }: { readonly tied: boolean },
): void {
  const wanted = new Map(layouts.map((layout) => [layout.name, layout]));
  const learned = [...places].filter(([name]) => {
    if (wanted.has(name)) return true;
    const bare = prefixes.map((prefix) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
    const copy = tied && /^(lm_head|embed_out)\.weight$/.test(name); // of the token embedding
    return !copy && !bare.some((rest) => idle.test(rest));
  });
  expectStored(`${WEIGHTS} (${modelTypes[0]})`, wanted, new Map(learned));
  const other = learned.filter(([, { dtype }]) => !READ_DTYPES.includes(dtype));
  if (other.length > 0) {
    const names = other.map(([name, { dtype }]) => `${name} (${dtype})`);
    throw new Error(`${WEIGHTS}: dtypes must be ${READ_DTYPES.join(", ")}, got ${listed(names)}`);
  }
}

function memoryOf({ shape, pieces }: Layout): number {
  const columns = pieces.reduce((sum, piece) => sum + piece.columns, 0);
  const whole = elements(shape);
  return pieces.reduce((sum, piece) => sum + classSize((4 * whole * piece.columns) / columns), 0);
}

function expectFits(
  sizes: readonly { readonly name: string; readonly bytes: number }[],
  bytes: number,
): void {
  if (bytes <= MEMORY_BYTES - WORKING_BYTES) return;
  const megabytes = (count: number) => `${Math.round(count / 2 ** 20).toLocaleString("en")} MB`;
  const largest = [...sizes]
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ name, bytes: own }) => `${name} ${megabytes(own)}`);
  throw new Error(
    `${WEIGHTS}: weights must fit the ${megabytes(MEMORY_BYTES)} of WebAssembly with ${megabytes(WORKING_BYTES)} to spare, as float32 they take ${megabytes(bytes)}: ${listed(largest)}; use a smaller model`,
  );
}

/** Reads one stored tensor into the model's, by rows; returns its bytes. */
async function fill(
  model: Gpt,
  layout: Layout,
  { file, start, begin, end, dtype, name }: Place,
  folder: FolderReader,
  onProgress: (readBytes: number) => void,
): Promise<number> {
  const tensors = namedTensors(model);
  const pieces = layout.pieces.map(({ path }) => tensors.get(path)!); // families name the model's own
  const rowBytes = rowSize(layout) * dtypes[dtype].bytes;
  const rows = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes));
  for (let from = begin, row = 0; from < end; from += rows * rowBytes, row += rows) {
    const to = Math.min(from + rows * rowBytes, end);
    const bytes = await folder.read(file, start + from, start + to);
    // One of READ_DTYPES, which all are read as float32.
    const values = dtypes[dtype].read(bytes, name) as Float32Array;
    scatter(layout, values, row, pieces.map(floats));
    onProgress(to - begin);
  }
  return end - begin;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
