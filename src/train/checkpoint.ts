// Models and optimisers as safetensors bytes: what is saved can be read by other tools, and loads bit for bit.
import { type ModelName, models, type Model } from "../models";
import { namedTensors } from "../nn/module";
import { rng } from "../tensor/rng";
import { sameShape, show } from "../tensor/shape";
import { floats, type Tensor } from "../tensor/tensor";
import type { Optimizer } from "./optimizer";
import { decode, type DecodedTensor, encode } from "./safetensors";

/** Where the configuration stands in the file's metadata. */
const CONFIG_KEY = "heed.model";
const STEPS_KEY = "heed.steps";

/** The model's tensors by path, with its kind and configuration in the metadata. */
export function saveModel(model: Model): Uint8Array {
  return encode(entries(namedTensors(model)), {
    format: "pt",
    [CONFIG_KEY]: JSON.stringify({ kind: model.kind, config: model.config }),
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
    throw new Error(`loadModel: the file must be saved by heed (metadata "${CONFIG_KEY}"), got metadata ${JSON.stringify(Object.keys(metadata))}`);
  }
  const { kind, config } = parse(described);
  const model = models[kind](config, rng(0));
  restoreTensors(model, tensors);
  return model;
}

/** Sets the model's tensors from a saved file, whose names and shapes must be the model's. */
export function restoreTensors(model: object, tensors: ReadonlyMap<string, DecodedTensor>): void {
  const wanted = namedTensors(model);
  const missing = [...wanted.keys()].filter((name) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !wanted.has(name));
  if (missing.length > 0 || unexpected.length > 0) {
    throw new Error(`loadModel: tensors must be the model's; missing ${list(missing)}, unexpected ${list(unexpected)}`);
  }
  for (const [name, x] of wanted) {
    const { shape } = tensors.get(name)!; // none is missing
    if (!sameShape(shape, x.shape)) throw new Error(`loadModel: ${name} must be ${show(x.shape)}, got ${show(shape)}`);
  }
  for (const [name, x] of wanted) floats(x).set(tensors.get(name)!.data);
}

/** The optimiser's moments and step count. */
export function saveOptimizer(optimizer: Optimizer): Uint8Array {
  return encode(entries(optimizer.state()), { format: "pt", [STEPS_KEY]: String(optimizer.steps) });
}

/** Continues `optimizer` from saved bytes. Throws when they belong to another model or kind of optimiser. */
export function restoreOptimizer(optimizer: Optimizer, bytes: Uint8Array): void {
  const { metadata, tensors } = decode(bytes);
  const steps = Number(metadata[STEPS_KEY]);
  if (!Number.isSafeInteger(steps)) throw new Error(`restoreOptimizer: the file must hold "${STEPS_KEY}", got ${metadata[STEPS_KEY]}`);
  optimizer.restore(steps, tensors);
}

function* entries(tensors: ReadonlyMap<string, Tensor>) {
  for (const [name, x] of tensors) yield { name, dtype: "F32" as const, shape: x.shape, data: floats(x) };
}

function parse(described: string): { kind: ModelName; config: Parameters<typeof models.gpt>[0] } {
  const value: unknown = JSON.parse(described);
  if (typeof value === "object" && value !== null && "kind" in value && "config" in value) {
    const { kind, config } = value;
    // The configuration is checked field by field when the model is made.
    if (typeof kind === "string" && Object.hasOwn(models, kind)) return { kind, config } as ReturnType<typeof parse>;
  }
  throw new Error(`loadModel: the saved model must be one of ${Object.keys(models).join(", ")}, got ${described.slice(0, 80)}`);
}

function list(names: readonly string[]): string {
  if (names.length === 0) return "none";
  return names.slice(0, 4).join(", ") + (names.length > 4 ? ` and ${names.length - 4} more` : "");
}
