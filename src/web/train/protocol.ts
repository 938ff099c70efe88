// What the train tab and its worker say to each other.
import type { ViewerData } from "../../report/viewer-data";
import type { Build } from "../../runtime/features";
import type { StepMetrics } from "../../train/trainer";
import type { Words } from "../address";

/** One control of the form. */
export interface Field {
  /** The name of the setting, as in addresses and heed.json. */
  readonly name: string;
  /** Without its dashes, the word of the command line. */
  readonly flag: string;
  readonly help: string;
  readonly standard: string;
  /** Where it is one of few. */
  readonly words?: readonly string[];
}

export interface FieldGroup {
  readonly name: "training" | "model" | "options";
  readonly fields: readonly Field[];
}

/** What an address says of a text: all that it holds, where that is short. */
export type TextWords = { readonly text: string; readonly digest: string; readonly deflated?: string };

/** A text that was pasted or dropped. */
export interface GivenText {
  readonly name: string;
  readonly content: string;
  /** Once the worker has found them. */
  readonly words?: TextWords;
}

/** A tokenizer of a file that was dropped, with the tokenizer_config.json that lay beside it. */
export interface GivenTokenizer {
  readonly name: string;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly settings?: Uint8Array<ArrayBuffer>;
  /** Of both, once the worker has read them. */
  readonly digest?: string;
}

export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A run as other tabs get it: all that makes its model again, as it stands. */
export interface LentRun {
  /** The text of its heed.json. */
  readonly description: string;
  readonly text?: GivenText;
  readonly tokenizer?: GivenTokenizer;
  readonly checkpoint: Uint8Array<ArrayBuffer>;
}

/** Numbers as they were typed. */
export interface SampleRequest {
  readonly prompt: string;
  readonly temperature: string;
  readonly tokens: string;
  readonly seed: number;
}

/** The run that an address tells of: its settings, and digests of the files that it may not hold. */
export interface AskedRun {
  readonly words: Words;
  readonly build: Build;
  readonly text?: string | undefined;
  readonly tokenizer?: string | undefined;
}

/** How many threads compute; "auto" leaves the page a core. The results are the same. */
export type Threads = "auto" | number;

export type Command =
  | { readonly kind: "form" }
  /** Whether these settings can be trained. */
  | { readonly kind: "check"; readonly words: Words; readonly tokenizer?: string | undefined }
  | {
      readonly kind: "begin";
      readonly words: Words;
      readonly build: Build;
      readonly threads: Threads;
      readonly text?: GivenText;
      readonly tokenizer?: GivenTokenizer;
    }
  /** Takes up what this browser keeps, if it is what is asked for, or whatever it is. */
  | {
      readonly kind: "restore";
      readonly asked?: AskedRun | undefined;
      readonly threads: Threads;
      readonly alone: boolean;
    }
  /** What an address says of this text. */
  | { readonly kind: "name"; readonly text: GivenText }
  /** Whether this is one. */
  | { readonly kind: "tokenizer"; readonly tokenizer: GivenTokenizer }
  /** The text that an address holds. */
  | { readonly kind: "unpack"; readonly words: TextWords }
  /** A run folder's files, from here or from the command line. */
  | { readonly kind: "open"; readonly files: readonly GivenFile[]; readonly threads: Threads }
  /** From now on, in this browser if no other tab keeps its run there. */
  | { readonly kind: "keep"; readonly alone: boolean }
  | { readonly kind: "run" }
  | { readonly kind: "pause" }
  /** Pauses while another run is tried elsewhere. */
  | { readonly kind: "suspend" }
  /** The other came to nothing: goes on, if it went on before and nothing else was asked meanwhile. */
  | { readonly kind: "resume" }
  | { readonly kind: "step" }
  /** As it was typed. */
  | { readonly kind: "rate"; readonly rate: string }
  | { readonly kind: "seek"; readonly step: number }
  | { readonly kind: "sample"; readonly request: SampleRequest }
  /** Ends the sample that is being told. */
  | { readonly kind: "hush" }
  /** The run, for another tab of the page. */
  | { readonly kind: "lend" }
  | { readonly kind: "save" };

/** What is looked at on the way. */
export interface Look {
  readonly step: number;
  /** Nats per token on the first part of the held-out split, at the steps where it was measured. */
  readonly heldOut?: number;
  /** Of each head, by layer and head: mean entropy of its rows in nats, and its prefix-matching score. */
  readonly heads: readonly {
    readonly name: string;
    readonly entropy: number;
    readonly induction: number;
  }[];
}

export interface RunFacts {
  readonly title: string;
  /** The words that give this run again. */
  readonly words: Words;
  /** The same for the command line. */
  readonly command: string;
  readonly build: Build;
  /** Build and threads, and why. */
  readonly reason: string;
  readonly text?: GivenText;
  readonly tokenizer?: GivenTokenizer;
  readonly parameters: number;
  readonly vocabulary: number;
  readonly floors: { readonly unigram: number; readonly bigram: number };
  readonly steps: number;
  /** What a sample can begin with. */
  readonly prompt: string;
}

/** A run that this browser keeps, without its contents. */
export interface KeptRun {
  readonly title: string;
  readonly step: number;
}

export interface RunState {
  readonly step: number;
  readonly rate: number;
  /** The change of it that comes next. */
  readonly nextRate?: { readonly step: number; readonly rate: number } | undefined;
  readonly running: boolean;
  readonly tokensPerSecond: number;
  /** Of the kernels' memory: in use, and taken from the browser. */
  readonly liveBytes: number;
  readonly memoryBytes: number;
  /** Steps that can be gone back to. */
  readonly checkpoints: readonly number[];
  /** What a reload loses, and why; empty where nothing. */
  readonly keeping: string;
}

export type News =
  | { readonly kind: "form"; readonly groups: readonly FieldGroup[] }
  /** Without the words that name no setting. */
  | {
      readonly kind: "checked";
      readonly asked: Words;
      readonly words: Words;
      readonly unknown: readonly string[];
      readonly refusal?: string;
    }
  /** A run is here: all of it so far. */
  | {
      readonly kind: "opened";
      readonly facts: RunFacts;
      readonly state: RunState;
      /** By step, NaN where none was measured. */
      readonly losses: Float64Array<ArrayBuffer>;
      readonly looks: readonly Look[];
    }
  /** Nothing is taken up; what this browser keeps is of other settings. */
  | { readonly kind: "nothing"; readonly kept?: KeptRun }
  | { readonly kind: "text"; readonly text: GivenText }
  | { readonly kind: "tokenizer"; readonly tokenizer: GivenTokenizer }
  /** There is no text in the address that could be read. */
  | { readonly kind: "damaged" }
  /** The run is another from here on: its rate was changed. */
  | { readonly kind: "changed"; readonly facts: RunFacts }
  /** Steps since the last progress; after a seek, `state.step` says from where. */
  | { readonly kind: "progress"; readonly state: RunState; readonly metrics: readonly StepMetrics[] }
  | { readonly kind: "look"; readonly look: Look; readonly maps?: ViewerData }
  | { readonly kind: "sampled"; readonly prompt: string; readonly text: string; readonly done: boolean }
  | { readonly kind: "lent"; readonly run: LentRun }
  | { readonly kind: "saved"; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A command came to nothing. */
  | { readonly kind: "refused"; readonly message: string; readonly of: Command["kind"] };
