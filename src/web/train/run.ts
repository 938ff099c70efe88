// A training run in the worker: the model and all that belongs to it. It takes one step at a time, goes back to checkpoints, and knows no
// messages and no storage.

import { commandLine } from "../../cli/command-line";
import { parseRates, type RateChange, rateAt, rateSchedule, withRate } from "../../cli/rates";
import type { EvaluationMetrics } from "../../cli/run-description";
import { type generators, type Settings, settingWords } from "../../cli/settings";
import { expectSound } from "../../cli/soundness";
import { watch } from "../../cli/watch";
import { bigramEntropy, unigramEntropy } from "../../data/floors";
import { opening } from "../../data/named-corpus";
import type { Model } from "../../models";
import { parameterCount } from "../../nn/module";
import { restoreTraining, saveTraining } from "../../train/checkpoint";
import type { Optimizer } from "../../train/optimizer";
import { makeTraining, trainingOptions } from "../../train/recipe";
import { type StepMetrics, train } from "../../train/trainer";
import { headMaps, lookAt } from "./look";
import type { Look, RunFacts } from "./protocol";
import { type Plan, planTitle, planWords } from "./settings";
import { textWords } from "./text-words";

/** How often something happens on the way; the evaluations are those of the command line. */
const EVALUATIONS = 20;
const LOOKS = 100;

/** All that a run leaves behind, as plain data. */
export interface Trace {
  readonly metrics: readonly StepMetrics[];
  /** As the command line records them. */
  readonly evaluations: readonly EvaluationMetrics[];
  readonly looks: readonly Look[];
}

const GENERATED_PROMPTS: Readonly<Record<keyof typeof generators, string>> = {
  grammar: "The ",
  "repeated-text": "abcdefgabcd", // a block, and the beginning of its copy
};

export const NOTHING: Trace = { metrics: [], evaluations: [], looks: [] };

export class TrainingRun {
  readonly plan: Plan;
  readonly model: Model;
  readonly #optimizer: Optimizer;
  #steps: Generator<StepMetrics, void>;
  /** As the plan has them, and as they were changed by hand. */
  #rates: string;
  #trace: { -readonly [Part in keyof Trace]: Trace[Part][number][] };

  /**
   * @param trace of the same run, where it is taken up again; `goTo` sets the model
   * @throws Error for settings that do not go together
   */
  constructor(plan: Plan, trace: Trace = NOTHING) {
    this.plan = plan;
    const { model, optimizer } = makeTraining(plan.settings, plan.corpus.tokenizer.vocabulary.length);
    this.model = model;
    this.#optimizer = optimizer;
    this.#rates = plan.settings.rates;
    this.#trace = copy(trace, () => true);
    this.#steps = this.#begin();
  }

  get step(): number {
    return this.#optimizer.steps;
  }

  get done(): boolean {
    return this.step >= this.plan.settings.steps;
  }

  get trace(): Trace {
    return this.#trace;
  }

