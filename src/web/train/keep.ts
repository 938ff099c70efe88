// What this browser keeps of a run, in IndexedDB: the run as it stood last, so that a reload goes on from there, and its checkpoints on the
// way. Beginning another run forgets it.
import { clear, createStore, del, get, keys, setMany, type UseStore } from "idb-keyval";
import type { Trace } from "./run";

/** A run with its latest checkpoint. */
export interface Kept {
  /** The text of its heed.json. */
  readonly description: string;
  readonly text?: { readonly name: string; readonly content: string };
  readonly trace: Trace;
  readonly checkpoint: Uint8Array<ArrayBuffer>;
}

const RUN = "run";
let opened: UseStore | undefined;

/** Opened when first needed: a page that keeps nothing leaves nothing behind. */
function store(): UseStore {
  opened ??= createStore("heed", "training");
  return opened;
}

export async function forgetRun(): Promise<void> {
  await clear(store());
}

/** Also as a checkpoint to go back to, where `step` is given. Both or nothing. */
export async function keepRun(kept: Kept, step?: number): Promise<void> {
  const checkpoint: [IDBValidKey, unknown][] = step === undefined ? [] : [[step, kept.checkpoint]];
  await setMany([[RUN, kept], ...checkpoint], store());
}

export async function keptRun(): Promise<Kept | undefined> {
  return get<Kept>(RUN, store());
}

export async function keptCheckpoint(step: number): Promise<Uint8Array | undefined> {
  return get<Uint8Array>(step, store());
}

/** Steps that have a checkpoint, in order. */
export async function keptSteps(): Promise<number[]> {
  const all = await keys(store());
  return all.filter((key) => typeof key === "number").sort((a, b) => a - b);
}

/** Those that belong to another course than the one that was taken. */
export async function forgetAfter(step: number): Promise<void> {
  for (const other of await keptSteps()) if (other > step) await del(other, store());
}
