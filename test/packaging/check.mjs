// One line per check, and whether all of them held.
let failed = 0;

/** Runs one check and prints its line; `run` throws when it does not hold, and may return a detail to print. */
export async function check(name, run) {
  const start = performance.now();
  try {
    const detail = await run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`ok    ${name}${detail ? `: ${detail}` : ""} (${seconds} s)\n`);
    return true;
  } catch (error) {
    failed += 1;
    process.stdout.write(`FAIL  ${name}: ${error.message}\n`);
    return false;
  }
}

export function failures() {
  return failed;
}

export function expect(condition, rule) {
  if (!condition) throw new Error(rule);
}
