// What came of claims: those that decide are counted apart from those that are shown only.
import type { Size } from "../experiments/experiment";
import type { JudgedClaim } from "../experiments/result";
import { plural } from "./format";

/** "2 of 2 deciding claims hold; 2 of 4 that decide nothing; 1 not judged at this size": a sentence without its full stop. */
export function verdictLine(claims: readonly JudgedClaim[]): string {
  const judged = claims.filter(({ status }) => status !== "not-run");
  const [deciding, shown] = [judged.filter(decides), judged.filter((claim) => !decides(claim))];
  const parts = [
    ...(deciding.length > 0 ? [`${ofAll(deciding, "deciding claim")} ${verb(deciding)}`] : []),
    ...(shown.length > 0 ? [shownLine(shown, deciding.length > 0)] : []),
  ];
  const rest = claims.length - judged.length;
  return [
    ...(parts.length > 0 ? parts : ["No claim was judged"]),
    ...(rest > 0 ? [notJudged(rest)] : []),
  ].join("; ");
}

/** @param follows whether verb and noun stand before it */
function shownLine(shown: readonly JudgedClaim[], follows: boolean): string {
  const which = `that decide${shown.length === 1 ? "s" : ""} nothing`;
  return follows
    ? `${held(shown)} of ${shown.length} ${which}`
    : `${ofAll(shown, "claim")} ${which} ${verb(shown)}`;
}

/** "1 of 2 claims". */
function ofAll(claims: readonly JudgedClaim[], what: string): string {
  return `${held(claims)} of ${plural(claims.length, what)}`;
}

function verb(claims: readonly JudgedClaim[]): string {
  return held(claims) === 1 ? "holds" : "hold";
}

export function notJudged(count: number): string {
  return `${count} not judged at this size`;
}

export function decides({ gate }: Pick<JudgedClaim, "gate">): boolean {
  return gate !== "none";
}

export function held(claims: readonly Pick<JudgedClaim, "status">[]): number {
  return claims.filter(({ status }) => status === "pass").length;
}

/** Whether a claim that fails is no alarm: at smoke size, which only shows that the experiment runs, and where it decides nothing. */
export function failsSoftly({ gate, status }: Pick<JudgedClaim, "gate" | "status">, size: Size): boolean {
  return status === "fail" && gate === "none" && size === "smoke";
}
