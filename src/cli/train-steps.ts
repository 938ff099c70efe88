// The steps of a training run, with everything that happens between them: progress, evaluations, checkpoints, Ctrl-C.

import { startProgress } from "../terminal/progress";
import { saveTraining } from "../train/checkpoint";
import { trainingOptions } from "../train/recipe";
import { DivergedError, train } from "../train/trainer";
import { PaceMeter } from "./pace";
import { rateSchedule } from "./rates";
import { expectSound } from "./soundness";
import type { Session } from "./train-session";
import { watch } from "./watch";

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
  const training = { ...trainingOptions(settings, corpus, optimizer), learningRate: rateSchedule(settings) };
  const progress = startProgress("train", steps, optimizer.steps);
  const interrupt = listenForInterrupt();
  const pace = new PaceMeter();
  let saved = performance.now();
  try {
    if (optimizer.steps === 0) folder.record(watch(0, model, corpus));
    for (const metrics of train(model, training)) {
      const { step, loss } = metrics;
      const stop = interrupt.asked() || step === steps;
      const checkpoint = stop || step % CHECKPOINT_STEPS === 0 || performance.now() - saved > CHECKPOINT_MS;
      const evaluation = step % every === 0 || step === steps;
      pace.add(metrics.tokens);
      folder.record(metrics);
      if (checkpoint || evaluation) expectSound(model, step, training.batches(step));
      if (evaluation) folder.record(watch(step, model, corpus));
      if (checkpoint) {
        folder.flush();
        folder.save("checkpoint", saveTraining(model, optimizer));
        saved = performance.now();
      }
      progress.update(step, { loss: loss.toFixed(3), "tokens/s": pace.tokensPerSecond.toFixed(0) });
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
