// Runs a program to its end; an error carries the end of what it printed.
import { spawn } from "node:child_process";

const SHOWN_CHARACTERS = 3000;

/** @returns {Promise<{ stdout: string, stderr: string }>} */
export function command(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8").on("data", (text) => {
        output[name] += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else {
        const shown = (output.stdout + output.stderr).slice(-SHOWN_CHARACTERS);
        reject(new Error(`${[program, ...args].join(" ")} ended with ${code}\n${shown}`));
      }
    });
  });
}
