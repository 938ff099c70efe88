// What circuit-anatomy tells in words.
import { fixed, where } from "../select";
import { runs } from "./judge";
import type { AnatomyTrial } from "./trial";

export function anatomyStory(trials: readonly AnatomyTrial[]): string[] {
  const first = (of: keyof typeof runs) => where(trials, runs[of])[0]?.metrics;
  const [one, two, named] = [first("one layer"), first("two layers"), first("one layer on names")];
  const lines: string[] = [];
  if (one)
    lines.push(
      `One layer copies: the eigenvalues of its heads sum to ${fixed(
        one.heads.map(({ ov }) => ov.ratio),
        3,
      )} of their magnitudes, and prefix matching stays at ${one.bestPrefix.toFixed(2)}.`,
    );
  for (const { name, labels, prefix, ov, matching, resting } of two?.heads ?? []) {
    if (labels.includes("induction"))
      lines.push(
        `In two layers ${name} does induction: prefix matching ${prefix.toFixed(2)}, copying ${ov.ratio.toFixed(3)}, match with what stood before ${matching?.ratio.toFixed(3)}; where nothing repeats it rests on the first token with ${resting.toFixed(2)} of its attention.`,
      );
  }
  if (two?.patching)
    lines.push(
      `With keys of the embedding alone their loss goes from ${two.patching.none.known.toFixed(3)} to ${two.patching.key.known.toFixed(2)} nats; with queries or values of it to ${two.patching.query.known.toFixed(3)} and ${two.patching.value.known.toFixed(3)}.`,
    );
  if (two?.ablations)
    lines.push(
      `Without the last layer the in-context score goes from ${two.ablations.base.inContext.toFixed(2)} to ${two.ablations.lastLayer.full.inContext.toFixed(2)}; without the first, but with all patterns kept, to ${two.ablations.firstLayer.preserving.inContext.toFixed(2)}.`,
    );
  const title = named?.trigrams?.heads[0]?.listed.find(({ source }) => source === "Smith");
  if (title)
    lines.push(
      `A head of one layer that learned titles and names: "${title.source} ... ${title.destinations[0]} -> ${title.outputs[0]}", and so "${title.source} ... ${title.destinations[1]} -> ${title.outputs[0]}", too: it cannot have one without the other.`,
    );
  return lines;
}
