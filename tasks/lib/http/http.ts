/**
 * Gets documents and files over HTTP from servers that may be slow, wrong or hostile.
 *
 * @module
 */

import ky, { HTTPError } from "ky";
import { messageOf } from "../../../src/errors.ts";
import { isLoopback } from "../../../src/loopback.ts";
import { networkReason } from "../../../src/network_reason.ts";
import { ToolError } from "../errors.ts";
import { PinnedClient } from "./pinned_client.ts";
import type { AddressGuard } from "./reach.ts";

const MOST_REDIRECTS = 5;
/** Until the headers are there. */
const HEADERS_TIMEOUT_MS = 30_000;
/** A body with no byte for this long has stalled. */
const STALL_MS = 30_000;
/** A body may take this long, and as long as its limit takes at the slowest speed: bytes can trickle for ever. */
const PATIENCE_MS = 60_000;
const SLOWEST_BYTES_PER_MS = 64;
const RETRIES = 3;
/** Statuses of a server that may answer later. */
const RETRIED = [408, 429, 500, 502, 503, 504];
const LONGEST_RETRY_AFTER_MS = 10_000;

/** Options of {@linkcode get}. */
export interface GetOptions {
  /** Headers; `Authorization` isn't sent on to another origin. */
  headers?: Record<string, string>;
  /** Admit `http:` where it leads to this machine itself; elsewhere it is `https:` always. */
  allowHttp: boolean;
  /** Checks every address that the request goes to: `new AddressGuard("public")`, for example. */
  guard: AddressGuard;
}

/** An answer, and where it came from in the end. */
export interface Answer {
  /** The URL after redirects. */
  url: URL;
  /** The URL without its query, which may be a credential. */
  shown: string;
  /** The headers that were sent to this URL. */
  sent: Record<string, string>;
  /** The checked addresses, one of which it came from; none where the name wasn't resolved here. */
  addresses: string[];
  /** The answer; its body stalls at most 30 seconds. */
  response: Response;
}

/**
 * Gets a URL, following a few redirects. A server that says it is busy is asked again a few times; its
 * last answer is returned.
 *
 * Every address of every host on the way is checked, and the connection goes to an address that was checked.
 * Where the environment sets a proxy, the proxy resolves names itself: what they resolve to here is checked,
 * and a name that doesn't resolve here is left to the proxy.
 *
 * @throws {ToolError} The URL, or one it redirects to, is not https, or leads to an address that it may not
 * reach; the server can't be reached; there are too many redirects.
 */
export async function get(
  url: URL,
  { headers = {}, allowHttp, guard }: GetOptions,
): Promise<Answer> {
  const { origin } = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const shown = `${url.origin}${url.pathname}`;
    if (url.protocol !== "https:" && !(allowHttp && url.protocol === "http:" && isLoopback(url))) {
      throw new ToolError(`${shown} is not https, so what it sends can't be trusted`);
    }
    const { Authorization: _, ...forOthers } = headers;
    const sent = url.origin === origin ? headers : forOthers;
    const addresses = await guard.check(url);
    const response = await request(url, sent, { shown, addresses });
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      return { url, shown, sent, addresses, response };
    }
    await response.body?.cancel();
    if (!URL.canParse(location, url)) throw new ToolError(`${shown} redirects to no valid URL`);
    url = new URL(location, url);
  }
  throw new ToolError(`${origin} redirects more than ${MOST_REDIRECTS} times`);
}

async function request(
  url: URL,
  headers: Record<string, string>,
  { shown, addresses }: { shown: string; addresses: string[] },
): Promise<Response> {
  using pinned = pin(url, addresses);
  try {
    const headersOf = { ...headers, "Accept-Encoding": "identity" };
    return await ky(new Request(url, { headers: headersOf, redirect: "manual" }), {
      // Only what ky throws is retried.
      throwHttpErrors: (status) => RETRIED.includes(status),
      fetch: (input, init) => fetch(input, { ...init, client: pinned?.client }),
      timeout: HEADERS_TIMEOUT_MS,
      retry: { limit: RETRIES, statusCodes: RETRIED, maxRetryAfter: LONGEST_RETRY_AFTER_MS },
    });
  } catch (error) {
    if (error instanceof HTTPError) return lastAnswer(error);
    // fetch's own messages hold the whole URL.
    throw new ToolError(`${shown} can't be reached: ${pinned?.failure ?? networkReason(error)}`);
  }
}

/** A client for checked addresses; none where `fetch` may resolve the name itself. */
function pin(url: URL, addresses: string[]): PinnedClient | undefined {
  if (isLoopback(url) || addresses.length === 0) return undefined;
  return new PinnedClient(addresses, Number(url.port) || 443);
}

/** The answer that ended the retries; ky has read its body. */
function lastAnswer({ response: { status, headers }, data }: HTTPError): Response {
  return new Response(typeof data === "string" ? data : JSON.stringify(data), {
    status,
    headers: { "content-type": headers.get("content-type") ?? "" },
  });
}

/**
 * The body of an answer, cut off where it goes over a limit, stalls, or takes too long for the limit.
 *
 * @throws {ToolError} In the stream.
 */
export function readBody(
  { response, shown }: Answer,
  limit: number,
): ReadableStream<Uint8Array> {
  async function* read(): AsyncGenerator<Uint8Array> {
    const announced = Number(response.headers.get("content-length") ?? 0);
    const reader = response.body?.getReader();
    const patience = PATIENCE_MS + limit / SLOWEST_BYTES_PER_MS;
    const deadline = performance.now() + patience;
    let bytes = 0;
    try {
      if (announced > limit) throw tooLarge(shown, limit);
      while (reader !== undefined) {
        const { done, value } = await orStall(reader.read(), shown);
        if (done) break;
        bytes += value.length;
        if (bytes > limit) throw tooLarge(shown, limit);
        if (performance.now() > deadline) {
          throw new ToolError(
            `${shown} sent ${bytes} bytes in ${Math.round(patience / 60_000)} min, and no end came`,
          );
        }
        yield value;
      }
    } finally {
      await reader?.cancel().catch(() => {});
    }
    if (announced > 0 && bytes < announced) {
      throw new ToolError(`${shown} sent ${bytes} of ${announced} bytes; try again`);
    }
  }
  return ReadableStream.from(read());
}

async function orStall<T>(step: Promise<T>, shown: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stall = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ToolError(`${shown} sent nothing for ${STALL_MS / 1000} s; try again`)),
      STALL_MS,
    );
  });
  try {
    return await Promise.race([step, stall]);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`The connection to ${shown} broke: ${messageOf(error)}; try again`);
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(shown: string, limit: number): ToolError {
  return new ToolError(`${shown} sends more than ${limit} bytes, the limit`);
}
