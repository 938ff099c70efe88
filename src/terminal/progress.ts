// Progress of anything that takes longer than a moment: a live bar on a terminal, a plain line every few seconds elsewhere.
import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  /** @param fields short texts to show beside the count, like { loss: "1.93" } */
  update(done: number, fields?: Readonly<Record<string, string>>): void;
  stop(): void;
}

const PLAIN_INTERVAL_MS = 5000;

export function startProgress(label: string, total: number, from = 0): Progress {
  return process.stderr.isTTY ? bar(label, total, from) : lines(label, total, from);
}

function bar(label: string, total: number, from: number): Progress {
  const single = new SingleBar(
    {
      format: `${label} {bar} {value}/{total}{fields} | ETA {eta_formatted}`,
      stream: process.stderr,
      hideCursor: true,
      barsize: 24,
      etaBuffer: 100,
      fps: 8,
    },
    Presets.shades_classic,
  );
  single.start(total, from, { fields: "" });
  return {
    update: (done, fields = {}) => single.update(done, { fields: show(fields) }),
    stop: () => single.stop(),
  };
}

function lines(label: string, total: number, from: number): Progress {
  const began = performance.now();
  let last = began;
  return {
    update(done, fields = {}) {
      const now = performance.now();
      // A last line stands only where it says more than that the work is done.
      const telling = done === total && Object.keys(fields).length > 0;
      if (now - last < PLAIN_INTERVAL_MS && !telling) return;
      last = now;
      const seconds = Math.round(((now - began) / Math.max(done - from, 1) / 1000) * (total - done));
      process.stderr.write(`${label} ${done}/${total}${show(fields)} | ETA ${seconds} s\n`);
    },
    stop() {},
  };
}

function show(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => ` | ${name} ${value}`)
    .join("");
}
