// The machine that figures come from.
import { cpus, totalmem } from "node:os";
import { platform } from "#platform";

/** What a figure cannot be read without. */
export function describeMachine() {
  return {
    host: platform.host,
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: platform.cores,
    memoryBytes: totalmem(),
    date: new Date().toISOString().slice(0, 10),
  };
}
