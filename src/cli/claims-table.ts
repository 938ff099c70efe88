// Claims with their verdicts, as lines for a person.
import picocolors from "picocolors";
import type { LocatedClaim } from "../experiments/articles";
import type { Size } from "../experiments/experiment";
import type { JudgedClaim } from "../experiments/result";
import { failsSoftly } from "../report/verdicts";

const { createColors, isColorSupported } = picocolors;
// A pipe or a file gets plain words, whatever the environment promises of colour.
const colors = createColors(isColorSupported && process.stdout.isTTY === true);
const PAINT = { pass: colors.green, fail: colors.red, "not-run": colors.dim } as const;
const STATUS_WIDTH = 9;
const GATE_WIDTH = 7;

/**
 *     pass     full-rank: With D = V the model reaches the true table.
 *              expected  KL at most 0.02 nats for every seed
 *              observed  0.0090
 */
export function claimsTable(claims: readonly JudgedClaim[], size: Size): string {
  return claims.map((claim) => claimLines(verdict(claim, size), claim)).join("\n");
}

/**
 *     pass     full   Mathematical Framework  bigram full-rank: With D = V the model reaches the true table.
 *                                             expected  KL at most 0.02 nats for every seed
 *                                             observed  0.0090
 */
export function claimsOverview(claims: readonly LocatedClaim[], size: Size): string {
  const width = Math.max("article".length, ...claims.map(({ article }) => article.length)) + 2;
  const head = `${"status".padEnd(STATUS_WIDTH)}${"gate".padEnd(GATE_WIDTH)}${"article".padEnd(width)}claim`;
  const lines = claims.map((claim) => {
    const before = `${verdict(claim, size)}${claim.gate.padEnd(GATE_WIDTH)}${claim.article.padEnd(width)}`;
    return claimLines(before, claim, STATUS_WIDTH + GATE_WIDTH + width, `${claim.experiment} `);
  });
  return [colors.bold(head), ...lines].join("\n");
}

function claimLines(before: string, claim: JudgedClaim, indent = STATUS_WIDTH, where = ""): string {
  const { id, statement, expected, observed, gate, status } = claim;
  const missing = gate === "full" ? "judged at full size only" : "the trials that it needs did not run";
  const below = " ".repeat(indent);
  return [
    `${before}${where}${colors.bold(id)}: ${statement}${gate === "none" ? " (decides nothing)" : ""}`,
    `${below}expected  ${expected}`,
    `${below}observed  ${status === "not-run" ? colors.dim(missing) : observed}`,
  ].join("\n");
}

function verdict(claim: JudgedClaim, size: Size): string {
  const { status } = claim;
  const paint = failsSoftly(claim, size) ? colors.dim : PAINT[status];
  return paint(status) + " ".repeat(STATUS_WIDTH - status.length);
}
