// Both ends of the conversation with a worker, typed by what goes each way. Messages arrive in the order in which they were sent.

import { messageOf } from "../terminal/usage";

/** The page's end. */
export interface Engine<Command> {
  send(command: Command, transfer?: Transferable[]): void;
  /** Ends the worker at once, whatever it is doing. */
  close(): void;
}

/** The address of a file beside the page, in a worker: workers are named by the address of their page, wherever a bundler put the script. */
export function besidePage(file: string): URL {
  return new URL(file, self.name);
}

/**
 * @param worker made where its address stands as a literal: that is how the bundler finds it
 * @param onNews called for each message
 * @param onLost the worker cannot go on; why, in a sentence
 */
export function engine<Command, News>(
  worker: Worker,
  onNews: (news: News) => void,
  onLost: (reason: string) => void,
): Engine<Command> {
  worker.onmessage = ({ data }: MessageEvent<News>) => onNews(data);
  worker.onerror = (event) => {
    event.preventDefault();
    onLost(event.message || "its worker did not start");
  };
  return {
    send: (command, transfer = []) => worker.postMessage(command, transfer),
    close: () => worker.terminate(),
  };
}

/**
 * The worker's end: commands are answered one after the other, and what `obey` throws goes to `onError`.
 * @returns the way to tell news
 */
export function serve<Command, News>(
  obey: (command: Command) => void | Promise<void>,
  onError: (message: string, command: Command) => News,
): (news: News, transfer?: Transferable[]) => void {
  const tell = (news: News, transfer: Transferable[] = []) => postMessage(news, { transfer });
  let last: Promise<void> = Promise.resolve();
  addEventListener("message", ({ data }: MessageEvent<Command>) => {
    last = last.then(() => obey(data)).catch((error: unknown) => tell(onError(messageOf(error), data)));
  });
  return tell;
}

const { port1: turns, port2: turn } = new MessageChannel();
const waiting: (() => void)[] = [];
turns.onmessage = () => waiting.shift()?.();

/** Lets messages in. A timer would do so no sooner than after four milliseconds. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    turn.postMessage(undefined);
  });
}
