// Where finished trials are kept: in this browser's IndexedDB. What it refuses, as in a private window or without room, runs again another time.
import { createStore, getMany, set, type UseStore } from "idb-keyval";
import type { TrialRecord } from "../../experiments/trial";

let opened: UseStore | undefined;

function store(): UseStore {
  opened ??= createStore("heed-trials", "trials");
  return opened;
}

export async function keptTrials(ids: readonly string[]): Promise<TrialRecord[]> {
  try {
    const records = await getMany<TrialRecord>([...ids], store());
    return records.filter((record) => record !== undefined);
  } catch {
    return [];
  }
}

/** @returns whether it is kept */
export async function keepTrial(record: TrialRecord): Promise<boolean> {
  try {
    await set(record.id, record, store());
    return true;
  } catch {
    return false;
  }
}
