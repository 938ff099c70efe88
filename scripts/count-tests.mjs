// Prints "N passed, N failed" from vitest's JSON report, and fails when a test or, by the second argument, another step failed.
import { readFileSync } from "node:fs";

const [, , path, otherFailed] = process.argv;
let passed = 0;
let failed = 0;
try {
  const report = JSON.parse(readFileSync(path, "utf8"));
  passed = report.numPassedTests;
  failed =
    report.numFailedTests +
    report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0)
      .length;
} catch (error) {
  console.error(`no report of the tests: ${error.message}`);
}
if (otherFailed !== "0" && failed === 0) failed = 1; // a step without a count of its own
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
