// Skip-trigrams of one layer that learned titles and names: whom a title asks for, and what it says by itself.
import { allHeads, type Circuits, directPath, fullQk, headName } from "../../analysis/circuits";
import { skipTrigrams } from "../../analysis/skip-trigrams";
import { kinds, type WordKind, words } from "../../data/made-up-names";
import { mean } from "../select";

export type Trigrams = {
  readonly heads: readonly {
    readonly name: string;
    /** Mean score of a title (row) for words of each kind, as softmax sees it, scale included. */
    readonly asks: Readonly<Record<WordKind, number>>;
    /** Of "source ... destination -> output": for some sources the first destinations and outputs. */
    readonly listed: readonly {
      readonly source: string;
      readonly destinations: readonly string[];
      readonly outputs: readonly string[];
    }[];
  }[];
  /** Mean logit of words of each kind after a title, by the direct path. */
  readonly direct: Readonly<Record<WordKind, number>>;
};

const LISTED = ["Doctor", "Smith", "Gigamuru", "grass"] as const;

export function trigramsOf(circuits: Circuits, scale: number): Trigrams {
  const direct = directPath(circuits);
  return {
    heads: allHeads(circuits).map((head) => {
      const asking = fullQk(circuits, head);
      const listed = skipTrigrams(circuits, head, {
        sources: LISTED.map((word) => words.indexOf(word)),
      });
      return {
        name: headName(head),
        asks: byKind((kind) => scale * fromTitles(kind, (title, word) => asking.entry(title, word))),
        listed: listed.map(({ source, destinations, outputs }) => ({
          source: words[source]!,
          destinations: destinations.map(({ token }) => words[token]!),
          outputs: outputs.map(({ token }) => words[token]!),
        })),
      };
    }),
    direct: byKind((kind) => fromTitles(kind, (title, word) => direct.entry(title, word))),
  };
}

function byKind(value: (kind: WordKind) => number): Record<WordKind, number> {
  return {
    titles: value("titles"),
    names: value("names"),
    novel: value("novel"),
    common: value("common"),
  };
}

function fromTitles(kind: WordKind, entry: (title: number, word: number) => number): number {
  return mean(kinds.titles.flatMap((title) => kinds[kind].map((word) => entry(title, word))));
}
