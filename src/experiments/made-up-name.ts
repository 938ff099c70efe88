// Doctor Gigamuru went to the store because Doctor ... who? A made-up name cannot have been learned, so whoever says it has copied it.
//
// Words stand in pairs that are told again and again (data/made-up-names.ts). After "Doctor" a name is likely, whatever the pairs are: a single
// layer can look for names that were told and say one, and so it knows Smith. It has never met a title and a made-up name in one sequence, and
// it cannot ask for "what stood after Doctor". With two layers one head can tell every word what came before it, and another look for the
// word that comes after Doctor, whatever it is, and copy it.
//
// We would change our mind if one layer said Gigamuru, or told whose name is whose where two were given once each; or if two layers could not;
// or if they did so by other heads: without a head that looks one back, or with others removed and that one in place.
import { checkCircuitModel, circuitChoices } from "./circuits/model";
import { namesSizes } from "./circuits/names";
import { namesClaims } from "./circuits/names-claims";
import { namesFigures } from "./circuits/names-figures";
import { type NamesConfig, type NamesMetrics, namesTrial } from "./circuits/names-run";
import { namesStory } from "./circuits/names-story";
import type { Experiment } from "./experiment";

const base = {
  width: 32,
  heads: 2,
  position: "relative",
  smear: "no",
  batch: 32,
  learningRate: 1e-2,
} as const;

export const madeUpName: Experiment<NamesConfig, NamesMetrics> = {
  name: "made-up-name",
  question: "Doctor Gigamuru went to the store because Doctor ... who?",
  paper:
    "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; Olsson et al. 2022, arXiv:2209.11895, as told to readers with Doctor Smith and Doctor Gigamuru",
  grid: {
    smoke: {
      configs: [2, 1].map((layers) => ({ ...base, layers, batch: 16, steps: 150, probes: 50 })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [2, 1].map((layers) => ({ ...base, layers, steps: 400, probes: 200 })),
      seeds: [0, 1, 2],
      budgetSeconds: 70,
    },
  },
  choices: circuitChoices,
  check: (config) => checkCircuitModel(config, namesSizes),
  trial: namesTrial,
  claims: namesClaims,
  story: namesStory,
  figures: namesFigures,
};
