// Do models turn where induction heads form?
//
// A run of training is a path: after every 25 steps the model is a point, the log-likelihoods that it gives to the same tokens. Models
// with two layers should follow those with one at first, towards what can be had without copying, and turn off when they change phase:
// along the second principal component of all runs they should come back, while those with one layer go on.
//
// We would change our mind if the paths of two layers did not turn, if they turned outside of the change of phase, or if one layer turned
// with them.
import { circuitChoices } from "./circuits/model";
import type { Experiment, Observation } from "./experiment";
import { phaseChangeFigures } from "./phase-change/figures";
import { planeOf, type RunKind, sweep, type Trajectory, turn } from "./phase-change/plane";
import {
  checkPhaseChange,
  type PhaseChangeConfig,
  type PhaseChangeMetrics,
  type PhaseChangeTrial,
  phaseChangeTrial,
} from "./phase-change/run";
import { phaseChangeStory } from "./phase-change/story";

const FIGURE = "Olsson et al. 2022, Argument 1 (paths of per-token losses)";
const base = {
  width: 32,
  heads: 2,
  position: "qk-learned",
  shortest: 6,
  longest: 16,
  learningRate: 5e-3,
} as const;
const plain = { ...base, batch: 32, steps: 400 } as const;

/** The window in which models of two layers should turn, and the step before which one layer should not. */
const WINDOW = [150, 275] as const;
const ONE_LAYER_STEP = 300;
/** In nats along the component. */
const LEAST_BACK = 2;
const FURTHER = 1.5;

export const phaseChangePca: Experiment<PhaseChangeConfig, PhaseChangeMetrics> = {
  name: "phase-change-pca",
  question: "Do models turn where induction heads form?",
  paper: "Olsson et al. 2022, In-context Learning and Induction Heads, arXiv:2209.11895",
  grid: {
    smoke: {
      // Smeared keys need one layer, and fewer steps.
      configs: (["no", "yes"] as const).map((smear) => ({
        ...base,
        layers: 1,
        smear,
        batch: 16,
        steps: 150,
      })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [
        { ...plain, layers: 2, smear: "no" },
        { ...plain, layers: 1, smear: "no" },
        { ...plain, layers: 1, smear: "yes" },
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 200,
    },
  },
  choices: circuitChoices,
  check: checkPhaseChange,
  trial: phaseChangeTrial,
  claims: [
    {
      id: "two-layers-turn",
      statement: "Models with two layers turn along the second component while they change phase.",
      source: FIGURE,
      expected: `lowest at a step of ${WINDOW.join(" to ")}, then back by at least ${LEAST_BACK}, every seed`,
      gate: "full",
      check: (trials) =>
        judge(trials, "two layers", (run) => {
          const { step, back } = turn(run);
          return step >= WINDOW[0] && step <= WINDOW[1] && back >= LEAST_BACK;
        }),
    },
    {
      id: "one-layer-goes-on",
      statement: "Models with one layer do not turn with them.",
      source: FIGURE,
      expected: `lowest at step ${ONE_LAYER_STEP} or later, every seed`,
      gate: "full",
      check: (trials) => judge(trials, "one layer", (run) => turn(run).step >= ONE_LAYER_STEP),
    },
    {
      id: "first-component",
      statement: "One direction holds most of what differs between all models at all steps.",
      source: FIGURE,
      expected: "two thirds of the variance at least",
      gate: "none",
      check(trials) {
        const plane = planeOf(trials);
        if (!plane) return undefined;
        const [first, second] = plane.shares as [number, number]; // two components
        const observed = `${(100 * first).toFixed(1)} %, the second ${(100 * second).toFixed(1)} %`;
        return { observed, holds: first >= 2 / 3 };
      },
    },
    {
      id: "copying-goes-further",
      statement: "A layer whose keys are smeared gets further along the first component than a plain one.",
      source: "own, after Olsson et al. 2022, Argument 2",
      expected: `${FURTHER} times as far, every seed`,
      gate: "smoke",
      check: checkFurther,
    },
  ],
  story: phaseChangeStory,
  figures: phaseChangeFigures,
};

function judge(
  trials: readonly PhaseChangeTrial[],
  kind: RunKind,
  holds: (run: Trajectory) => boolean,
): Observation | undefined {
  const runs = planeOf(trials)?.trajectories.filter((run) => run.kind === kind) ?? [];
  if (runs.length === 0) return undefined;
  const shown = runs.map((run) => {
    const { step, lowest, back } = turn(run);
    return `seed ${run.seed}: ${lowest.toFixed(1)} at step ${step}, then back by ${back.toFixed(1)}`;
  });
  return { observed: shown.join("; "), holds: runs.every(holds) };
}

function checkFurther(trials: readonly PhaseChangeTrial[]): Observation | undefined {
  const runs = planeOf(trials)?.trajectories ?? [];
  const pairs = runs
    .filter(({ kind }) => kind === "one layer")
    .flatMap((one) => {
      const smeared = runs.find(({ kind, seed }) => kind === "one layer, smeared" && seed === one.seed);
      return smeared ? [{ seed: one.seed, one: sweep(one), smeared: sweep(smeared) }] : [];
    });
  if (pairs.length === 0) return undefined;
  return {
    observed: pairs
      .map(({ seed, one, smeared }) => `seed ${seed}: ${smeared.toFixed(1)} against ${one.toFixed(1)}`)
      .join("; "),
    holds: pairs.every(({ one, smeared }) => smeared >= FURTHER * one),
  };
}
