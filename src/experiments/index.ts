// The experiments by name.
import { bigram } from "./bigram";

export const experiments = { bigram } as const;

export type ExperimentName = keyof typeof experiments;
