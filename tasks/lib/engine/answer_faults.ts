/**
 * Faults in what an answer says: statuses, bodies that aren't what they should be, wrong news of a
 * query, and places it leads to.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { TemporaryFolder } from "../temporary_folder.ts";
import { ANY, ASKING, type Evidence, type FaultKind, STAGES } from "./fault.ts";
import type { Exchange } from "./wire.ts";

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
  520,
];

function answering(status: number, detail: unknown, headers: Record<string, string> = {}) {
  return {
    act: (exchange: Exchange) => exchange.respondJson(status, { detail }, headers),
    shows: ({ sent }: Evidence) =>
      sent.status === status &&
      Object.entries(headers).every(([name, value]) => sent.headers.get(name) === value),
  };
}

/** A fault that is a body with status 200. */
function body(
  headers: Record<string, string>,
  make: () => string | Uint8Array,
  shows: (text: string, evidence: Evidence) => boolean,
): Pick<FaultKind, "act" | "shows"> {
  return {
    act: (exchange) => exchange.respond(200, headers, make()),
    shows: (evidence) => evidence.sent.status === 200 && shows(evidence.text, evidence),
  };
}

/** A fault that is said of a query. */
function saying(
  description: string,
  status: (tools: Parameters<FaultKind["act"]>[1]) => Record<string, unknown>,
  shows: (said: Record<string, unknown>, ownHost: string) => boolean,
): FaultKind {
  return {
    description,
    stages: ["poll"],
    act: (_, tools) => tools.say(status(tools)),
    shows: ({ text, request }) => shows(parse(text), request.headers.get("host") ?? ""),
  };
}

/** A fault that is a results URL which leads elsewhere. */
function leadingTo(
  description: string,
  url: (tools: Parameters<FaultKind["act"]>[1]) => string | null,
): FaultKind {
  return saying(
    description,
    (tools) => ({ query_status: "success", query_results: url(tools) }),
    ({ query_status, query_results }, ownHost) =>
      query_status === "success" && new URL(String(query_results)).host !== ownHost,
  );
}

