// `heed info`: what runs on this host, and why.
import { type Build, info, init } from "../index";
import { Output } from "./output";
import { VERSION } from "./version";

export async function infoCommand({
  build,
  json,
}: {
  build: "auto" | Build;
  json?: string;
}): Promise<number> {
  const output = new Output(json);
  await init({ build });
  const { host, reason, features } = info();
  const yes = (has: boolean) => (has ? "yes" : "no");
  output.say(
    [
      `heed     ${VERSION}`,
      `host     ${host}`,
      `build    ${reason}`,
      `SIMD     ${yes(features.simd)}, relaxed ${yes(features.relaxedSimd)}, shared memory ${yes(features.sharedMemory)}`,
    ].join("\n"),
  );
  output.finish({ command: "info", version: VERSION, ...info() });
  return 0;
}
