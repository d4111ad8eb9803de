/**
 * One request to a Compute Engine and its answer: bounded in time and length, and without the job's
 * signature at other origins.
 *
 * @module
 */

import { QueryEngineError } from "../../../src/errors.ts";
import { networkReason } from "../../../src/network_reason.ts";
import { type Connect, request } from "../../../src/query_engine/request.ts";
import { isTransient, Transient } from "../../../src/query_engine/retry.ts";
import { EngineRefusalError, EngineUnreachableError } from "./errors.ts";
import type { JobText } from "./job_text.ts";

/** The header that proves who asks: the job owner's signature of the job's id. */
export const SIGNATURE_HEADER = "x-job-id-signature";

/** An answer that is longer is none of a Compute Engine. */
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 3;

/** A Compute Engine, and who asks it. */
export interface EngineAccess {
  /** The engine's URL, with a slash at its end. */
  base: URL;
  /** The job owner's signature of the job's id. */
  signature: string;
  /** Makes the client of each request, redirects included; throws if it may not be made. */
  connect: Connect;
  /** Shows the engine's text. */
  text: JobText;
}

/** A request to a Compute Engine. */
export interface EngineRequest {
  /** The path below the engine's URL. */
  path: string;
  /** What is posted; without it the request is a GET. */
  body?: unknown;
  /** How long it may take, in milliseconds. */
  timeoutMs: number;
}

/** The headers that a URL may get: the signature goes to the engine's own origin only. */
export function headersFor({ base, signature }: EngineAccess, url: URL): Headers {
  return new Headers(url.origin === base.origin ? { [SIGNATURE_HEADER]: signature } : {});
}

/**
 * Asks a Compute Engine once.
 *
 * @returns What it says, parsed as JSON; `undefined` if it isn't that.
 * @throws {EngineRefusalError} It refuses.
 * @throws {EngineUnreachableError} There is no answer, or none yet.
 */
export async function exchange(
  access: EngineAccess,
  { path, body, timeoutMs }: EngineRequest,
): Promise<unknown> {
  const it = `The Compute Engine ${access.base.origin}`;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await open(access, { path, body, signal: timeout });
    const value = parse(await readBounded(response, it));
    if (response.ok) return value;
    throw refusalOf(response, it + ` answered ${response.status}${access.text.detail(value)}`);
  } catch (error) {
    if (timeout.aborted) {
      throw new EngineUnreachableError(`${it} didn't answer within ${timeoutMs / 1000} s`);
    }
    throw explain(error, it, access.text);
  }
}

/**
 * Sends a request; it is redirected within the engine's own origin only.
 *
 * @returns The answer, its body unread.
 */
export function open(
  access: EngineAccess,
  { path, body, signal }: { path: string; body?: unknown; signal: AbortSignal },
): Promise<Response> {
  const { base, connect } = access;
  return request(new URL(path, base), {
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    connect,
    headersFor(url) {
      const headers = headersFor(access, url);
      headers.set("accept", "application/json, text/plain");
      if (body !== undefined) headers.set("content-type", "application/json");
      return headers;
    },
    hostName: ({ host }) => host,
    redirects: MAX_REDIRECTS,
    onRedirect(next) {
      if (next.origin === base.origin) return;
      throw new QueryEngineError(
        `The Compute Engine ${base.origin} redirects to another origin${
          access.text.show(next.origin, ", ")
        }, which may not see the signature`,
      );
    },
    tooManyRedirects: () =>
      new QueryEngineError(
        `The Compute Engine ${base.origin} redirected more than ${MAX_REDIRECTS} times`,
      ),
  });
}

/** Says what an error of a request means. */
export function explain(error: unknown, it: string, text: JobText): unknown {
  if (error instanceof Transient) {
    const { unbegun } = error;
    return new EngineUnreachableError(`${it} gave ${text.show(error.message)}`, { unbegun });
  }
  // What `request` says is final for a job in a TEE, whose engine may be another one tomorrow.
  if (error instanceof QueryEngineError) {
    return new EngineUnreachableError(error.message, { unbegun: true });
  }
  if (error instanceof TypeError) {
    return new EngineUnreachableError(`${it} broke off: ${text.show(networkReason(error))}`);
  }
  return error;
}

function refusalOf({ status }: Response, message: string): Error {
  return isTransient(status)
    ? new EngineUnreachableError(message, { unbegun: status === 429 || status === 503 })
    : new EngineRefusalError(message, status);
}

async function readBounded({ body }: Response, it: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_ANSWER_BYTES) {
      throw new EngineUnreachableError(
        `${it} answered more than ${LONGEST_ANSWER_BYTES} bytes; expected a short JSON object`,
      );
    }
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
