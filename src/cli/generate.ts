// `heed generate FOLDER`: continues a prompt with a trained model, token by token.
import type { Tokenizer } from "../data/tokenizer";
import { generate } from "../models/generate";
import type { SampleOptions } from "../models/sample";
import type { Build } from "../runtime/features";
import { rng } from "../tensor/rng";
import { openModel } from "./model-folder";
import { Output } from "./output";
import { at, UsageError } from "./usage";

export interface GenerateArguments extends SampleOptions {
  prompt?: string;
  maxTokens: number;
  seed: number;
  build?: "auto" | Build;
  threads: "auto" | number;
  json?: string;
}

export async function generateCommand(path: string, given: GenerateArguments): Promise<number> {
  const { maxTokens, seed, build, threads, json, ...sampling } = given;
  const output = new Output(json);
  const { model, tokenizer } = await openModel(path, { build, threads });
  const prompt = given.prompt ?? standardPrompt(tokenizer);
  const start = at("--prompt", () => encode(tokenizer, prompt), UsageError);
  const { prompt: _, ...options } = sampling;
  output.stream(prompt);
  const ids: number[] = [];
  let text = "";
  for (const id of generate(model, start, { ...options, maxTokens, rng: rng(seed).fork("generate") })) {
    ids.push(id);
    // Words are spaced by what stands before them, so the whole is decoded and the new part shown.
    const longer = tokenizer.decode(ids);
    output.stream(longer.slice(text.length));
    text = longer;
    await new Promise(setImmediate); // the text is seen as it comes, and Ctrl-C works
  }
  output.stream("\n");
  output.finish({ command: "generate", run: path, prompt, text, ids, seed });
  return 0;
}

function encode(tokenizer: Tokenizer, prompt: string): Int32Array {
  const encoded = tokenizer.encode(prompt);
  if (encoded.length > 0) return encoded;
  throw new Error(`must hold at least one token, got ${JSON.stringify(prompt)}`);
}

/** A new line, where a text begins; the first token where the vocabulary has none. */
function standardPrompt({ vocabulary, token }: Tokenizer): string {
  return vocabulary.includes("\n") ? "\n" : token(0);
}
