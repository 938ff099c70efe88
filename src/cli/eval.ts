// `heed eval FOLDER`: the loss of a trained model over a whole held-out split.
import type { Build } from "../runtime/features";
import { Output } from "../terminal/output";
import { startProgress } from "../terminal/progress";
import { UsageError } from "../terminal/usage";
import { evaluate } from "../train/evaluate";
import { loadCorpus } from "./corpus";
import { isForeign } from "./foreign-folder";
import { openModel } from "./model-folder";
import { RunFolder } from "./run-folder";

/** Tokens of a window at most for models that heed did not train: their contexts, times their vocabularies, would fill the memory. */
const FOREIGN_WINDOW = 1024;

export interface EvalArguments {
  text?: string;
  build?: "auto" | Build;
  threads: "auto" | number;
  json?: string;
}

export async function evalCommand(path: string, { text, json, ...host }: EvalArguments): Promise<number> {
  const output = new Output(json);
  if (text === undefined && !new RunFolder(path).has("description") && isForeign(path))
    throw new UsageError(`--text: must name a file, as ${path} has no text of its own`);
  const { model, tokenizer, settings } = await openModel(path, host);
  const known = settings ?? { data: "grammar", tokenizer: "char" };
  const corpus = loadCorpus({ ...known, ...(text !== undefined && { text }) }, tokenizer);
  const progress = startProgress("evaluate", corpus.heldOut.length - 1);
  const result = evaluate(model, corpus.heldOut, {
    ...(settings === undefined && { context: Math.min(model.config.context, FOREIGN_WINDOW), batch: 1 }),
    onProgress: (done) => progress.update(done),
  });
  progress.stop();
  output.say(
    `${result.natsPerToken.toFixed(4)} nats per token, perplexity ${result.perplexity.toFixed(2)}, over the ${result.tokens} held-out tokens of ${corpus.name}`,
  );
  output.finish({ command: "eval", run: path, text: corpus.name, ...result });
  return 0;
}
