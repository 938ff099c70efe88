// A service worker that gives every file the two headers under which a browser lets a page share memory between threads, for hosts that
// do not send them. It keeps nothing and asks for nothing by itself.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (new URL(event.request.url).origin !== location.origin) return;
  event.respondWith(
    fetch(event.request).then((response) => {
      const { status, statusText, headers, body } = response;
      if (status === 0) return response; // a redirect, which only the browser may look into
      const isolated = new Headers(headers);
      isolated.set("cross-origin-opener-policy", "same-origin");
      isolated.set("cross-origin-embedder-policy", "require-corp");
      return new Response(body, { status, statusText, headers: isolated });
    }),
  );
});
