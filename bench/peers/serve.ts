// The process of one library: prepares a task when it is first asked for it, and times it once for every job.
import { serveJobs } from "../../src/platform/process-pool";
import { quartiles } from "../harness";
import { AGREEMENT } from "../row";
import { openHeed } from "./heed";
import type { Candidate, Peer, Task } from "./peer";

export interface PeerJob {
  readonly peer: PeerName;
  readonly task: Task;
  /** Where the training step's fixture lies. */
  readonly fixture: string;
}

/** Seconds per call by the way that was fastest, or why there are none. */
export type PeerTimes =
  | { readonly way: string; readonly seconds: readonly number[]; readonly error: number }
  | { readonly reason: string };

const openers = {
  "heed portable": () => openHeed("portable"),
  "heed fast": () => openHeed("fast"),
  "ort-web": () => open("./ort.mjs", "web"),
  "jax-js": () => open("./jax.mjs"),
  "tfjs-wasm": () => open("./tfjs.mjs"),
  "numpy-ts": () => open("./numpy-ts.mjs"),
  "ort-node": () => open("./ort.mjs", "node"),
} as const satisfies Record<string, () => Promise<Peer>>;

export type PeerName = keyof typeof openers;

const WARM_SECONDS = 0.5;
const WARM_CALLS = 3;
const SHORT_CALLS = 100;
/** A sample is as many calls as fit in this, at least one; calls that take longer than LONG_SECONDS are sampled once. */
const SAMPLE_SECONDS = 0.06;
const SAMPLES = 3;
const LONG_SECONDS = 0.5;

interface Chosen {
  readonly candidate: Candidate;
  readonly error: number;
}

let peer: Promise<Peer> | undefined;
const prepared = new Map<string, Promise<Chosen | string>>();

serveJobs<PeerJob, PeerTimes>(async ({ peer: name, task, fixture }) => {
  const key = JSON.stringify(task);
  const choosing = prepared.get(key) ?? choose(name, task, fixture);
  prepared.set(key, choosing);
  const chosen = await choosing;
  if (typeof chosen === "string") return { reason: chosen };
  const { candidate, error } = chosen;
  return { way: candidate.name, error, seconds: await sample(candidate, SAMPLES) };
});

async function open(file: string, kind?: string): Promise<Peer> {
  // The files beside this one; each exports `open` that gives a Peer.
  const module = (await import(file)) as { open(kind?: string): Promise<Peer> };
  return module.open(kind);
}

/** The fastest of the ways whose answer is right, or a sentence. */
async function choose(name: PeerName, task: Task, fixture: string): Promise<Chosen | string> {
  const wrong: string[] = [];
  const right: (Chosen & { readonly seconds: number })[] = [];
  try {
    peer ??= openers[name]();
    const candidates = await (await peer).prepare(task, fixture);
    for (const candidate of candidates) {
      try {
        const error = await candidate.check();
        if (!(error <= AGREEMENT)) {
          wrong.push(`${candidate.name} is off by ${error.toPrecision(2)}`);
          continue;
        }
        await warmUp(candidate);
        const trial = candidates.length > 1 ? await sample(candidate, 2) : [];
        right.push({ candidate, error, seconds: quartiles(trial).median });
      } catch (cause) {
        wrong.push(`${candidate.name} fails: ${firstLine(cause)}`);
      }
    }
  } catch (cause) {
    return `does not run here: ${firstLine(cause)}`;
  }
  const [best] = right.sort((a, b) => a.seconds - b.seconds);
  return best ?? (wrong.join("; ") || "cannot");
}

async function warmUp({ run, warm }: Candidate): Promise<void> {
  for (let call = 0; warm && call < SHORT_CALLS; call++) warm();
  const began = performance.now();
  for (let call = 0; call < WARM_CALLS || performance.now() - began < 1000 * WARM_SECONDS; call++) {
    await run();
    if (performance.now() - began > 2000 * WARM_SECONDS) return;
  }
}

/** Seconds per call. */
async function sample({ run }: Candidate, samples: number): Promise<number[]> {
  const seconds: number[] = [];
  while (seconds.length < samples) {
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;
    let calls = 0;
    do {
      await run();
      calls += 1;
    } while (elapsed() < SAMPLE_SECONDS);
    seconds.push(elapsed() / calls);
    if (seconds[0]! > LONG_SECONDS) break;
  }
  return seconds;
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!.slice(0, 120);
}