/** The faults by name. */
export const ANSWER_FAULTS: Readonly<Record<string, FaultKind>> = {
  "busy": {
    description: "twice 503 with Retry-After: 1, then well",
    stages: STAGES,
    times: 2,
    ...answering(503, "Too many queries, try again", { "retry-after": "1" }),
  },
  "busy-date": {
    description: "once 429 with a Retry-After date, then well",
    stages: STAGES,
    times: 1,
    act: (exchange) =>
      exchange.respondJson(429, { detail: "Slow down" }, {
        "retry-after": new Date(Date.now() + 2000).toUTCString(),
      }),
    shows: ({ sent }) => sent.status === 429 && / GMT$/.test(sent.headers.get("retry-after") ?? ""),
  },
  "busy-for-long": {
    description: "503 that asks to wait for an hour",
    stages: STAGES,
    ...answering(503, "Maintenance", { "retry-after": "3600" }),
  },
  "5xx": {
    description: "always 500",
    stages: STAGES,
    ...answering(500, "Internal error"),
  },
  "4xx": {
    description: "422 with a list of what is wrong",
    stages: STAGES,
    ...answering(422, [{ loc: ["body", "refiner_id"], msg: "Field required" }]),
  },
  ...Object.fromEntries(STATUSES.map((status): [string, FaultKind] => [`status-${status}`, {
    description: `always ${status}`,
    stages: STAGES,
    act: (exchange) => status === 204 ? exchange.head(204, {}) : exchange.respond(status, {}),
    shows: ({ sent }) => sent.status === status,
  }])),
  "html": {
    description: "an HTML page with status 200",
    stages: ANY,
    ...body({ "content-type": "text/html" }, () => HTML, (text) => text === HTML),
  },
  "empty": {
    description: "nothing, with status 200",
    stages: ANY,
    ...body({ "content-type": "application/octet-stream" }, () => "", (text) => text === ""),
  },
  "garbage": {
    description: "bytes that are nothing, with status 200",
    stages: ANY,
    ...body(
      {},
      () => new Uint8Array(8192).fill(0xa5),
      (_, { sent }) => sent.start.length === 8192 && sent.start.every((byte) => byte === 0xa5),
    ),
  },
  "other-database": {
    description: "a database without the table results",
    stages: ["download"],
    ...body({}, otherDatabase, (text) => text.includes("CREATE TABLE something_else")),
  },
  "invalid-json": {
    description: "JSON that is cut off",
    stages: ASKING,
    ...body({ "content-type": "application/json" }, () => '{"query_', (text) => !isJson(text)),
  },
  "wrong-shape": {
    description: "JSON of another shape",
    stages: ASKING,
    ...body(
      { "content-type": "application/json" },
      () => '{"hello": ["world"]}',
      (text) => "hello" in parse(text),
    ),
  },
  "huge-json": {
    description: "10 MB of JSON",
    stages: ASKING,
    act: (exchange) => exchange.respondJson(200, { query_id: "x".repeat(10_000_000) }),
    // The client may hang up before the end of it.
    shows: ({ sent }) => Number(sent.headers.get("content-length")) > 10_000_000,
  },
  "redirect-other-origin": {
    description: "a redirect to another origin",
    stages: STAGES,
    act: (exchange, { otherOrigin }) =>
      exchange.respond(307, { location: otherOrigin + exchange.request.target }),
    shows: ({ sent, request }) =>
      sent.status === 307 && locationOf(sent.headers).host !== request.headers.get("host"),
  },
  "redirect-loop": {
    description: "a redirect to itself",
    stages: STAGES,
    act: (exchange, { origin }) =>
      exchange.respond(307, { location: origin + exchange.request.target }),
    shows: ({ sent, request }) =>
      sent.status === 307 &&
      locationOf(sent.headers).href === `http://${request.headers.get("host")}${request.target}`,
  },
  "expired": {
    description: "once 403, as an expired pre-signed URL gives; a fresh one works",
    stages: ["download"],
    times: 1,
    act: (exchange) =>
      exchange.respond(403, { "content-type": "text/plain" }, "Request has expired"),
    shows: ({ sent }) => sent.status === 403,
  },
  "failed": saying(
    "the query fails",
    () => ({ query_status: "failed", detail: "The refiner is not available" }),
    ({ query_status, detail }) => query_status === "failed" && detail !== undefined,
  ),
  "pending": saying(
    "the query never ends",
    () => ({ query_status: "processing" }),
    ({ query_status }) => query_status === "processing",
  ),
  "cancelled": saying(
    "the query is cancelled",
    () => ({ query_status: "cancelled", detail: "Stopped by an operator" }),
    ({ query_status }) => query_status === "cancelled",
  ),
  "no-url": saying(
    "success without a results URL",
    () => ({ query_status: "success", query_results: null }),
    ({ query_status, query_results }) => query_status === "success" && query_results === null,
  ),
  "other-origin": leadingTo(
    "the results are at another origin (the signature must not go there)",
    ({ resultsUrl, origin, otherOrigin }) => resultsUrl().replace(origin, otherOrigin),
  ),
  "file-url": leadingTo("the results URL is a file: URL", () => "file:///etc/passwd"),
  "results-refused": leadingTo(
    "nothing listens at the results URL",
    // Port 9, discard: nothing listens there.
    ({ resultsUrl, origin }) => resultsUrl().replace(origin, "http://127.0.0.1:9"),
  ),
  "results-unresolvable": leadingTo(
    "the results URL's host name doesn't exist",
    ({ resultsUrl, origin }) => resultsUrl().replace(origin, "https://results.invalid"),
  ),
};

function locationOf(headers: Headers): URL {
  return new URL(headers.get("location") ?? "about:blank");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parse(text: string): Record<string, unknown> {
  return isJson(text) ? JSON.parse(text) : {};
}

/** A database with a table, but not the one that is wanted. */
function otherDatabase(): Uint8Array {
  using folder = new TemporaryFolder({ prefix: "engine-", endOnSignal: false });
  const path = folder.join("other.db");
  {
    using db = new DatabaseSync(path);
    db.exec("CREATE TABLE something_else(a)");
  }
  return Deno.readFileSync(path);
}
