// A static host for build/web, with or without the headers of cross-origin isolation.
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const SITE = fileURLToPath(new URL("../build/web", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

export interface Site {
  readonly address: string;
  close(): void;
}

export async function serveSite({ isolated }: { readonly isolated: boolean }): Promise<Site> {
  const headers = isolated
    ? { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }
    : {};
  const server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://site").pathname);
    if (path === "/index.html") return response.writeHead(308, { location: "/" }).end(); // as some hosts do
    const file = join(SITE, path.endsWith("/") ? `${path}index.html` : path);
    try {
      const content = await readFile(file);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, ...headers }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${portOf(server)}/`, close: () => server.close() };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("serve: the server has no port");
  return address.port;
}
