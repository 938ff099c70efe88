// What the train tab knows: the form, the run as far as the worker has told of it, and what was said last.
import type { ViewerData } from "../../report/viewer-data";
import type { Build } from "../../runtime/features";
import type { Words } from "../address";
import { Losses } from "./losses";
import type {
  Command,
  FieldGroup,
  GivenText,
  GivenTokenizer,
  KeptRun,
  Look,
  News,
  RunFacts,
  RunState,
  Threads,
} from "./protocol";
import type { WantedText } from "./text-form";

export interface TrainState {
  groups: readonly FieldGroup[];
  /** As they stand in the form; those at their defaults may be missing. */
  words: Words;
  build: Build;
  threads: Threads;
  text?: GivenText | undefined;
  wanted?: WantedText | undefined;
  tokenizer?: GivenTokenizer | undefined;
  /** The digest of the one that a link was made for, until it is here. */
  wantedTokenizer?: string | undefined;
  /** Whether the settings are those of a link, as they came. */
  linked: boolean;
  /** Whether a run is being made, to take the place of the one that is here. */
  beginning: boolean;
  /** Whether the step is waited for that the run pauses after. */
  pausing: boolean;
  /** Why these settings cannot be trained. */
  refusal: string;
  /** What went wrong last, until the next thing is done. */
  error?: Complaint | undefined;
  run?: ShownRun | undefined;
  /** The checkpoint that was asked for and is not yet here. */
  sought?: number | undefined;
  /** What this browser keeps, where it is another than the address asks for. */
  kept?: KeptRun | undefined;
  /** Of the heads, as they were seen last. */
  maps?: ViewerData | undefined;
  sample: { readonly prompt: string; readonly text: string; readonly done: boolean };
}

/** Said beside what was used. */
export interface Complaint {
  readonly of: Command["kind"];
  readonly message: string;
}

export interface ShownRun {
  readonly facts: RunFacts;
  readonly state: RunState;
  readonly losses: Losses;
  readonly looks: readonly Look[];
}

/** What a run is after a message about it. */
export function told(run: ShownRun | undefined, news: News): ShownRun | undefined {
  switch (news.kind) {
    case "opened": {
      const { facts, state, losses, looks } = news;
      return { facts, state, losses: new Losses(losses), looks };
    }
    case "changed":
      return run && { ...run, facts: news.facts };
    case "progress": {
      if (!run) return run;
      // What was measured beyond the place that was gone back to stays until a step is taken from there.
      run.losses.take(news.metrics);
      const first = news.metrics[0]?.step ?? Number.POSITIVE_INFINITY;
      const passed = (run.looks.at(-1)?.step ?? 0) >= first;
      const looks = passed ? run.looks.filter(({ step }) => step < first) : run.looks;
      return { ...run, state: news.state, looks };
    }
    case "look": {
      if (!run || run.looks.some(({ step }) => step === news.look.step)) return run;
      return { ...run, looks: [...run.looks.filter(({ step }) => step < news.look.step), news.look] };
    }
    default:
      return run;
  }
}

/** What went wrong with one of these, to be said where they are asked for. */
export function complaint({ error }: TrainState, ...kinds: readonly Command["kind"][]): string {
  return error && kinds.includes(error.of) ? error.message : "";
}
