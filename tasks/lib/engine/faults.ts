/**
 * The ways in which the local engine can misbehave: for builders, to see what their job does then, and
 * for this project's own tests.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import type { Exchange } from "./wire.ts";

/** The three kinds of request. */
export const STAGES = ["submit", "poll", "download"] as const;

/** A kind of request. */
export type Stage = (typeof STAGES)[number];

/** How an answer is sent. Whatever isn't named is done right. */
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
  /** Wait after each character of the head, in milliseconds. */
  headPauseMs?: number;
  /** Sent behind the body. */
  extra?: string;
}

/** What a fault can use. */
export interface FaultTools {
  /** The stage of the request. */
  stage: Stage;
  /** The engine's own origin. */
  origin: string;
  /** Another origin, which has the results too. */
  otherOrigin: string;
  /** Sends a sound engine's answer, but for what the options say. */
  send(options: SendOptions): Promise<void>;
  /** Says of a query what is given here; for polls. */
  say(status: Record<string, unknown>): Promise<void>;
  /** The URL of the query's results; for polls. */
  resultsUrl(): string;
  /** Refuses connections from now on. */
  stopListening(): void;
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

/** A fault that shows most in a download, but can meet every stage. */
const ANY: readonly Stage[] = ["download", "submit", "poll"];

const HTML = "<!DOCTYPE html><html><body>Sign in</body></html>";

/** The statuses that `status-NNN` gives. */
const STATUSES: readonly number[] = [
  204,
  400,
  401,
  403,
  404,
  408,
  409,
  410,
  422,
  429,
  451,
  500,
  501,
  502,
  503,
  504,
];

const half = (length: number) => Math.floor(length / 2);

function answering(status: number, detail: unknown, headers: Record<string, string> = {}) {
  return (exchange: Exchange) => exchange.respondJson(status, { detail }, headers);
}

/** A fault that is a way to send a sound answer. */
function sending(
  description: string,
  options: SendOptions,
  more: { stages?: readonly Stage[]; times?: number } = {},
): FaultKind {
  return { description, stages: ANY, ...more, act: (_, { send }) => send(options) };
}

/** A fault of downloads: the first is cut in the middle, and the attempt to resume meets `options`. */
function resuming(description: string, options: SendOptions): FaultKind {
  return {
    description: `the first download is cut in the middle, and ${description}`,
    stages: ["download"],
    times: 2,
    act: (exchange, { send }) =>
      send(exchange.request.headers.has("range") ? options : { cutAt: half }),
  };
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
  ...Object.fromEntries(STATUSES.map((status): [string, FaultKind] => [`status-${status}`, {
    description: `always ${status}`,
    stages: STAGES,
    act: (exchange) => status === 204 ? exchange.head(204, {}) : exchange.respond(status, {}),
  }])),
  "reset": {
    description: "the connection closes before the answer",
    stages: STAGES,
    act: (exchange) => Promise.resolve(exchange.close()),
  },
  "reset-once": {
    description: "once, the connection closes before the answer",
    stages: STAGES,
    times: 1,
    act: (exchange) => Promise.resolve(exchange.close()),
  },
  "lost-answer": {
    description: "once, the request is done and the connection closes before the answer",
    stages: ["submit"],
    times: 1,
    act: (_, { send }) => send({ cutAt: () => 0 }),
  },
  "silent": {
    description: "the connection stays open and nothing comes",
    stages: STAGES,
    act: () => new Promise(() => {}),
  },
  "html": {
    description: "an HTML page with status 200",
    stages: ANY,
    act: (exchange) => exchange.respond(200, { "content-type": "text/html" }, HTML),
  },
  "empty": {
    description: "nothing, with status 200",
    stages: ANY,
    act: (exchange) => exchange.respond(200, { "content-type": "application/octet-stream" }),
  },
  "garbage": {
    description: "bytes that are nothing, with status 200",
    stages: ANY,
    act: (exchange) => exchange.respond(200, {}, new Uint8Array(8192).fill(0xa5)),
  },
  "other-database": {
    description: "a database without the table results",
    stages: ["download"],
    act: (exchange) => exchange.respond(200, {}, otherDatabase()),
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
  "gone": {
    description: "the query is taken, and the engine accepts no connection any more",
    stages: ["submit"],
    async act(exchange, { send, stopListening }) {
      await send({});
      exchange.close();
      stopListening();
    },
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
  "results-refused": {
    description: "nobody listens at the results URL",
    stages: ["poll"],
    act: (_, { say, resultsUrl, origin }) =>
      say({
        query_status: "success",
        // Port 9, discard: nothing listens there.
        query_results: resultsUrl().replace(origin, "http://127.0.0.1:9"),
      }),
  },
  "results-unresolvable": {
    description: "the results URL's host name doesn't exist",
    stages: ["poll"],
    act: (_, { say, resultsUrl, origin }) =>
      say({
        query_status: "success",
        query_results: resultsUrl().replace(origin, "https://results.invalid"),
      }),
  },
  "expired": {
    description: "once 403, as an expired pre-signed URL gives; a fresh one works",
    stages: ["download"],
    times: 1,
    act: (exchange) =>
      exchange.respond(403, { "content-type": "text/plain" }, "Request has expired"),
  },
  "cut": sending("the first answer is cut in the middle", { cutAt: half }, { times: 1 }),
  "cut-always": sending("every answer is cut in the middle, and no download can be resumed", {
    cutAt: half,
    noRanges: true,
  }),
  "cut-at-0": sending("the first answer is cut after its headers", { cutAt: () => 0 }, {
    times: 1,
  }),
  "cut-at-1": sending("the first answer is cut after one byte", { cutAt: () => 1 }, { times: 1 }),
  "cut-at-last": sending("the first answer is cut before its last byte", {
    cutAt: (length) => length - 1,
  }, { times: 1 }),
  "no-ranges": resuming("the server can't resume it", { noRanges: true }),
  "changed": resuming("the file has changed since", { changed: true }),
  "lying-range": resuming("resuming sends another range", { rangeOff: -1 }),
  "truncated": sending("half of the answer as if it were all", { share: 0.5 }),
  "stalled": sending("the first answer stops in the middle and the connection stays open", {
    cutAt: half,
    stall: true,
  }, { times: 1 }),
  "stalled-always": sending("every answer stops after its headers and the connection stays open", {
    cutAt: () => 0,
    stall: true,
  }),
  "slow-head": sending("the headers come a character every 100 ms", { headPauseMs: 100 }),
  "too-long": sending("the announced length is too large", { lengthOff: 20, noRanges: true }),
  "too-short": sending("the announced length is too small", { lengthOff: -20 }),
  "extra": sending("bytes behind the announced end", { extra: "<!-- served by a proxy -->" }),
  "chunked": sending("no announced length", { chunked: true }),
  "chunked-cut": sending("no announced length, and the first answer is cut", {
    chunked: true,
    cutAt: half,
  }, { times: 1 }),
  "chunked-truncated": sending("no announced length, and half of the answer as if it were all", {
    chunked: true,
    share: 0.5,
  }),
  "gzip": sending("compressed, though not asked for", { gzip: true }),
  "slow": sending("a piece of the answer every 100 ms", { pauseMs: 100 }),
};

/** A database with a table, but not the one that is wanted. */
function otherDatabase(): Uint8Array {
  const path = Deno.makeTempFileSync({ suffix: ".db" });
  try {
    {
      using db = new DatabaseSync(path);
      db.exec("CREATE TABLE something_else(a)");
    }
    return Deno.readFileSync(path);
  } finally {
    Deno.removeSync(path);
  }
}
