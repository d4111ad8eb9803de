/**
 * The ways in which the local engine can misbehave: for builders, to see what their job does then, and
 * for this project's own tests.
 *
 * @module
 */

import type { Exchange } from "./wire.ts";

/** The three kinds of request. */
export const STAGES = ["submit", "poll", "download"] as const;

/** A kind of request. */
export type Stage = (typeof STAGES)[number];

/** How the file of an answer is sent. Whatever isn't named is done right. */
export interface SendOptions {
  /** Close after so many bytes of the body; a function is given the body's length. */
  cutAt?(length: number): number;
  /** With {@linkcode SendOptions.cutAt}: keep the connection open instead, and say no more. */
  stall?: boolean;
  /** Added to the announced length. */
  lengthOff?: number;
  /** Added to both ends of the announced range. */
  rangeOff?: number;
  /** Announce no length. */
  chunked?: boolean;
  /** Compress. */
  gzip?: boolean;
  /** Ignore `Range`. */
  noRanges?: boolean;
  /** Another file from now on, and another ETag. */
  changed?: boolean;
  /** Only this share of the file, as if it were all. */
  share?: number;
  /** Wait before each piece of the body, in milliseconds. */
  pauseMs?: number;
}

/** What a fault can use. */
export interface FaultTools {
  /** The stage of the request. */
  stage: Stage;
  /** The engine's own origin. */
  origin: string;
  /** Another origin, which has the results too. */
  otherOrigin: string;
  /** Does what a sound engine would. */
  answer(): Promise<void>;
  /** Sends the results; for downloads. */
  send(options: SendOptions): Promise<void>;
  /** Says of a query what is given here; for polls. */
  say(status: Record<string, unknown>): Promise<void>;
  /** The URL of the query's results; for polls. */
  resultsUrl(): string;
}

/** A way to misbehave. */
export interface FaultKind {
  /** What it does, for `--help`. */
  description: string;
  /** The stages it can meet; the first is the one unless another is asked for. */
  stages: readonly Stage[];
  /**
   * How many requests of its stage it hits.
   *
   * @default Infinity
   */
  times?: number;
  /** Answers the request, or breaks it. */
  act(exchange: Exchange, tools: FaultTools): Promise<void>;
}

const ASKING: readonly Stage[] = ["submit", "poll"];
const HTML = "<!DOCTYPE html><html><body>Sign in</body></html>";

function answering(status: number, detail: unknown, headers: Record<string, string> = {}) {
  return (exchange: Exchange) => exchange.respondJson(status, { detail }, headers);
}

