// `heed list`: the registries, which are what the options accept, and what running all experiments may take.
import { experiments } from "../experiments";
import type { Experiment, Size } from "../experiments/experiment";
import { models } from "../models";
import { choices } from "../models/config";
import { Output } from "../terminal/output";
import { optimizers } from "../train/optimizer";
import { generators } from "./settings";

interface Named {
  readonly name: string;
  readonly what: string;
  /** Of an experiment: what all its trials may take on one core of the reference machine. */
  readonly budgetSeconds?: Readonly<Record<Size, number>>;
}

const all: Readonly<Record<string, Experiment>> = experiments;
/** Of the reference machine. */
const CORES = 2;

export function listCommand({ json }: { json?: string }): number {
  const output = new Output(json);
  const registries = { model: models, ...choices, optimizer: optimizers, data: generators };
  const names: Readonly<Record<string, readonly Named[]>> = {
    ...Object.fromEntries(
      Object.entries(registries).map(([registry, entries]) => [
        registry,
        Object.entries(entries).map(([name, entry]) => ({ name, what: describe(entry) })),
      ]),
    ),
    experiment: Object.values(all).map(({ name, question, grid }) => ({
      name,
      what: question,
      budgetSeconds: { smoke: grid.smoke.budgetSeconds, full: grid.full.budgetSeconds },
    })),
  };
  for (const [registry, entries] of Object.entries(names)) {
    output.say(registry);
    for (const { name, what, budgetSeconds } of entries) {
      const budget = budgetSeconds ? `${budgetSeconds.full} s`.padStart(7) : "";
      output.say(`  ${name.padEnd(24)}${budget} ${what}`.trimEnd());
    }
  }
  output.say(budgetLine());
  output.finish({ command: "list", ...names });
  return 0;
}

function budgetLine(): string {
  const sum = (size: Size) =>
    Object.values(all).reduce((total, { grid }) => total + grid[size].budgetSeconds, 0);
  const full = sum("full");
  return `all experiments: ${full} s on one core at most, ${Math.ceil(full / CORES / 60)} minutes on ${CORES}; smoke sizes ${sum("smoke")} s`;
}

/** What an entry says of itself: a dataset its summary, a variant its paper, others what they do. */
function describe(entry: unknown): string {
  if (typeof entry !== "object" || entry === null) return "";
  const texts = ["summary", "paper", "what"].map((key) =>
    key in entry ? Reflect.get(entry, key) : undefined,
  );
  return texts.find((text): text is string => typeof text === "string") ?? "";
}
