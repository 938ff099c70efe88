// The catalogue: one line per kernel file.
export * from "./elementwise";
