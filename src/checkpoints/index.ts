// heed/checkpoints: other programs' folders of models. An entry of its own, so that the core stays small.
export type { FolderReader } from "./folder";
export { type OpenedCheckpoint, openHuggingFace } from "./huggingface";
