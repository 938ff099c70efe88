// Where a run is kept: in this browser's IndexedDB, as it stood last, so that a reload goes on from there, with its checkpoints on the way.
// What the browser does not take stays in memory, where it can be gone back to until the page is left. Beginning another run forgets it all.
import { clear, createStore, del, get, keys, setMany, type UseStore } from "idb-keyval";
import type { LentRun } from "./protocol";
import type { Trace } from "./run";

/** A run as it stood last, and what it left on the way. */
export interface Kept extends LentRun {
  readonly trace: Trace;
  /** Of the checkpoint: what was measured may go further. */
  readonly step: number;
}

const RUN = "run";
let opened: UseStore | undefined;
/** Not before the page says where: the worker of another run may still be there. */
let keeping = false;
/** Whether what the browser keeps is of this run. */
let stored = false;
/** Why the browser keeps no more of it. */
let refusal = "";
/** The latest step that it keeps. */
let storedStep: number | undefined;
const memory = new Map<number, Uint8Array>();

/** Opened when first needed: a page that keeps nothing leaves nothing behind. */
function store(): UseStore {
  opened ??= createStore("heed", "training");
  return opened;
}

/** A run begins. What another tab keeps is left alone. */
export async function startKeeping({ alone }: { readonly alone: boolean }): Promise<void> {
  keeping = true;
  memory.clear();
  storedStep = undefined;
  refusal = alone ? await refusalOf(() => clear(store())) : "Another tab keeps its run in this browser";
  stored = refusal === "";
}

/** The run goes on that the browser keeps, from this step. */
export function goOnKeeping(step: number): void {
  keeping = true;
  memory.clear();
  stored = true;
  storedStep = step;
  refusal = "";
}

/** Also as a checkpoint to go back to, if that is asked for. Both or nothing. */
export async function keepRun(kept: Kept, { checkpoint }: { readonly checkpoint: boolean }): Promise<void> {
  if (!keeping) return;
  const { step } = kept;
  const entries: [IDBValidKey, unknown][] = [[RUN, kept]];
  if (checkpoint) entries.push([step, kept.checkpoint]);
  if (refusal === "") refusal = await refusalOf(() => setMany(entries, store()));
  if (refusal === "") storedStep = step;
  else if (checkpoint) memory.set(step, kept.checkpoint);
}

/** What is lost with the page, and why; empty where nothing is. */
export function keepingNote(): string {
  if (refusal === "") return "";
  const loss = storedStep === undefined ? "loses it" : `goes back to step ${storedStep}`;
  return `${refusal}: this run is kept in memory, and a reload ${loss}. "Save run" takes it along.`;
}

/** `undefined` where the browser keeps none, or nothing at all. */
export async function keptRun(): Promise<Kept | undefined> {
  try {
    return await get<Kept>(RUN, store());
  } catch {
    return undefined; // a private window, for instance
  }
}

export async function keptCheckpoint(step: number): Promise<Uint8Array | undefined> {
  return memory.get(step) ?? (stored ? get<Uint8Array>(step, store()) : undefined);
}

/** Steps that have a checkpoint, in order. */
export async function keptSteps(): Promise<number[]> {
  return [...new Set([...(await storedSteps()), ...memory.keys()])].sort((a, b) => a - b);
}

/** Those that belong to another course than the one that was taken. */
export async function forgetAfter(step: number): Promise<void> {
  for (const other of memory.keys()) if (other > step) memory.delete(other);
  for (const other of await storedSteps()) if (other > step) await del(other, store());
}

async function storedSteps(): Promise<number[]> {
  if (!stored) return [];
  const all = await keys(store());
  return all.filter((key) => typeof key === "number");
}

/** Empty if it was done. */
async function refusalOf(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return "";
  } catch (error) {
    const reason = error instanceof Error ? ` (${error.name}: ${error.message || "no reason given"})` : "";
    return `This browser refuses to store the run${reason}`;
  }
}
