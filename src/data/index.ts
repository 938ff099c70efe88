// The datasets by name.
import { grammarText } from "./grammar";
import { repeatedSequences } from "./repeated-sequences";

export const datasets = {
  grammar: {
    kind: "text",
    summary: "scenes of English-like sentences that agree in number, with made-up names that repeat",
    make: grammarText,
  },
  "repeated-sequences": {
    kind: "batches",
    summary: "blocks of distinct symbols, repeated at a random period: what induction heads learn",
    make: repeatedSequences,
  },
} as const;

export type DatasetName = keyof typeof datasets;
