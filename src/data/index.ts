// The datasets by name.
import { fuzzyRepeats } from "./fuzzy-repeats";
import { grammarText } from "./grammar";
import { madeUpNames } from "./made-up-names";
import { repeatedSequences } from "./repeated-sequences";
import { repeatedText } from "./repeated-text";
import { toldSums } from "./told-sums";

export const datasets = {
  "fuzzy-repeats": {
    kind: "batches",
    summary: "repeats in which a symbol may stand for its partner: are heads literal?",
    make: fuzzyRepeats,
  },
  grammar: {
    kind: "text",
    summary: "scenes of English-like sentences that agree in number, with made-up names that repeat",
    make: grammarText,
  },
  "made-up-names": {
    kind: "batches",
    summary:
      "pairs of words told again and again, where made-up names never follow a title: copying or knowing?",
    make: madeUpNames,
  },
  "repeated-sequences": {
    kind: "batches",
    summary: "blocks of distinct symbols, repeated at a random period: what induction heads learn",
    make: repeatedSequences,
  },
  "repeated-text": {
    kind: "text",
    summary: "repeated-sequences as a text: a line of letters is a block that repeats itself",
    make: repeatedText,
  },
  "told-sums": {
    kind: "batches",
    summary: "lines of sums, told several times, some of them wrong: copying or adding?",
    make: toldSums,
  },
} as const;

export type DatasetName = keyof typeof datasets;
