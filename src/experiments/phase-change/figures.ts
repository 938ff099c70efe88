// What phase-change-pca shows: runs in the plane, the turn over training, and where in a sequence context helps at each step.
import { lossSlope } from "../../analysis/in-context";
import type { Figure, Series } from "../figure";
import { where } from "../select";
import { type Plane, planeOf, type RunKind, runKinds, type Trajectory } from "./plane";
import type { PhaseChangeTrial } from "./run";

/** Rows of the heat maps: neighbouring indices late in a sequence differ little, and noisily. */
const ROWS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20, 24, 28, 33, 39, 47] as const;
/** Nats per e-fold of context beyond which colours are the strongest. */
const STRONGEST = 4;

export function phaseChangeFigures(trials: readonly PhaseChangeTrial[]): Figure[] {
  const plane = planeOf(trials);
  return [
    ...(plane ? [pathFigure(plane), turnFigure(plane)] : []),
    ...indexFigure(trials),
    ...(Object.keys(runKinds) as RunKind[]).flatMap((kind) => slopeFigure(kind, trials)),
  ];
}

function pathFigure({ trajectories, shares }: Plane): Figure {
  const marks = trajectories.flatMap((run) =>
    run.points.filter(({ step }) => step % 100 === 0).map(({ first, second }) => ({ x: first, y: second })),
  );
  const [first, second] = shares.map((share) => `${(100 * share).toFixed(0)} %`);
  return {
    title: "Runs turn where the model changes phase",
    caption: `Each run is a path through the log-likelihoods of the same tokens, one of each example; here are the two directions in which the points of all runs differ most. All begin at the left; dots are 100 steps apart. A model with two layers follows those with one, then turns off.`,
    plot: {
      kind: "line",
      x: { label: `first component (${first} of variance)` },
      y: { label: `second component (${second})` },
      series: [
        ...pathSeries(trajectories, ({ first: x, second: y }) => ({ x, y })),
        { name: "every 100 steps", look: "points", points: marks },
      ],
    },
  };
}

function turnFigure({ trajectories }: Plane): Figure {
  return {
    title: "The second component over training",
    caption: "Down with one layer at first, and back as soon as heads of induction form.",
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: "second component" },
      series: pathSeries(trajectories, ({ step, second }) => ({ x: step, y: second })),
    },
  };
}

/** A curve per run; runs of one kind look alike. */
function pathSeries(
  trajectories: readonly Trajectory[],
  point: (at: Trajectory["points"][number]) => { x: number; y: number },
): Series[] {
  return trajectories.map(({ kind, seed, points }) => {
    const leader = trajectories.find((run) => run.kind === kind)!; // itself at the least
    const name = `${kind}, seed ${seed}`;
    const like = leader.seed === seed ? {} : { like: `${kind}, seed ${leader.seed}` };
    return { name, ...like, points: points.map(point) };
  });
}

function indexFigure(trials: readonly PhaseChangeTrial[]): Figure[] {
  const series = (Object.keys(runKinds) as RunKind[]).flatMap((kind): Series[] => {
    const last = where(trials, runKinds[kind])[0]?.metrics.snapshots.at(-1);
    return last ? [{ name: kind, points: last.byIndex.map((y, x) => ({ x, y })) }] : [];
  });
  if (series.length === 0) return [];
  return [
    {
      title: "Loss by place after training",
      caption:
        "First seed of each. Blocks have 6 to 16 symbols: up to there nothing can be known, and after it everything. Who copies knows; one plain layer only avoids what it saw lately.",
      plot: {
        kind: "line",
        x: { label: "index of the token that predicts" },
        y: { label: "loss (nats)" },
        series,
      },
    },
  ];
}

function slopeFigure(kind: RunKind, trials: readonly PhaseChangeTrial[]): Figure[] {
  const snapshots = where(trials, runKinds[kind])[0]?.metrics.snapshots;
  if (!snapshots) return [];
  const slopes = snapshots.map(({ byIndex }) => Array.from(lossSlope(byIndex)));
  const bands = ROWS.slice(0, -1).map((from, row) => ({ from, to: ROWS[row + 1]! }));
  return [
    {
      title: `Where context helps: ${kind}`,
      caption:
        "Change of the loss per e-fold of context, by index and step of training (Olsson et al. 2022): blue where one more token helps.",
      plot: {
        kind: "heat",
        x: "step",
        y: "index",
        columns: snapshots.map(({ step }) => String(step)),
        rows: bands.map(({ from, to }) => (to - from === 1 ? String(from) : `${from}-${to - 1}`)),
        values: bands.map(({ from, to }) =>
          slopes.map((slope) => {
            const part = slope.slice(from - 1, to - 1);
            // Plus 0, for JSON has no -0.
            return Math.round((100 * part.reduce((sum, value) => sum + value, 0)) / part.length) / 100 + 0;
          }),
        ),
        value: { label: "nats per e-fold", domain: [-STRONGEST, STRONGEST], diverging: true },
      },
    },
  ];
}
