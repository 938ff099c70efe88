// A model of heed's as the files of Hugging Face's: weights and settings, or an ONNX graph and settings.
import type { Model } from "../models";
import type { GptConfig } from "../models/config";
import { namedTensors } from "../nn/module";
import { floats } from "../tensor/tensor";
import { encode } from "../train/safetensors";
import { gather } from "./layout";
import { onnxModel } from "./onnx/decoder";
import type { Json } from "./settings";
import { twinOf } from "./twin";

/** The limit of a protocol buffer, in which an ONNX file holds its weights. */
const ONNX_BYTES = 2 ** 31;

export interface ExportedModel {
  /** config.json */
  readonly settings: Json;
  /** Bytes by their path in the folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The weights as safetensors, by the names of the family that has these settings. Biases that the family has and the model has not are 0.
 * @throws Error for a model without a twin at Hugging Face's, with the nearest one
 */
export function exportHuggingFace(given: Model): ExportedModel {
  const { family, model } = twinOf(given);
  const { config } = model;
  const layouts = [...family.tensors(config, family.prefixes[0] ?? "")];
  const tensors = namedTensors(model);
  const stored = function* () {
    for (const layout of layouts) {
      const pieces = layout.pieces.map(({ path, columns }) => {
        const x = tensors.get(path);
        return x ? floats(x) : new Float32Array(columns);
      });
      yield { name: layout.name, dtype: "F32" as const, shape: layout.shape, data: gather(layout, pieces) };
    }
  };
  return {
    settings: { ...family.settings(config), ...common(config) },
    files: new Map([["model.safetensors", encode(stored(), { format: "pt" })]]),
  };
}

/**
 * The model as an ONNX graph with a cache of keys and values, as onnxruntime-web and transformers.js run it.
 * @throws Error for a model without a twin at Hugging Face's, for weights beyond 2 GB, and for dynamic rope, whose tables would change
 */
export function exportOnnx(given: Model): ExportedModel {
  const { family, model } = twinOf(given);
  const { config } = model;
  if (config.ropeScaling === "dynamic")
    throw new Error(
      "export: rope scaling dynamic has other tables for every length, which a graph has not; use yarn or linear",
    );
  const bytes = [...namedTensors(model).values()].reduce((sum, x) => sum + 4 * x.size, 0);
  if (bytes >= ONNX_BYTES) {
    throw new Error(
      `export: the weights of an ONNX file must be below 2048 MB, got ${Math.ceil(bytes / 2 ** 20)} MB; use --format hf`,
    );
  }
  return {
    settings: { ...family.settings(config), ...common(config) },
    files: new Map([["onnx/model.onnx", onnxModel(model)]]),
  };
}

/** What Hugging Face's libraries assume otherwise, of other vocabularies. */
function common({ dropout }: GptConfig): Json {
  return {
    torch_dtype: "float32",
    use_cache: true,
    bos_token_id: null,
    eos_token_id: null,
    attention_dropout: dropout,
  };
}
