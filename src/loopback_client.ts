/**
 * Requests to this machine itself that no proxy sees.
 *
 * @module
 */

import { isLoopback } from "./loopback.ts";

/**
 * Makes a client for `fetch` that connects to this machine itself and to nothing else. Without it Deno
 * sends such a request to `HTTP_PROXY`, which could read it and answer it.
 *
 * @returns `undefined` if the URL doesn't lead to this machine: `fetch` is right as it is.
 */
export function loopbackClient(url: URL): Deno.HttpClient | undefined {
  if (!isLoopback(url)) return undefined;
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  // The server itself in the proxy's place: Deno 2.6 has no way to ask for none.
  return Deno.createHttpClient({ proxy: { transport: "tcp", hostname: url.hostname, port } });
}
