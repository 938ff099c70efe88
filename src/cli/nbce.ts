// `heed nbce FOLDER`: answers a question in view of several texts, more of them together than the model can read at once.
import { type NbceToken, nbce } from "../nbce/decode";
import type { PoolName } from "../nbce/pooling";
import { nbcePrompts } from "../nbce/prompts";
import { readerOf } from "../nbce/reader";
import type { NbceOptions } from "../nbce/step";
import type { Build } from "../runtime/features";
import { rng } from "../tensor/rng";
import { readText } from "../terminal/files";
import { Output } from "../terminal/output";
import { at, UsageError } from "../terminal/usage";
import { openModel } from "./model-folder";
import { type Context, Prompts } from "./nbce-prompts";
import { speakerLetters, speakerStrip } from "./nbce-strip";
import { StreamedText } from "./streamed-text";

export interface NbceArguments extends NbceOptions {
  contexts: string[];
  question: string;
  template: string;
  split: boolean;
  pool: PoolName;
  maxTokens: number;
  temperature: number;
  seed: number;
  build?: "auto" | Build;
  threads: "auto" | number;
  json?: string;
}

export async function nbceCommand(path: string, given: NbceArguments): Promise<number> {
  const {
    contexts: files,
    question,
    template,
    split,
    maxTokens,
    seed,
    build,
    threads,
    json,
    ...options
  } = given;
  const output = new Output(json);
  const texts = files.map((file): Context => ({ name: file, text: readText(file) }));
  at("--template", () => nbcePrompts(template, [], question), UsageError);
  const { model, tokenizer, stop } = await openModel(path, { build, threads });
  const prompts = new Prompts({ tokenizer, template, question, room: model.config.context - maxTokens });
  const contexts = split ? texts.flatMap((context) => prompts.split(context)) : texts;
  const rows = [prompts.alone, ...contexts.map((context) => prompts.row(context))];
  const { source, oneByOne } = readerOf(model);
  if (oneByOne) output.note(oneByOne);
  const tokens: NbceToken[] = [];
  const made = new StreamedText(tokenizer, prompts.alone);
  for await (const token of nbce(source, rows, {
    ...options,
    ...{ maxTokens, stop },
    rng: rng(seed).fork("nbce"),
  })) {
    tokens.push(token);
    output.stream(made.add(token.id));
    await new Promise(setImmediate); // the text is seen as it comes, and Ctrl-C works
  }
  output.stream(`${made.end()}\n`);
  const names = contexts.map(({ name }) => name);
  output.say(speakerStrip(tokens, names));
  output.finish({
    ...{ command: "nbce", run: path, question, contexts: names, letters: speakerLetters(names.length) },
    ...{ ...options, maxTokens, seed, text: made.text },
    ids: made.ids,
    chosen: tokens.map(({ chosen }) => chosen ?? null),
    entropies: tokens.map(({ entropies }) => Array.from(entropies)),
    logProbabilities: tokens.map(({ logProbability }) => logProbability),
  });
  return 0;
}
