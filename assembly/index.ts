// The catalogue: one line per kernel file.
export * from "./activation";
export * from "./attention";
export * from "./attention_grad";
export * from "./build";
export * from "./crossentropy";
export * from "./elementwise";
export * from "./embedding";
export { exp2_panel } from "./exp";
export * from "./factor";
export { vcos, verf, vexp, vlog, vsin, vtanh } from "./math";
export * from "./norm";
export * from "./optimizer";
export * from "./peak";
export * from "./random";
export * from "./rope";
export * from "./row_factors";
export * from "./sgemm";
export { ssoftmax, ssoftmax_grad } from "./softmax";
