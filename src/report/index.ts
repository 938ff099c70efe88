// Reports: a run or a result in, one self-contained HTML file out.
export type { AttentionMaps } from "./attention";
export { renderExperiment } from "./experiment";
export { type HeadEntropy, type RunMetrics, type RunReport, renderRun } from "./run";
