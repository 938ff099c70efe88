// What fuzzy-induction shows: partners found and copies predicted along training, and the heads on a block and the block of its partners.
import { meaningOf } from "../../data/fuzzy-repeats";
import type { Figure } from "../figure";
import { where } from "../select";
import type { FuzzyConfig, FuzzyLook, FuzzyTrial } from "./fuzzy-run";

export function fuzzyFigures(trials: readonly FuzzyTrial[]): Figure[] {
  const kinds = [...new Map(trials.map(({ config }) => [nameOf(config), config])).entries()];
  const first = kinds.flatMap(([name, config]) =>
    where(trials, config)
      .slice(0, 1)
      .map((trial) => ({ name, trial })),
  );
  const curve = (title: string, caption: string, y: string, value: (look: FuzzyLook) => number): Figure => ({
    title,
    caption: `${caption} First seed.`,
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: y },
      series: first.map(({ name, trial }) => ({
        name,
        points: trial.metrics.looks.map((look) => ({ x: look.step, y: value(look) })),
      })),
      ...(y === "nats"
        ? { references: [{ value: Math.LN2, label: "ln 2: known but for the partner" }] }
        : {}),
    },
  });
  const [shown] = first;
  return [
    curve(
      "Partners found",
      "Best head's attention to what came after a symbol's partner, in a block whose every symbol is the partner of the one before.",
      "prefix matching of partners",
      ({ partnerPrefix }) => partnerPrefix,
    ),
    curve(
      "Literal copies found",
      "The same where the block is told again as it was.",
      "prefix matching",
      ({ literalPrefix }) => literalPrefix,
    ),
    curve(
      "Fuzzy copies",
      "Loss from the second block on, half of its symbols partners.",
      "nats",
      ({ fuzzy }) => fuzzy,
    ),
    ...(shown
      ? [
          {
            title: `Heads: ${shown.name}`,
            caption: `A block of 12 symbols and the block of their partners, marked with '. Seed ${shown.trial.seed}.`,
            plot: {
              kind: "attention",
              tokens: shown.trial.metrics.shown.map(symbolName),
              targets: [...shown.trial.metrics.shown.slice(1).map(symbolName), ""],
              heads: shown.trial.metrics.heads,
            },
          } as const,
        ]
      : []),
  ];
}

function nameOf({ swapped, kinship }: FuzzyConfig): string {
  return `${swapped > 0 ? "learned on partners" : "learned on literal copies"}, ${kinship > 0 ? "related" : "unrelated"} at first`;
}

/** "5" and "5'" are partners. */
function symbolName(symbol: number): string {
  return symbol === 0 ? "<bos>" : `${meaningOf(symbol)}${symbol % 2 === 0 ? "'" : ""}`;
}
