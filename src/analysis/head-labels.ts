// What a head is called, by its scores.

export interface HeadScores {
  /** As in head-scores.ts: 0 to 1. */
  readonly previousToken: number;
  readonly duplicateToken: number;
  readonly prefixMatching: number;
  /** `eigenRatio` of its W_E OV W_U: -1 to 1. */
  readonly copying: number;
}

export type HeadLabel = "previous-token" | "duplicate-token" | "induction" | "anti-copying";

const ATTENDS = 0.4;
const COPIES = 0.5;

/**
 * The names that fit, none or several. A head of induction attends to what followed earlier occurrences and copies it; one that attends so
 * and lowers what it finds is anti-copying, which large models have (Olsson et al. 2022). The thresholds are heed's own: 0.4 of the
 * attention, 0.5 of the ratio of eigenvalues.
 */
export function headLabels(scores: HeadScores): HeadLabel[] {
  const { previousToken, duplicateToken, prefixMatching, copying } = scores;
  const fits: Record<HeadLabel, boolean> = {
    "previous-token": previousToken >= ATTENDS,
    "duplicate-token": duplicateToken >= ATTENDS,
    induction: prefixMatching >= ATTENDS && copying >= COPIES,
    "anti-copying": prefixMatching >= ATTENDS && copying <= -COPIES,
  };
  return (Object.keys(fits) as HeadLabel[]).filter((label) => fits[label]); // its own keys
}
