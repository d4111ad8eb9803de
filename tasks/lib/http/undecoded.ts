/**
 * Gets a file's own bytes where `fetch` decodes them: it undoes `Content-Encoding: gzip` and hides that it
 * did, which changes a `.tar.gz` file's SHA-256.
 *
 * @module
 */

import { once } from "node:events";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { proxyFor } from "../../../src/host/proxy.ts";
import type { Answer } from "./http.ts";
import { TlsBridge } from "./tls_bridge.ts";

const HEADERS_TIMEOUT_MS = 30_000;

/**
 * Gets the file of an answer again, from an address that was checked for it, without decoding it.
 *
 * @returns `undefined` if the server sends it without such an encoding, or can't be asked in this way:
 * Node's client uses no proxy.
 */
export async function getUndecoded(
  { url, shown, sent, addresses }: Answer,
): Promise<Answer | undefined> {
  if (proxyFor(url, (name) => Deno.env.get(name)) !== undefined) return undefined;
  // Google's storage decodes for clients that don't accept gzip.
  const headers = { ...sent, "Accept-Encoding": "gzip" };
  using bridge = bridgeTo(url, addresses);
  const place = bridge === undefined
    ? url
    : new URL(`${bridge.origin}${url.pathname}${url.search}`);
  const send = place.protocol === "http:" ? requestHttp : requestHttps;
  const request = send(place, { headers: { ...headers, Host: url.host } });
  request.on("error", () => {});
  try {
    const signal = AbortSignal.timeout(HEADERS_TIMEOUT_MS);
    const message: IncomingMessage = (await once(request.end(), "response", { signal }))[0];
    const length = message.headers["content-length"];
    if (message.statusCode === 200 && /gzip/i.test(message.headers["content-encoding"] ?? "")) {
      const response = new Response(Readable.toWeb(message) as ReadableStream<Uint8Array>, {
        headers: length === undefined ? {} : { "content-length": length },
      });
      return { url, shown, sent: headers, addresses, response };
    }
  } catch {
    // The caller goes on with what it has.
  }
  request.destroy();
  return undefined;
}

/** Node's client resolves the name again, and it could lead elsewhere by then. */
function bridgeTo(url: URL, [address]: string[]): TlsBridge | undefined {
  if (address === undefined || url.protocol !== "https:") return undefined;
  return new TlsBridge(url, address);
}
