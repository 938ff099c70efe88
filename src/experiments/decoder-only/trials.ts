// What claims of `decoder-only` have in common: where they come from, and the trials of a part with what it measures.
import type { Claim } from "../experiment";
import { where } from "../select";
import type {
  DepthMetrics,
  DirectionConfig,
  DirectionMetrics,
  DirectionTrial,
  ExactMetrics,
  IdentityMetrics,
  WeightsMetrics,
} from "./config";

export type DirectionClaim = Claim<DirectionConfig, DirectionMetrics>;

export const ARTICLE = "Su 2023, kexue.fm/archives/9529";
interface PartMetrics {
  readonly weights: WeightsMetrics;
  readonly exact: ExactMetrics;
  readonly depth: DepthMetrics;
  readonly identity: IdentityMetrics;
}

/** The metrics of a part's trials, which are of that part's kind. */
export function metricsOf<P extends keyof PartMetrics>(
  trials: readonly DirectionTrial[],
  part: P,
  wanted: Partial<DirectionConfig> = {},
): PartMetrics[P][] {
  return where(trials, { part, ...wanted }).map(({ metrics }) => metrics as PartMetrics[P]);
}