/** The faults by name. */
export const FAULTS: Readonly<Record<string, FaultKind>> = {
  "busy": {
    description: "twice 503 with Retry-After: 1, then well",
    stages: STAGES,
    times: 2,
    act: answering(503, "Too many queries, try again", { "retry-after": "1" }),
  },
  "busy-date": {
    description: "once 429 with a Retry-After date, then well",
    stages: STAGES,
    times: 1,
    act: (exchange) =>
      exchange.respondJson(429, { detail: "Slow down" }, {
        "retry-after": new Date(Date.now() + 2000).toUTCString(),
      }),
  },
  "busy-for-long": {
    description: "503 that asks to wait for an hour",
    stages: STAGES,
    act: answering(503, "Maintenance", { "retry-after": "3600" }),
  },
  "5xx": {
    description: "always 500",
    stages: STAGES,
    act: answering(500, "Internal error"),
  },
  "4xx": {
    description: "422 with a list of what is wrong",
    stages: STAGES,
    act: answering(422, [{ loc: ["body", "refiner_id"], msg: "Field required" }]),
  },
  "unauthorized": {
    description: "401, whatever the signature",
    stages: STAGES,
    act: answering(401, "Invalid signature"),
  },
  "unknown": {
    description: "404",
    stages: STAGES,
    act: answering(404, "Query not found"),
  },
  "reset": {
    description: "the connection closes before the answer",
    stages: STAGES,
    act: (exchange) => Promise.resolve(exchange.close()),
  },
  "reset-after-head": {
    description: "the connection closes after the answer's headers",
    stages: STAGES,
    async act(exchange) {
      await exchange.head(200, { "content-type": "application/json", "content-length": "1000" });
      exchange.close();
    },
  },
  "silent": {
    description: "the connection stays open and nothing comes",
    stages: STAGES,
    act: () => new Promise(() => {}),
  },
  "html": {
    description: "an HTML page with status 200",
    stages: ["download", ...ASKING],
    act: (exchange) => exchange.respond(200, { "content-type": "text/html" }, HTML),
  },
  "invalid-json": {
    description: "JSON that is cut off",
    stages: ASKING,
    act: (exchange) => exchange.respond(200, { "content-type": "application/json" }, '{"query_'),
  },
  "wrong-shape": {
    description: "JSON of another shape",
    stages: ASKING,
    act: (exchange) => exchange.respondJson(200, { hello: ["world"] }),
  },
  "huge-json": {
    description: "10 MB of JSON",
    stages: ASKING,
    act: (exchange) => exchange.respondJson(200, { query_id: "x".repeat(10_000_000) }),
  },
  "redirect-other-origin": {
    description: "a redirect to another origin",
    stages: STAGES,
    act: (exchange, { otherOrigin }) =>
      exchange.respond(307, { location: otherOrigin + exchange.request.target }),
  },
  "redirect-loop": {
    description: "a redirect to itself",
    stages: STAGES,
    act: (exchange, { origin }) =>
      exchange.respond(307, { location: origin + exchange.request.target }),
  },
  "failed": {
    description: "the query fails",
    stages: ["poll"],
    act: (_, { say }) => say({ query_status: "failed", detail: "The refiner is not available" }),
  },
  "pending": {
    description: "the query never ends",
    stages: ["poll"],
    act: (_, { say }) => say({ query_status: "processing" }),
  },
  "no-url": {
    description: "success without a results URL",
    stages: ["poll"],
    act: (_, { say }) => say({ query_status: "success", query_results: null }),
  },
  "other-origin": {
    description: "the results are at another origin (the signature must not go there)",
    stages: ["poll"],
    act: (_, { say, resultsUrl, origin, otherOrigin }) =>
      say({
        query_status: "success",
        query_results: resultsUrl().replace(origin, otherOrigin),
      }),
  },
  "file-url": {
    description: "the results URL is a file: URL",
    stages: ["poll"],
    act: (_, { say }) => say({ query_status: "success", query_results: "file:///etc/passwd" }),
  },
  "expired": {
    description: "once 403, as an expired pre-signed URL gives; a fresh one works",
    stages: ["download"],
    times: 1,
    act: (exchange) =>
      exchange.respond(403, { "content-type": "text/plain" }, "Request has expired"),
  },
  "expired-for-good": {
    description: "always 403",
    stages: ["download"],
    act: (exchange) =>
      exchange.respond(403, { "content-type": "text/plain" }, "Request has expired"),
  },
  "cut": {
    description: "the first download is cut in the middle; it can be resumed",
    stages: ["download"],
    times: 1,
    act: (_, { send }) => send({ cutAt: (length) => Math.floor(length / 2) }),
  },
  "cut-always": {
    description: "every download is cut in the middle, and none can be resumed",
    stages: ["download"],
    act: (_, { send }) => send({ cutAt: (length) => Math.floor(length / 2), noRanges: true }),
  },
  "cut-at-0": {
    description: "the first download is cut before its first byte",
    stages: ["download"],
    times: 1,
    act: (_, { send }) => send({ cutAt: () => 0 }),
  },
  "cut-at-1": {
    description: "the first download is cut after one byte",
    stages: ["download"],
    times: 1,
    act: (_, { send }) => send({ cutAt: () => 1 }),
  },
  "cut-at-last": {
    description: "the first download is cut before its last byte",
    stages: ["download"],
    times: 1,
    act: (_, { send }) => send({ cutAt: (length) => length - 1 }),
  },
  "no-ranges": {
    description: "the first download is cut, and the server can't resume it",
    stages: ["download"],
    times: 2,
    act: (exchange, { send }) =>
      exchange.request.headers.has("range")
        ? send({ noRanges: true })
        : send({ cutAt: (length) => Math.floor(length / 2) }),
  },
  "truncated": {
    description: "half of the file as if it were all",
    stages: ["download"],
    act: (_, { send }) => send({ share: 0.5 }),
  },
  "stalled": {
    description: "the first download stops in the middle and the connection stays open",
    stages: ["download"],
    times: 1,
    act: (_, { send }) => send({ cutAt: (length) => Math.floor(length / 2), stall: true }),
  },
  "stalled-always": {
    description: "every download stops before its first byte",
    stages: ["download"],
    act: (_, { send }) => send({ cutAt: () => 0, stall: true }),
  },
  "changed": {
    description: "the first download is cut, and the file has changed since",
    stages: ["download"],
    act: (exchange, { send }) =>
      exchange.request.headers.has("range")
        ? send({ changed: true })
        : send({ cutAt: (length) => Math.floor(length / 2) }),
  },
  "lying-range": {
    description: "the first download is cut, and resuming sends another range",
    stages: ["download"],
    times: 2,
    act: (exchange, { send }) =>
      exchange.request.headers.has("range")
        ? send({ rangeOff: -1 })
        : send({ cutAt: (length) => Math.floor(length / 2) }),
  },
  "too-long": {
    description: "the announced length is too large",
    stages: ["download"],
    act: (_, { send }) => send({ lengthOff: 100, noRanges: true }),
  },
  "too-short": {
    description: "the announced length is too small",
    stages: ["download"],
    act: (_, { send }) => send({ lengthOff: -100 }),
  },
  "chunked": {
    description: "no announced length",
    stages: ["download"],
    act: (_, { send }) => send({ chunked: true }),
  },
  "chunked-cut": {
    description: "no announced length, and the first download is cut",
    stages: ["download"],
    times: 1,
    act: (_, { send }) => send({ chunked: true, cutAt: (length) => Math.floor(length / 2) }),
  },
  "chunked-truncated": {
    description: "no announced length, and half of the file as if it were all",
    stages: ["download"],
    act: (_, { send }) => send({ chunked: true, share: 0.5 }),
  },
  "gzip": {
    description: "compressed, though not asked for",
    stages: ["download"],
    act: (_, { send }) => send({ gzip: true }),
  },
  "slow": {
    description: "the download takes its time: a piece every 100 ms",
    stages: ["download"],
    act: (_, { send }) => send({ pauseMs: 100 }),
  },
  "empty": {
    description: "an empty file",
    stages: ["download"],
    act: (exchange) => exchange.respond(200, { "content-type": "application/vnd.sqlite3" }),
  },
};
