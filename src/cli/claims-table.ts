// Claims with their verdicts, as lines for a person.
import picocolors from "picocolors";
import type { JudgedClaim } from "../experiments/result";

const { createColors, isColorSupported } = picocolors;
// A pipe or a file gets plain words, whatever the environment promises of colour.
const colors = createColors(isColorSupported && process.stdout.isTTY === true);
const PAINT = { pass: colors.green, fail: colors.red, "not-run": colors.dim } as const;
const STATUS_WIDTH = 9;

/**
 *     pass     full-rank: With D = V the model reaches the true table.
 *              expected  KL at most 0.02 nats for every seed
 *              observed  0.0090
 */
export function claimsTable(claims: readonly JudgedClaim[]): string {
  const indent = " ".repeat(STATUS_WIDTH);
  return claims
    .map(({ id, statement, expected, observed, gate, status }) => {
      const verdict = PAINT[status](status) + " ".repeat(STATUS_WIDTH - status.length);
      const missing = gate === "full" ? "judged at full size only" : "the trials that it needs did not run";
      return [
        `${verdict}${colors.bold(id)}: ${statement}${gate === "none" ? " (decides nothing)" : ""}`,
        `${indent}expected  ${expected}`,
        `${indent}observed  ${status === "not-run" ? colors.dim(missing) : observed}`,
      ].join("\n");
    })
    .join("\n");
}
