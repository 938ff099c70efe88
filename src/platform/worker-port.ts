// The inner end of a thread that `platform.startThread` began. Node's threads have a port, browsers' the global object.

interface Port {
  postMessage(message: unknown): void;
}

/** Hands the first message to `receive`, with the way to answer. */
export function onFirstMessage(
  receive: (message: unknown, answer: (message: unknown) => void) => void,
): void {
  // Not `import`: the same script runs in browsers, where Node's modules cannot even be named.
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (threads?.parentPort) {
    const { parentPort } = threads;
    parentPort.once("message", (message) => receive(message, (answer) => parentPort.postMessage(answer)));
    return;
  }
  const port = globalThis as unknown as Port; // what a browser's worker is
  addEventListener("message", ({ data }) => receive(data, (answer) => port.postMessage(answer)), {
    once: true,
  });
}
