// What the model of a run goes on with, in the worker: told as it comes, until it is stopped.

import { generate } from "../../models/generate";
import { rng } from "../../tensor/rng";
import { number, whole } from "../../terminal/options";
import { at, messageOf } from "../../terminal/usage";
import { eventLoopTurn } from "../port";
import type { News, SampleRequest } from "./protocol";
import type { TrainingRun } from "./run";

/** The page is told so often. */
const NEWS_MS = 100;

export interface Speaker {
  /** Whatever was being told before ends, and is not heard of again. */
  speak(run: TrainingRun, request: SampleRequest): void;
  stop(): void;
}

export function speaker(tell: (news: News) => void): Speaker {
  let current = new AbortController();
  return {
    speak(run, request) {
      current.abort();
      const own = new AbortController();
      current = own;
      const tellOwn = (news: News) => {
        if (current === own) tell(news);
      };
      speak(run, request, { tell: tellOwn, signal: own.signal }).catch((error: unknown) =>
        tellOwn({ kind: "refused", message: messageOf(error), of: "sample" }),
      );
    },
    stop: () => current.abort(),
  };
}

async function speak(
  run: TrainingRun,
  { prompt, seed, ...words }: SampleRequest,
  { tell, signal }: { readonly tell: (news: News) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { tokenizer } = run.plan.corpus;
  const start = tokenizer.encode(prompt);
  if (start.length === 0) throw new Error("prompt: must hold at least one token");
  const temperature = at("temperature", () => number(0)(words.temperature));
  const maxTokens = at("tokens", () => whole(1)(words.tokens));
  const options = { temperature, maxTokens, rng: rng(seed).fork("generate") };
  const ids: number[] = [];
  const text = () => tokenizer.decode(ids);
  let told = performance.now();
  for (const id of generate(run.model, start, options)) {
    ids.push(id);
    if (performance.now() - told < NEWS_MS) continue;
    tell({ kind: "sampled", prompt, text: text(), done: false });
    told = performance.now();
    await eventLoopTurn();
    if (signal.aborted) break;
  }
  tell({ kind: "sampled", prompt, text: text(), done: true });
}