  /** Those that give this run again: rates that were changed by hand are told by their steps. */
  get settings(): Settings {
    return { ...this.plan.settings, rates: this.#rates };
  }

  /** The highest rate of the schedule that holds now. */
  get rate(): number {
    return rateAt(this.settings, this.step);
  }

  set rate(rate: number) {
    this.#rates = withRate(this.settings, { step: this.step, rate });
  }

  get facts(): Omit<RunFacts, "build" | "reason"> {
    const { corpus, text, tokenizer } = this.plan;
    const { settings } = this;
    return {
      title: planTitle(this.plan),
      words: planWords(this),
      command: commandLine("train", ...settingWords(settings)),
      ...(text && { text: { ...text, words: textWords(text) } }),
      ...(tokenizer && { tokenizer }),
      parameters: parameterCount(this.model),
      vocabulary: corpus.tokenizer.vocabulary.length,
      floors: { unigram: unigramEntropy(corpus.heldOut), bigram: bigramEntropy(corpus.heldOut) },
      steps: settings.steps,
      prompt: promptOf(this.plan),
    };
  }

  /** Whether a checkpoint belongs here: where the run is evaluated, at its ends, and at no other step. */
  get atCheckpoint(): boolean {
    return this.step % this.#every(EVALUATIONS) === 0 || this.done;
  }

  /** The change of the rate that comes next. */
  get nextRate(): RateChange | undefined {
    return parseRates(this.#rates).find(({ step }) => step > this.step);
  }

  /**
   * Takes one step; a look where one is due.
   * @throws DivergedError when the loss or a gradient is no longer a number
   */
  advance(): { readonly metrics: StepMetrics; readonly look?: Look } | undefined {
    this.#forgetAfter(this.step);
    const turn = this.#next();
    if (turn.done) return undefined;
    const metrics = turn.value;
    this.#trace.metrics.push(metrics);
    if (this.atCheckpoint) {
      const { batches } = trainingOptions(this.plan.settings, this.plan.corpus, this.#optimizer);
      expectSound(this.model, this.step, batches(this.step));
    }
    const due = this.step % this.#every(LOOKS) === 0 || this.atCheckpoint;
    return { metrics, ...(due && { look: this.look() }) };
  }

  /** What there is to see at this step, seen once. */
  look(): Look {
    const seen = this.#trace.looks.find(({ step, heads }) => step === this.step && heads.length > 0);
    if (seen) return seen;
    const { looks, evaluations } = this.#trace;
    const known = evaluations.find(({ step }) => step === this.step);
    const evaluation =
      known ?? (this.atCheckpoint ? watch(this.step, this.model, this.plan.corpus) : undefined);
    if (evaluation && !known) evaluations.push(evaluation);
    const look = {
      ...lookAt(this.step, this.model),
      ...(evaluation && { heldOut: evaluation.heldOut }),
    };
    this.#trace.looks = [...looks.filter(({ step }) => step !== this.step), look];
    return look;
  }

  maps() {
    return headMaps(this.model, this.plan.corpus);
  }

  checkpoint(): Uint8Array {
    return saveTraining(this.model, this.#optimizer);
  }

  /**
   * Sets the model to where a checkpoint was; what was measured later stays until the next step.
   * @throws Error for the checkpoint of another run
   */
  goTo(checkpoint: Uint8Array): void {
    restoreTraining(checkpoint, this.model, this.#optimizer);
    this.#steps = this.#begin();
  }

  /** A generator that threw is over: the next try, at another rate perhaps, begins where the optimiser stands. */
  #next(): IteratorResult<StepMetrics, void> {
    try {
      return this.#steps.next();
    } catch (error) {
      this.#steps = this.#begin();
      throw error;
    }
  }

  #begin(): Generator<StepMetrics, void> {
    const { settings, corpus } = this.plan;
    return train(this.model, {
      ...trainingOptions(settings, corpus, this.#optimizer),
      learningRate: (step) => rateSchedule(this.settings)(step),
    });
  }

  #forgetAfter(step: number): void {
    if ((this.#trace.metrics.at(-1)?.step ?? 0) > step)
      this.#trace = copy(this.#trace, (at) => at.step <= step);
  }

  #every(times: number): number {
    return Math.max(1, Math.floor(this.plan.settings.steps / times));
  }
}

/** Made of tokens that the model knows. */
function promptOf({ corpus, settings, text }: Plan): string {
  if (!text) return GENERATED_PROMPTS[settings.data];
  const FEW = 40;
  const start = corpus.tokenizer.decode(opening(corpus, FEW));
  return /\S+ ?/.exec(start)?.[0] ?? start;
}

function copy(trace: Trace, keeps: (at: { readonly step: number }) => boolean) {
  const { metrics, evaluations, looks } = trace;
  return {
    metrics: metrics.filter(keeps),
    evaluations: evaluations.filter(keeps),
    looks: looks.filter(keeps),
  };
}
