/**
 * The HTTP client for what comes from the Query Engine.
 *
 * @module
 */

let client: Deno.HttpClient | undefined;

/**
 * An HTTP client that closes each connection after its answer. A connection kept open would still be
 * open when a job runs, and a job can write to any descriptor of its process; `fetch`'s own client
 * can't be closed.
 */
export function unpooledClient(): Deno.HttpClient {
  return client ??= Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
}
