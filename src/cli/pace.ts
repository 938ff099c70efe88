// Tokens per second of late: over the last half second or more.
const WINDOW_MS = 500;

export class PaceMeter {
  tokensPerSecond = 0;
  #since = performance.now();
  #tokens = 0;

  /** Counts from now on: after a pause. */
  start(): void {
    this.#since = performance.now();
    this.#tokens = 0;
  }

  add(tokens: number): void {
    this.#tokens += tokens;
    const elapsed = performance.now() - this.#since;
    if (elapsed >= WINDOW_MS || this.tokensPerSecond === 0)
      this.tokensPerSecond = (this.#tokens * 1000) / elapsed;
    if (elapsed >= WINDOW_MS) this.start();
  }
}
