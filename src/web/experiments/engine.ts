// The worker of the experiments tab: plans the trials, hands them to workers of their own, keeps what is finished, and judges. The same runner
// as the command line's.

import { digests } from "virtual:experiment-digests";
import { experimentLine } from "../../cli/experiment-words";
import { experiments } from "../../experiments";
import type { Config, Experiment, Inputs, Size } from "../../experiments/experiment";
import { planTrials, runExperiment } from "../../experiments/run";
import type { TrialRecord } from "../../experiments/trial";
import { digest } from "../../math/digest";
import { VERSION } from "../../terminal/version";
import { serve } from "../port";
import { keepTrial, keptTrials } from "./keep";
import type { Progress } from "./progress";
import type { Command, News } from "./protocol";
import { trialPool } from "./trial-pool";

const BUILD = "portable";
const entries: Readonly<Record<string, Experiment>> = experiments;

const tell = serve<Command, News>(
  (command) => (command.kind === "list" ? list() : run(command)),
  (message) => ({ kind: "refused", message }),
);

function list(): void {
  const sizes = (experiment: Experiment) => {
    const size = (name: Size) => {
      const { configs, seeds, budgetSeconds } = experiment.grid[name];
      const trials = configs.length * seeds.length;
      return { trials, seconds: budgetSeconds, workers: Math.min(trials, workersFor(experiment)) };
    };
    return { smoke: size("smoke"), full: size("full") };
  };
  tell({
    kind: "list",
    experiments: Object.values(entries).map((experiment) => {
      const { name, question, paper, grid } = experiment;
      const has = (setting: string) => setting in (grid.smoke.configs[0] ?? {});
      const reads = { text: has("text"), prompt: has("prompt") };
      return { name, question, paper, sizes: sizes(experiment), reads };
    }),
  });
}

/** Trials that time what they do get the machine for themselves. */
function workersFor({ timed }: Experiment): number {
  return timed ? 1 : navigator.hardwareConcurrency;
}

async function run({ name, size, given }: Extract<Command, { kind: "run" }>): Promise<void> {
  const experiment = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (!experiment) throw new Error(`there is no experiment "${name}"`);
  const { text, prompt } = given;
  const inputs: Inputs = text ? { text: text.content } : {};
  const overrides: Config = {
    ...(text && { text: text.name, textDigest: digest(new TextEncoder().encode(text.content)) }),
    ...(prompt !== undefined && { prompt }),
  };
  const plan = { size, build: BUILD, source: digests[name] ?? "", overrides, inputs } as const;
  const ids = planTrials(experiment, plan).map(({ id }) => id);
  const finished = await keptTrials(ids);
  let progress: Progress = {
    ...{ done: finished.length, total: ids.length, work: finished.length },
    ...{ resumed: finished.length, kept: finished.length, running: 0 },
  };
  const change = (part: Partial<Progress>) => {
    progress = { ...progress, ...part };
    tell({ kind: "progress", progress });
  };
  const keep = async (record: TrialRecord) => {
    if (await keepTrial(record)) change({ kept: progress.kept + 1 });
  };
  const pool = trialPool(inputs);
  const writes: Promise<void>[] = [];
  try {
    const result = await runExperiment(experiment, {
      ...plan,
      stamp: { version: VERSION, host: navigator.userAgent, date: () => new Date().toISOString() },
      finished,
      runTrial: async (job, onProgress) => {
        change({ running: progress.running + 1 });
        try {
          return await pool.run(job, onProgress);
        } finally {
          change({ running: progress.running - 1 });
        }
      },
      workers: workersFor(experiment),
      onRecord: (record) => writes.push(keep(record)),
      onProgress: change,
    });
    await Promise.all(writes);
    const { renderExperimentBody } = await import("../../report/experiment");
    const command = experimentLine(result, overrides);
    const body = renderExperimentBody(result, experiment.figures(result.trials), command);
    tell({ kind: "finished", name, body, json: `${JSON.stringify(result, null, 1)}\n` });
  } finally {
    pool.close();
  }
}
