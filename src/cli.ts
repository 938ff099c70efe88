#!/usr/bin/env node
// The `heed` command of a terminal.
import { heed } from "./cli/program";

// A reader that has seen enough, like `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await heed(process.argv.slice(2));
