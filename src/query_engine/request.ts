/**
 * One request: redirects followed by hand, so that the signature goes no further than it may, and
 * failures sorted into those that may pass and those that won't.
 *
 * @module
 */

import { messageOf, QueryEngineError } from "../errors.ts";
import { networkReason } from "../network_reason.ts";
import { Transient } from "./retry.ts";
import { basicAuthorization, parseHttpUrl, redirectOf, withoutCredentials } from "./urls.ts";

/** A resolver that is out for a moment is asked so often. */
const RESOLVE_TRIES = 3;

/** What only a proxy makes fail. */
const PROXY_FAULT = /proxy|tunnel/i;

/** A client of `fetch`, for one request. */
export interface RequestClient extends Disposable {
  /** What `fetch` takes. */
  client: Deno.HttpClient;
}

/** Makes the client for a request to a URL. */
export type Connect = (url: URL) => Promise<RequestClient>;

/** Makes a client without a pool, for any URL: no connection outlives its answer. */
export function connect(): Promise<RequestClient> {
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  return Promise.resolve({ client, [Symbol.dispose]: () => client.close() });
}

/** Options of {@linkcode request}. */
export interface RequestOptions {
  /** What is sent; without it the request is a GET. */
  body?: string;
  /** The headers a URL may get. */
  headersFor(url: URL): Headers;
  /** What messages call a URL's host. */
  hostName(url: URL): string;
  /** Names the proxy that a request to a URL goes through. */
  proxyFor?(url: URL): string | undefined;
  /**
   * Makes the client of each request, redirects included; throws if it may not be made.
   *
   * @default {@linkcode connect}
   */
  connect?: Connect;
  /** The most redirects that are followed. */
  redirects: number;
  /** Called before each redirect is followed; throws if it may not be. */
  onRedirect?(next: URL, status: number): void;
  /** Makes the error for a redirect too many. */
  tooManyRedirects(): Error;
  /** Stops the request. */
  signal: AbortSignal;
}

/**
 * Sends a request and follows its redirects. Credentials in a URL become Basic authorization for its
 * origin.
 *
 * @returns The answer, its body unread.
 * @throws {Transient} No answer came, but another attempt may bring one.
 * @throws {QueryEngineError} No answer can come, or a redirect leads to no http or https URL.
 * @throws The signal's reason, when stopped.
 */
export async function request(url: URL, options: RequestOptions): Promise<Response> {
  const { body, headersFor, redirects, onRedirect, signal } = options;
  const authorizations = new Map<string, string>();
  for (let followed = 0;; followed++) {
    const own = basicAuthorization(url);
    if (own !== undefined) authorizations.set(url.origin, own);
    url = withoutCredentials(url);
    const headers = headersFor(url);
    const authorization = authorizations.get(url.origin);
    if (authorization !== undefined) headers.set("authorization", authorization);
    const method = body === undefined ? "GET" : "POST";
    let response: Response;
    using made = await (options.connect ?? connect)(url);
    const { client } = made;
    try {
      response = await fetch(url, { method, body, headers, signal, redirect: "manual", client });
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, options.hostName(url), options.proxyFor?.(url));
    }
    const location = redirectOf(response);
    if (location === undefined) return response;
    await response.body?.cancel().catch(() => {});
    const next = parseHttpUrl(location, url, "redirect");
    onRedirect?.(next, response.status);
    if (followed === redirects) throw options.tooManyRedirects();
    url = next;
  }
}

/** Sorts what `fetch` throws. */
function failureOf(error: unknown, host: string, proxy?: string): Error {
  if (error instanceof Deno.errors.NotCapable) return error;
  const reason = networkReason(error);
  if (/invalid peer certificate|received (corrupt message|fatal alert)/.test(reason)) {
    return new QueryEngineError(`No secure connection to ${host}: ${reason}`, {
      remedy: "certificate",
    });
  }
  const unconnected = messageOf(error).includes("client error (Connect)");
  if (PROXY_FAULT.test(reason) || (unconnected && proxy !== undefined)) {
    const way = proxy === undefined ? "a proxy" : `the proxy ${proxy}`;
    return new QueryEngineError(`${host} can't be reached through ${way}: ${reason}`, {
      remedy: "network",
    });
  }
  const unresolved = reason.startsWith("dns error");
  if (unresolved && !/temporary|try again/i.test(reason)) {
    return new QueryEngineError(`The host name ${host} can't be resolved: ${reason}`, {
      remedy: "network",
    });
  }
  return new Transient(`no answer: ${reason}`, {
    // Where no connection was made, the server can't have got the request.
    unbegun: unconnected,
    limit: unresolved ? RESOLVE_TRIES : undefined,
  });
}
