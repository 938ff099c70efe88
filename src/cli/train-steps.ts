// The steps of a training run, with everything that happens between them: progress, evaluations, checkpoints, Ctrl-C.
import { windows } from "../data/batches";
import { rng } from "../tensor/rng";
import { saveTraining } from "../train/checkpoint";
import { warmupCosine } from "../train/schedule";
import { DivergedError, type StepMetrics, type TrainOptions, train } from "../train/trainer";
import { startProgress } from "./progress";
import { expectSound } from "./soundness";
import type { Session } from "./train-session";
import { watch } from "./watch";

/** Share of the steps that the learning rate takes to rise, at most MAXIMUM_WARMUP, and where the cosine ends. */
const WARMUP_SHARE = 0.1;
const MAXIMUM_WARMUP = 100;
const MINIMUM_RATE_SHARE = 0.1;
const EVALUATIONS = 20;
/** What a crash costs at most: so many steps, and not much longer than so many milliseconds. */
const CHECKPOINT_STEPS = 100;
const CHECKPOINT_MS = 30_000;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Takes the steps that remain and returns the last step taken, which is earlier when the user interrupts.
 * @throws Error when the training diverges, with the path of the last good checkpoint
 */
export async function takeSteps(session: Session): Promise<number> {
  const { folder, settings, corpus, model, optimizer } = session;
  const { steps } = settings;
  const every = Math.max(1, Math.floor(steps / EVALUATIONS));
  const training = options(session);
  const progress = startProgress("train", steps, optimizer.steps);
  const interrupt = listenForInterrupt();
  const pace = paceMeter();
  let saved = performance.now();
  try {
    if (optimizer.steps === 0) folder.record(watch(0, model, corpus));
    for (const metrics of train(model, training)) {
      const { step, loss } = metrics;
      const stop = interrupt.asked() || step === steps;
      const checkpoint = stop || step % CHECKPOINT_STEPS === 0 || performance.now() - saved > CHECKPOINT_MS;
      const evaluation = step % every === 0 || step === steps;
      folder.record(metrics);
      if (checkpoint || evaluation) expectSound(model, step, training.batches(step));
      if (evaluation) folder.record(watch(step, model, corpus));
      if (checkpoint) {
        folder.flush();
        folder.save("checkpoint", saveTraining(model, optimizer));
        saved = performance.now();
      }
      progress.update(step, { loss: loss.toFixed(3), "tokens/s": pace(metrics).toFixed(0) });
      if (stop) break;
      await new Promise(setImmediate); // the event loop sees signals between steps
    }
    return optimizer.steps;
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    folder.flush();
    throw new Error(`${error.message}; the last good checkpoint is ${folder.file("checkpoint")}`, {
      cause: error,
    });
  } finally {
    progress.stop();
    interrupt.stop();
  }
}

function options({ settings, corpus, optimizer }: Session): TrainOptions {
  const { steps, lr, batch, context, clip, dropout, seed } = settings;
  const batches = windows(corpus.train, { batch, context, rng: rng(seed).fork("batches") });
  const learningRate = warmupCosine({
    learningRate: lr,
    minimum: lr * MINIMUM_RATE_SHARE,
    warmup: Math.min(MAXIMUM_WARMUP, Math.floor(steps * WARMUP_SHARE)),
    steps,
  });
  return {
    batches,
    steps,
    learningRate,
    optimizer,
    clip,
    ...(dropout > 0 && { rng: rng(seed).fork("dropout") }),
  };
}

/** The first signal asks to stop after the step; a second one ends the process as it would without us. */
function listenForInterrupt(): { asked(): boolean; stop(): void } {
  let asked = false;
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = () => {
    asked = true;
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return { asked: () => asked, stop };
}

/** Tokens per second of late: over the last half second or more. */
function paceMeter(): (metrics: StepMetrics) => number {
  const WINDOW_MS = 500;
  let since = performance.now();
  let tokens = 0;
  let pace = 0;
  return (metrics) => {
    tokens += metrics.tokens;
    const elapsed = performance.now() - since;
    if (elapsed >= WINDOW_MS || pace === 0) pace = (tokens * 1000) / elapsed;
    if (elapsed >= WINDOW_MS) {
      since += elapsed;
      tokens = 0;
    }
    return pace;
  };
}
