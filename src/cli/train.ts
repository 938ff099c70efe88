// `heed train`: from a text to a model, with everything on the way kept in a folder.
import { parameterCount } from "../nn/module";
import type { Build } from "../runtime/features";
import { info } from "../runtime/instance";
import { expectWritableFile } from "../terminal/files";
import { Output } from "../terminal/output";
import { at, UsageError } from "../terminal/usage";
import { commandLine } from "./command-line";
import { concludeRun } from "./conclude";
import type { Settings } from "./settings";
import { beginSession, resumeSession } from "./train-session";
import { takeSteps } from "./train-steps";

export interface TrainArguments extends Settings {
  out?: string;
  resume?: string;
  build: "auto" | Build;
  threads: "auto" | number;
  /** A file for the report, beside the one in the folder. */
  report?: string;
  json?: string;
}

/**
 * Returns the exit code.
 * @throws UsageError for a report that cannot be written: now, not after the work
 */
export async function trainCommand(given: TrainArguments): Promise<number> {
  const { out, resume, build, threads, report, json, ...asked } = given;
  if (report !== undefined) at("--report", () => expectWritableFile(report), UsageError);
  const output = new Output(json);
  const session =
    resume === undefined
      ? await beginSession(asked, { out, build, threads })
      : await resumeSession(resume, threads);
  const { folder, settings, corpus, model, optimizer } = session;
  const before = optimizer.steps;
  const count = (n: number) => n.toLocaleString("en");
  output.note(
    [
      `${model.kind} with ${count(parameterCount(model))} parameters`,
      `${corpus.name}: ${count(corpus.train.length)} tokens of ${corpus.tokenizer.vocabulary.length} kinds`,
      `${info().build} build`,
      folder.path + (before > 0 ? ` from step ${before}` : ""),
    ].join("; "),
  );
  const began = performance.now();
  const reached = await takeSteps(session);
  const seconds = (performance.now() - began) / 1000;
  if (reached < settings.steps) {
    const rest = commandLine("train", "--resume", folder.path, ...(report ? ["--report", report] : []));
    output.say(`stopped after step ${reached} of ${settings.steps}; go on with: ${rest}`);
    return 1;
  }
  const tokens = (reached - before) * settings.batch * settings.context;
  const timing = { seconds, tokensPerSecond: Math.round(tokens / seconds) };
  const result = concludeRun(session, timing, output, report);
  output.finish(result);
  return 0;
}
