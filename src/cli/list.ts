// `heed list`: the registries, which are what the options accept.
import { experiments } from "../experiments";
import { models } from "../models";
import { choices } from "../models/config";
import { optimizers } from "../train/optimizer";
import { Output } from "./output";
import { generators } from "./settings";

export function listCommand({ json }: { json?: string }): number {
  const output = new Output(json);
  const names = Object.fromEntries(
    Object.entries({
      model: models,
      ...choices,
      optimizer: optimizers,
      data: generators,
      experiment: experiments,
    }).map(([registry, entries]) => [
      registry,
      Object.entries(entries).map(([name, entry]) => ({ name, what: describe(entry) })),
    ]),
  );
  for (const [registry, entries] of Object.entries(names)) {
    output.say(registry);
    for (const { name, what } of entries) output.say(`  ${name.padEnd(20)} ${what}`.trimEnd());
  }
  output.finish({ command: "list", ...names });
  return 0;
}

/** What an entry says of itself: a dataset its summary, a variant its paper, an experiment its question, others what they do. */
function describe(entry: unknown): string {
  if (typeof entry !== "object" || entry === null) return "";
  const texts = ["summary", "question", "paper", "what"].map((key) =>
    key in entry ? Reflect.get(entry, key) : undefined,
  );
  return texts.find((text): text is string => typeof text === "string") ?? "";
}
