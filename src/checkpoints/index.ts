// heed/checkpoints: other programs' folders of models, in and out. An entry of its own, so that the core stays small.
export { type ExportedModel, exportHuggingFace, exportOnnx } from "./export";
export type { FolderReader } from "./folder";
export { type OpenedCheckpoint, openHuggingFace } from "./huggingface";
export { type TokenizerFiles, tokenizerFiles } from "./tokenizer-json";
