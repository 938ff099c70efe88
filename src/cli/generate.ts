// `heed generate FOLDER`: continues a prompt with a trained model, token by token.
import type { Tokenizer } from "../data/tokenizer";
import { generate } from "../models/generate";
import type { SampleOptions } from "../models/sample";
import type { Build } from "../runtime/features";
import { rng } from "../tensor/rng";
import { Output } from "../terminal/output";
import { at, messageOf, UsageError } from "../terminal/usage";
import { openModel } from "./model-folder";
import { StreamedText } from "./streamed-text";
import type { FileTokenizer } from "./tokenizer-file";

export interface GenerateArguments extends SampleOptions {
  prompt?: string;
  /** Whether the prompt is a message to a model that was trained for chat. */
  chat: boolean;
  maxTokens: number;
  seed: number;
  build?: "auto" | Build;
  threads: "auto" | number;
  json?: string;
}

export async function generateCommand(path: string, given: GenerateArguments): Promise<number> {
  const { maxTokens, seed, chat, build, threads, json, ...sampling } = given;
  const output = new Output(json);
  const opened = await openModel(path, { build, threads });
  const { model, tokenizer, stop } = opened;
  const prompt = given.prompt ?? standardPrompt(tokenizer);
  const start = chat
    ? await chatStart(tokenizer, prompt)
    : at("--prompt", () => encode(tokenizer, prompt), UsageError);
  if (opened.settings === undefined) expectRoom(start.length, model.config.context);
  const { prompt: _, ...options } = sampling;
  if (!chat) output.stream(prompt);
  const made = new StreamedText(tokenizer, start);
  const sampled = { ...options, maxTokens, ...(stop && { stop }), rng: rng(seed).fork("generate") };
  for (const id of generate(model, start, sampled)) {
    output.stream(made.add(id));
    await new Promise(setImmediate); // the text is seen as it comes, and Ctrl-C works
  }
  output.stream(`${made.end()}\n`);
  output.finish({ command: "generate", run: path, prompt, text: made.text, ids: made.ids, seed });
  return 0;
}

function encode(tokenizer: Tokenizer, prompt: string): Int32Array {
  const encoded = tokenizer.encode(prompt);
  if (encoded.length > 0) return encoded;
  throw new Error(`must hold at least one token, got ${JSON.stringify(prompt)}`);
}

/** @throws UsageError for a model without a chat template */
function chatStart(tokenizer: Tokenizer | FileTokenizer, message: string): Promise<Int32Array> {
  if (!("chat" in tokenizer))
    throw new UsageError(
      "--chat: needs a folder of Hugging Face's with a chat template, this is a run of heed train",
    );
  return tokenizer.chat(message).catch((error: unknown) => {
    throw new UsageError(`--chat: ${messageOf(error)}`, { cause: error });
  });
}

/** @throws UsageError for a prompt that a model would not see the beginning of */
function expectRoom(tokens: number, context: number): void {
  if (tokens <= context) return;
  throw new UsageError(
    `--prompt: must fit the model's ${context} positions, has ${tokens} tokens, ${tokens - context} too many; shorten it`,
  );
}

/** A new line, where a text begins; the first token where the vocabulary has none. Files may spell it in another way. */
function standardPrompt({ kind, vocabulary, token }: Tokenizer): string {
  return kind === "file" || vocabulary.includes("\n") ? "\n" : token(0);
}
