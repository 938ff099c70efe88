// What a browser may deny a page: its storage, and its locks. The page goes on without.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isolate } from "../../src/web/isolation";
import { storageClaim } from "../../src/web/train/claim";

const left: (() => void)[] = [];

beforeEach(() => vi.stubGlobal("addEventListener", (_: "pagehide", leave: () => void) => left.push(leave)));

afterEach(() => {
  for (const leave of left.splice(0)) leave();
  vi.unstubAllGlobals();
});

const deny = () => {
  throw new DOMException("denied", "SecurityError");
};

test("a page that may not use its storage is shown as it is, not isolated", async () => {
  const register = vi.fn();
  vi.stubGlobal("crossOriginIsolated", false);
  vi.stubGlobal("navigator", { serviceWorker: { register } });
  vi.stubGlobal("sessionStorage", { getItem: deny });
  expect(await isolate()).toBe(false);
  expect(register).not.toHaveBeenCalled(); // it could not remember that it was loaded again, and would be for ever
});

test("a browser that gives out no locks has no other tab that keeps its run", async () => {
  vi.stubGlobal("navigator", { locks: { request: async () => deny() } });
  expect(await storageClaim().take()).toBe(true);
});

test("another tab keeps its run as long as it says so", async () => {
  const other = new BroadcastChannel("heed.training");
  other.onmessage = ({ data }) => {
    if (data === "whose?") other.postMessage("mine");
  };
  let free = false;
  const request = (_: string, { signal }: { readonly signal: AbortSignal }, held: () => Promise<void>) =>
    free ? held() : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  vi.stubGlobal("navigator", { locks: { request } });
  const claim = storageClaim();
  expect(await claim.take()).toBe(false);
  other.close();
  free = true;
  expect(await claim.take()).toBe(true);
});
