// Models and optimisers as safetensors bytes: what is saved can be read by other tools, and loads bit for bit.

import { type Model, models } from "../models";
import { completed, type Described, makeModel } from "../models/make";
import { namedTensors } from "../nn/module";
import { rng } from "../tensor/rng";
import { floats, type Tensor } from "../tensor/tensor";
import { expectStored } from "./expect-stored";
import type { Optimizer } from "./optimizer";
import { decode, encode, type StoredTensor } from "./safetensors";

/** Where the configuration stands in the file's metadata. */
const CONFIG_KEY = "heed.model";
const STEPS_KEY = "heed.steps";
/** Prefixes of the two parts of a training checkpoint. */
const MODEL_PART = "model.";
const OPTIMIZER_PART = "optimizer.";

/** The model's tensors by path, with its kind and configuration in the metadata. */
export function saveModel(model: Model): Uint8Array {
  return encode(entries(namedTensors(model)), {
    format: "pt",
    [CONFIG_KEY]: describe(model),
  });
}

/**
 * Makes the saved model again.
 * @throws Error when the bytes are no safetensors file, not one of heed's, or its tensors do not fit its configuration
 */
export function loadModel(bytes: Uint8Array): Model {
  const { metadata, tensors } = decode(bytes);
  const described = metadata[CONFIG_KEY];
  if (described === undefined) {
    throw new Error(
      `loadModel: the file must be saved by heed (metadata "${CONFIG_KEY}"), got metadata ${JSON.stringify(Object.keys(metadata))}`,
    );
  }
  const model = makeModel(parse(described), rng(0));
  restoreTensors(model, tensors);
  return model;
}

/** Sets the model's tensors from a saved file, whose names and shapes must be the model's. */
export function restoreTensors(model: object, tensors: ReadonlyMap<string, StoredTensor>): void {
  expectTensors(model, tensors);
  for (const [name, x] of namedTensors(model)) floats(x).set(tensors.get(name)!.data); // none is missing
}

function expectTensors(model: object, tensors: ReadonlyMap<string, StoredTensor>): void {
  expectStored("loadModel", namedTensors(model), tensors);
}

/** Everything that training needs to go on, in one file: the model's tensors, the optimiser's moments and its step count. */
export function saveTraining(model: Model, optimizer: Optimizer): Uint8Array {
  const parts = [...entries(namedTensors(model), MODEL_PART), ...entries(optimizer.state(), OPTIMIZER_PART)];
  return encode(parts, { format: "pt", [CONFIG_KEY]: describe(model), [STEPS_KEY]: String(optimizer.steps) });
}

/**
 * Sets `model` and `optimizer` to where `saveTraining` left theirs; what follows is the same bit for bit.
 * @throws Error when the bytes belong to another configuration or kind of optimiser; then nothing has changed
 */
export function restoreTraining(bytes: Uint8Array, model: Model, optimizer: Optimizer): void {
  const { metadata, tensors } = decode(bytes);
  const steps = Number(metadata[STEPS_KEY] ?? Number.NaN);
  if (!(Number.isSafeInteger(steps) && steps >= 0)) {
    throw new Error(
      `restoreTraining: the file must be saved by heed while training, got "${STEPS_KEY}" ${metadata[STEPS_KEY]}`,
    );
  }
  const saved = parse(metadata[CONFIG_KEY] ?? "");
  const [own, other] = [flat(model), flat(completed(saved))];
  if ([...own].some(([key, value]) => other.get(key) !== value) || own.size !== other.size) {
    throw new Error(
      `restoreTraining: the configuration must be the model's ${difference(own, other)}, got ${difference(other, own)}`,
    );
  }
  const part = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, x]) => [name.slice(prefix.length), x]),
    );
  expectTensors(model, part(MODEL_PART)); // first, so that a fault in either part leaves both as they were
  optimizer.restore(steps, part(OPTIMIZER_PART));
  restoreTensors(model, part(MODEL_PART));
}

function describe(model: Model): string {
  return JSON.stringify({ kind: model.kind, config: model.config });
}

function flat({ kind, config }: { readonly kind: string; readonly config: object }): Map<string, unknown> {
  return new Map(Object.entries({ kind, ...config }));
}

/** Those settings, as JSON, that the other one has not or has with another value. */
function difference(own: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(Object.fromEntries([...own].filter(([key, value]) => other.get(key) !== value)));
}

function* entries(tensors: ReadonlyMap<string, Tensor>, prefix = "") {
  for (const [name, x] of tensors)
    yield { name: prefix + name, dtype: "F32" as const, shape: x.shape, data: floats(x) };
}

function parse(described: string): Described {
  const value = parseJson(described);
  if (typeof value === "object" && value !== null && "kind" in value && "config" in value) {
    const { kind, config } = value;
    // The configuration is checked field by field when the model is made.
    if (typeof kind === "string" && Object.hasOwn(models, kind) && typeof config === "object" && config)
      return { kind, config } as Described;
  }
  throw new Error(
    `loadModel: the saved model must be one of ${Object.keys(models).join(", ")}, got ${described.slice(0, 80)}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // refused by the caller, with the text
  }
}
