// The experiments by name.
import { bigram } from "./bigram";
import { scanSnap } from "./scan-snap";

export const experiments = { bigram, "scan-snap": scanSnap } as const;

export type ExperimentName = keyof typeof experiments;
