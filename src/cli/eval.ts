// `heed eval FOLDER`: the loss of a trained model over a whole held-out split.
import type { Build } from "../runtime/features";
import { evaluate } from "../train/evaluate";
import { loadCorpus } from "./corpus";
import { openModel } from "./model-folder";
import { Output } from "./output";
import { startProgress } from "./progress";

export interface EvalArguments {
  text?: string;
  build?: "auto" | Build;
  threads: "auto" | number;
  json?: string;
}

export async function evalCommand(path: string, { text, json, ...host }: EvalArguments): Promise<number> {
  const output = new Output(json);
  const { model, tokenizer, settings } = await openModel(path, host);
  const corpus = loadCorpus({ ...settings, ...(text !== undefined && { text }) }, tokenizer);
  const progress = startProgress("evaluate", corpus.heldOut.length - 1);
  const result = evaluate(model, corpus.heldOut, { onProgress: (done) => progress.update(done) });
  progress.stop();
  output.say(
    `${result.natsPerToken.toFixed(4)} nats per token, perplexity ${result.perplexity.toFixed(2)}, over the ${result.tokens} held-out tokens of ${corpus.name}`,
  );
  output.finish({ command: "eval", run: path, text: corpus.name, ...result });
  return 0;
}
