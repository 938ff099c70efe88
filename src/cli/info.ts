// `heed info`: what runs on this host, and why.
import { type Build, info, init } from "../index";
import { Output } from "../terminal/output";
import { VERSION } from "../terminal/version";

export async function infoCommand({
  build,
  threads,
  json,
}: {
  build: "auto" | Build;
  threads: "auto" | number;
  json?: string;
}): Promise<number> {
  const output = new Output(json);
  await init({ build, threads });
  const { host, features, ...runs } = info();
  const yes = (has: boolean) => (has ? "yes" : "no");
  output.say(
    [
      `heed     ${VERSION}`,
      `host     ${host}`,
      `build    ${runs.build} (${runs.whyBuild})`,
      `threads  ${runs.threads} (${runs.whyThreads})`,
      `SIMD     ${yes(features.simd)}, relaxed ${yes(features.relaxedSimd)}, shared memory ${yes(features.sharedMemory)}`,
    ].join("\n"),
  );
  output.finish({ command: "info", version: VERSION, ...info() });
  return 0;
}
