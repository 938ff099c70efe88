// The catalogue: one line per kernel file.
export * from "./elementwise";
export * from "./sgemm";
export * from "./attention";
export * from "./attention_grad";
