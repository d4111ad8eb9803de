/**
 * One request to the Query Engine and its answer: retried within the deadline, bounded, and without
 * the signature at strange origins.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import ky, { HTTPError, NetworkError, TimeoutError } from "ky";
import * as v from "valibot";
import type { Deadline } from "./deadline.ts";
import { parseHttpUrl, RETRY_STATUSES, retryAfterMs } from "./download.ts";
import { detailOf } from "./detail.ts";
import { messageOf, QueryEngineError } from "../errors.ts";
import type { Log } from "../log.ts";
import { unpooledClient } from "./http_client.ts";
import { networkReason } from "../network_reason.ts";
import { describeUrl, type Redact } from "../redact.ts";

const FIRST_RETRY_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;

/** One request may take this long before it is sent again: an engine that hangs must not eat the deadline. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Times a query is sent at most when the answer to it was lost. The engine may then run it more than
 * once. That is safe: a query only reads, each run has an id of its own, and only the last id's
 * results are used; but it costs the engine work, so it is bounded.
 */
const SUBMIT_TRIES = 4;

/** An answer longer than this is not the protocol's. */
const LONGEST_ANSWER_BYTES = 1024 * 1024;

const MAX_REDIRECTS = 3;

/** Options of {@linkcode exchange}. */
export interface ExchangeOptions {
  /** Where to. */
  url: URL;
  /** What is sent; without it the request is a GET. */
  body?: string;
  /** The time there is. */
  deadline: Deadline;
  /** What is known of the query, should the deadline come. */
  state?: string;
  /** The headers a URL may get. */
  headersFor(url: URL): Headers;
  /** Whether a redirect may lead there. */
  isTrusted(url: URL): boolean;
  /** Hides the query's secrets in a text. */
  redact: Redact;
  /** Where to log. */
  log: Log;
}

/**
 * Sends a request of the protocol until it is answered or can't be.
 *
 * @throws {QueryEngineError} It was refused, or no answer of the protocol came in time.
 * @throws The deadline's signal's reason, when stopped.
 */
export async function exchange<T>(
  schema: v.GenericSchema<unknown, T>,
  options: ExchangeOptions,
): Promise<T> {
  const { url, body, deadline, redact, log } = options;
  const place = describeUrl(url);
  const remaining = deadline.at - performance.now();
  if (remaining <= 0) throw deadline.tooLate("no time is left");
  let lost = 0;
  let last = options.state ?? "no answer came";
  try {
    const method = body === undefined ? "GET" : "POST";
    const response = await ky(new Request(url, { method, signal: deadline.signal }), {
      fetch: (input) => send(input as Request, options),
      timeout: REQUEST_TIMEOUT_MS,
      totalTimeout: remaining,
      retry: {
        limit: Number.MAX_SAFE_INTEGER,
        methods: ["get", "post"],
        statusCodes: [...RETRY_STATUSES],
        afterStatusCodes: [...RETRY_STATUSES],
        delay: (attempt) => FIRST_RETRY_MS * 2 ** attempt,
        backoffLimit: LONGEST_BACKOFF_MS,
        jitter: (delay) => delay * (0.5 + Math.random() / 2),
        retryOnTimeout: true,
        shouldRetry: ({ error }) => {
          last = reasonOf(error, redact);
          if (error instanceof QueryEngineError || error instanceof NotAllowed) return false;
          if (error instanceof HTTPError) {
            const wait = retryAfterMs(error.response.headers);
            if (wait !== undefined && performance.now() + wait >= deadline.at) return false;
          }
          if (body !== undefined && mayHaveArrived(error)) {
            lost++;
            if (lost >= SUBMIT_TRIES) return false;
          }
          return error instanceof LostAnswer ? true : undefined;
        },
      },
      hooks: {
        beforeRetry: [
          ({ retryCount }) =>
            log.warn(`The Query Engine: ${last}; trying again`, { retry: retryCount }),
        ],
      },
    });
    return parseAnswer(schema, await response.text(), response, place);
  } catch (error) {
    deadline.signal?.throwIfAborted();
    if (error instanceof QueryEngineError) throw error;
    if (error instanceof NotAllowed) throw error.cause;
    if (error instanceof TimeoutError && performance.now() >= deadline.at - 50) {
      throw deadline.tooLate(last);
    }
    if (error instanceof HTTPError) {
      const wait = retryAfterMs(error.response.headers);
      const hint = RETRY_STATUSES.includes(error.response.status) && wait !== undefined
        ? `; it asks to wait ${Math.ceil(wait / 1000)} s, past the deadline`
        : hintFor(error.response.status);
      throw new QueryEngineError(
        `${place}: the Query Engine ${reasonOf(error, redact)}${hint}`,
      );
    }
    throw new QueryEngineError(`${place}: ${reasonOf(error, redact)}`);
  }
}

