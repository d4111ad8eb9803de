/**
 * One request to the Query Engine and its answer: retried within the deadline, bounded, and without
 * the signature at foreign origins.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import * as v from "valibot";
import type { Deadline } from "./deadline.ts";
import type { EngineText } from "./engine_text.ts";
import { parseExactly } from "./exact_json.ts";
import { request } from "./request.ts";
import { type GiveUpReason, isTransient, retry, retryAfterMs, Transient } from "./retry.ts";
import { QueryEngineError, type QueryEngineRemedy } from "../errors.ts";
import type { Log } from "../log.ts";
import { networkReason } from "../network_reason.ts";
import { describeUrl } from "../redact.ts";

/** An attempt may take this long: an engine that hangs must not use up the deadline. */
const ATTEMPT_MS = 30_000;

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
  /** The URL as messages show it. */
  place: string;
  /** What is sent; without it the request is a GET. */
  body?: string;
  /** The time there is. */
  deadline: Deadline;
  /** What is known of the query, should the deadline cut a request. */
  state?: string;
  /** The headers a URL may get. */
  headersFor(url: URL): Headers;
  /** Whether a redirect may lead there. */
  isTrusted(url: URL): boolean;
  /** Names the proxy that a request to a URL goes through. */
  proxyFor?(url: URL): string | undefined;
  /** Shows the engine's text. */
  text: EngineText;
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
  const { body, deadline, log, place } = options;
  if (deadline.at <= performance.now()) {
    throw deadline.tooLate(options.state ?? "no time is left");
  }
  // A request that the deadline cuts says less than what was known before.
  let { state } = options;
  return await retry(() => attempt(schema, { ...options, state }), {
    attempts: body === undefined ? Infinity : SUBMIT_TRIES,
    counts: ({ unbegun }) => !unbegun,
    deadline: deadline.at,
    signal: deadline.signal,
    onRetry({ message }, pauseMs) {
      state = message;
      log.warn(`${place}: ${message}; trying again in ${(pauseMs / 1000).toFixed(1)} s`);
    },
    giveUp: (fault, reason) => finalError(fault, reason, options),
  });
}

function finalError(
  { message, retryAfterMs = 0 }: Transient,
  reason: GiveUpReason,
  { deadline, place }: ExchangeOptions,
): QueryEngineError {
  if (reason === "time") return deadline.tooLate(message);
  const wait = reason === "pause"
    ? `; it asks to wait ${Math.ceil(retryAfterMs / 1000)} s, past the deadline`
    : "";
  return new QueryEngineError(`${place}: ${message}${wait}`);
}

async function attempt<T>(
  schema: v.GenericSchema<unknown, T>,
  options: ExchangeOptions,
): Promise<T> {
  const { deadline, state, text } = options;
  const left = deadline.at - performance.now();
  const timeout = AbortSignal.timeout(Math.max(0, Math.min(left, ATTEMPT_MS)));
  const { signal } = deadline;
  try {
    const response = await send(options, signal ? AbortSignal.any([signal, timeout]) : timeout);
    const answer = await readBounded(response);
    return parseAnswer(schema, answer, response, options);
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) {
      throw new Transient(left < ATTEMPT_MS && state ? state : "no answer came in time");
    }
    if (error instanceof QueryEngineError || error instanceof Transient) throw error;
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new Transient(text.show(`no answer: ${networkReason(error)}`) || "no answer");
  }
}

/** Sends the request; redirects are followed to trusted origins only. */
function send(
  { url, place, body, headersFor, isTrusted, proxyFor, text }: ExchangeOptions,
  signal: AbortSignal,
): Promise<Response> {
  return request(url, {
    body,
    signal,
    headersFor(url) {
      const headers = headersFor(url);
      headers.set("accept", "application/json");
      if (body !== undefined) headers.set("content-type", "application/json");
      return headers;
    },
    hostName: ({ hostname }) => hostname,
    proxyFor,
    redirects: MAX_REDIRECTS,
    onRedirect(next, status) {
      if (!isTrusted(next)) {
        throw new QueryEngineError(
          `The Query Engine redirects to another origin${text.show(next.origin, ", ")}, which ` +
            "may not see the signature",
          { remedy: "origin" },
        );
      }
      if (body !== undefined && status !== 307 && status !== 308) {
        throw new QueryEngineError(
          `The Query Engine answers a query with a redirect (${status})${
            text.show(describeUrl(next), " to ")
          }, which would lose the query`,
          { remedy: "url" },
        );
      }
    },
    tooManyRedirects: () =>
      new QueryEngineError(
        `${place}: the Query Engine redirected more than ${MAX_REDIRECTS} times`,
        {
          remedy: "url",
        },
      ),
  });
}

async function readBounded(response: Response): Promise<string> {
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
  return Buffer.concat(chunks).toString();
}

function parseAnswer<T>(
  schema: v.GenericSchema<unknown, T>,
  answer: string,
  { status, headers }: Response,
  { place, text }: ExchangeOptions,
): T {
  const value = parseExactly(answer);
  if (status < 200 || status > 299) {
    const message = `the Query Engine answered ${status}${text.detail(value)}`;
    if (isTransient(status)) {
      // A server that is too busy hasn't begun with the request.
      const unbegun = status === 429 || status === 503;
      throw new Transient(message, { retryAfterMs: retryAfterMs(headers), unbegun });
    }
    throw new QueryEngineError(`${place}: ${message}`, { remedy: remedyFor(status) });
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  if (status === 202) {
    throw new Transient("the Query Engine answered 202, without an answer yet", {
      retryAfterMs: retryAfterMs(headers),
    });
  }
  if (value === undefined) {
    const type = text.show(headers.get("content-type") ?? "no content type", " (", 60);
    throw new QueryEngineError(
      `${place} answered ${status} with ${answer.length} characters that aren't JSON${
        type && `${type})`
      }; expected a Query Engine's answer`,
      { remedy: "url" },
    );
  }
  const fields = result.issues.map((issue) => v.getDotPath(issue) ?? "the answer");
  throw new QueryEngineError(
    `${place} answered JSON of another shape than the Query Engine's: ${
      [...new Set(fields)].join(", ")
    } missing or of another type`,
    { remedy: "url" },
  );
}

function remedyFor(status: number): QueryEngineRemedy | undefined {
  if (status === 401 || status === 403) return "signature";
  if (status === 407) return "network";
  return status === 404 ? "url" : undefined;
}
