// `heed generate DIR`: continues a prompt with a trained model, token by token.
import { generate } from "../models/generate";
import type { SampleOptions } from "../models/sample";
import type { Build } from "../runtime/features";
import { rng } from "../tensor/rng";
import { openModel } from "./model-folder";
import { Output } from "./output";
import { UsageError } from "./usage";

export interface GenerateArguments extends SampleOptions {
  prompt?: string;
  maxTokens: number;
  seed: number;
  build: "auto" | Build;
  json?: string;
}

export async function generateCommand(path: string, given: GenerateArguments): Promise<number> {
  const output = new Output(given.json);
  const { model, tokenizer } = await openModel(path, given.build);
  const prompt = given.prompt ?? "\n";
  const start = encode(prompt);
  const { temperature, topK, topP, maxTokens, seed } = given;
  const options = {
    maxTokens,
    rng: rng(seed).fork("generate"),
    ...(temperature !== undefined && { temperature }),
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
  };
  output.stream(prompt);
  const ids: number[] = [];
  let shown = "";
  for (const id of generate(model, start, options)) {
    ids.push(id);
    const text = tokenizer.decode(ids);
    output.stream(text.slice(shown.length));
    shown = text;
    await new Promise(setImmediate); // the text is seen as it comes, and Ctrl-C works
  }
  output.stream("\n");
  output.finish({ command: "generate", run: path, prompt, text: shown, ids, seed });
  return 0;

  function encode(text: string): Int32Array {
    try {
      const encoded = tokenizer.encode(text);
      if (encoded.length > 0) return encoded;
    } catch (error) {
      throw new UsageError(`--prompt: ${error instanceof Error ? error.message : error}`);
    }
    throw new UsageError("--prompt: must hold at least one token, got an empty text");
  }
}