/**
 * Sends one request and reads its whole answer, so that a cut or an endless one counts as a fault
 * of this request. Redirects are followed to trusted origins only.
 */
async function send(
  request: Request,
  { body, headersFor, isTrusted }: ExchangeOptions,
): Promise<Response> {
  let url = new URL(request.url);
  for (let redirects = 0;; redirects++) {
    const headers = headersFor(url);
    headers.set("accept", "application/json");
    if (body !== undefined) headers.set("content-type", "application/json");
    let response: Response;
    let bytes: BodyInit;
    try {
      const { method, signal } = request;
      response = await fetch(url, {
        method,
        body,
        headers,
        signal,
        redirect: "manual",
        client: unpooledClient(),
      });
      bytes = await readBounded(response);
    } catch (error) {
      if (error instanceof QueryEngineError) throw error;
      if (error instanceof Deno.errors.NotCapable) throw new NotAllowed(error);
      request.signal.throwIfAborted();
      throw new LostAnswer(error);
    }
    const { status } = response;
    const location = response.headers.get("location");
    if (status < 300 || status > 399 || location === null) {
      return new Response(status === 204 ? null : bytes, { status, headers: response.headers });
    }
    const next = parseHttpUrl(location, url);
    if (!isTrusted(next)) {
      throw new QueryEngineError(
        `The Query Engine redirects to another origin, ${next.origin}, which may not see the ` +
          "signature; set QUERY_ENGINE_URL to it, or name it in QUERY_ENGINE_TRUSTED_ORIGINS, if " +
          "you trust it",
      );
    }
    if (redirects === MAX_REDIRECTS) {
      throw new QueryEngineError(
        `The Query Engine redirected more than ${MAX_REDIRECTS} times; check QUERY_ENGINE_URL`,
      );
    }
    if (body !== undefined && status !== 307 && status !== 308) {
      throw new QueryEngineError(
        `The Query Engine answers a query with a redirect (${status}) to ${describeUrl(next)}; ` +
          "set QUERY_ENGINE_URL to where it is",
      );
    }
    url = next;
  }
}

/** No whole answer came. */
class LostAnswer extends Error {
  override readonly name = "LostAnswer";
  /** The connection was never made, so the engine can't have got the request. */
  readonly unsent: boolean;

  constructor(cause: unknown) {
    super(networkReason(cause));
    this.unsent = messageOf(cause).includes("client error (Connect)");
  }
}

/** The process may not use the network. */
class NotAllowed extends Error {
  override readonly name = "NotAllowed";

  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Whether a query that ended so may have reached the engine and be running there. */
function mayHaveArrived(error: Error): boolean {
  if (error instanceof LostAnswer) return !error.unsent;
  if (error instanceof TimeoutError || error instanceof NetworkError) return true;
  return error instanceof HTTPError && ![429, 503].includes(error.response.status);
}

async function readBounded(response: Response): Promise<BodyInit> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LONGEST_ANSWER_BYTES) {
      throw new QueryEngineError(
        `The Query Engine's answer is longer than ${LONGEST_ANSWER_BYTES} bytes; expected a short ` +
          "JSON object",
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseAnswer<T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
  response: Response,
  place: string,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const type = response.headers.get("content-type") ?? "no content type";
    throw new QueryEngineError(
      `${place} answered ${response.status} with ${text.length} characters that aren't JSON ` +
        `(${type.slice(0, 60)}); is QUERY_ENGINE_URL a Query Engine?`,
    );
  }
  const result = v.safeParse(schema, value);
  if (!result.success) {
    const fields = result.issues.map((issue) => v.getDotPath(issue) ?? "the answer");
    throw new QueryEngineError(
      `${place} answered JSON of another shape than the Query Engine's: ${
        [...new Set(fields)].join(", ")
      } missing or of another type; is QUERY_ENGINE_URL a Query Engine?`,
    );
  }
  return result.output;
}

/** Says what went wrong with a request, without anything secret. */
function reasonOf(error: unknown, redact: Redact): string {
  if (error instanceof HTTPError) {
    const detail = detailOf(error.data, redact);
    return `answered ${error.response.status}${detail === "" ? "" : `: ${detail}`}`;
  }
  if (error instanceof TimeoutError) return "gave no answer in time";
  return redact(`no answer: ${messageOf(error)}`);
}

function hintFor(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return "; QUERY_SIGNATURE must be the job owner's signature of exactly this QUERY";
    case 404:
      return "; is QUERY_ENGINE_URL right?";
    default:
      return "";
  }
}
