// What phase-change-pca tells in words.
import { planeOf, sweep, turn } from "./plane";
import type { PhaseChangeTrial } from "./run";

export function phaseChangeStory(trials: readonly PhaseChangeTrial[]): string[] {
  const plane = planeOf(trials);
  if (!plane) return [];
  const shares = plane.shares.map((share) => `${(100 * share).toFixed(1)} %`);
  const runs = plane.trajectories.filter(({ seed }) => seed === plane.trajectories[0]!.seed); // there is a run
  return [
    `Two directions hold ${shares.join(" and ")} of what differs between all models at all steps.`,
    ...runs.map((run) => {
      const { step, lowest, back } = turn(run);
      return `With ${run.kind} the model goes ${sweep(run).toFixed(1)} along the first; on the second it is lowest at step ${step} (${lowest.toFixed(1)}) and comes back by ${back.toFixed(1)}.`;
    }),
  ];
}
