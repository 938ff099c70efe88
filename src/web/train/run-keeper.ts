// What the browser keeps of the run in the worker, as it goes: the run itself, and checkpoints to go back to.
import { lentRun } from "./files";
import { forgetAfter, goOnKeeping, keepRun, keptSteps, startKeeping } from "./keep";
import type { TrainingRun } from "./run";

export class RunKeeper {
  #steps: readonly number[] = [];

  /** Those that can be gone back to, in order. */
  get steps(): readonly number[] {
    return this.#steps;
  }

  /** Another run is here, of which nothing is kept yet. */
  forget(): void {
    this.#steps = [];
  }

  /** From now on, as a run of its own; in this browser if no other tab keeps its run there. */
  async begin(run: TrainingRun, { alone }: { readonly alone: boolean }): Promise<void> {
    await startKeeping({ alone });
    this.#steps = await keptSteps(); // none that was passed before
    await this.keep(run, { checkpoint: true });
  }

  /** The run is the one that the browser keeps. Where another tab has that, it stays as it is, and a copy goes on here. */
  async takeUp(run: TrainingRun, { alone }: { readonly alone: boolean }): Promise<void> {
    if (alone) goOnKeeping(run.step);
    else await startKeeping({ alone });
    this.#steps = await keptSteps();
    if (!alone) await this.keep(run, { checkpoint: true });
  }

  async keep(run: TrainingRun, { checkpoint }: { readonly checkpoint: boolean }): Promise<void> {
    await keepRun({ ...lentRun(run), trace: run.trace, step: run.step }, { checkpoint });
    if (checkpoint && !this.#steps.includes(run.step)) this.#steps = [...this.#steps, run.step];
  }

  /** Checkpoints after the run's step are of a course that is not taken again. */
  async leaveCourse(run: TrainingRun): Promise<void> {
    if ((this.#steps.at(-1) ?? 0) <= run.step) return;
    await forgetAfter(run.step);
    this.#steps = await keptSteps();
  }
}
