// What vite.config.ts makes when it builds: the digest of each experiment's program, by its name.
declare module "virtual:experiment-digests" {
  export const digests: Readonly<Record<string, string>>;
}
