// Threads need a cross-origin isolated page. Where the host does not send the headers, a service worker of ours (public/isolate.js) does,
// from the second load on.

const TRIED = "heed.isolation";
/** Some browsers that refuse never say so. */
export const PATIENCE_MS = 1500;

/** Whether the page is about to be loaded again, isolated. Never throws: without isolation heed computes on one thread. */
export async function isolate(): Promise<boolean> {
  if (crossOriginIsolated || !("serviceWorker" in navigator)) return false;
  try {
    if (sessionStorage.getItem(TRIED)) return false;
    sessionStorage.setItem(TRIED, "yes"); // once: a browser that refuses would go round for ever
    const ready = navigator.serviceWorker.register("./isolate.js").then(() => navigator.serviceWorker.ready);
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    if (!(await Promise.race([ready, patience]))) return false;
  } catch {
    return false; // a private window, a page that is no secure context, or one that may store nothing
  }
  location.reload();
  return true;
}

/** Whether threads can start. WebKit on Linux isolates a page and shares no memory all the same. */
export function sharesMemory(): boolean {
  return crossOriginIsolated && typeof SharedArrayBuffer !== "undefined";
}

/** What the page says about threads. */
export function isolationNote(): string {
  if (sharesMemory()) return "";
  const why = crossOriginIsolated
    ? "this browser shares no memory"
    : "this page is not cross-origin isolated, so memory cannot be shared";
  return `One thread: ${why}. Results are the same, slower.`;
}
