/**
 * The Query Engine's protocol: one query, from its submission to the URL of its results.
 *
 * @module
 */

import * as v from "valibot";
import { Deadline } from "./deadline.ts";
import { EngineText } from "./engine_text.ts";
import { exactParams } from "./exact_json.ts";
import { exchange } from "./exchange.ts";
import { parseHttpUrl } from "./urls.ts";
import { QueryEngineError } from "../errors.ts";
import type { JsonValue } from "../json_value.ts";
import type { Log } from "../log.ts";
import { pause } from "../pause.ts";
import { describeUrl } from "../redact.ts";

/** A query as the engine takes it. */
export interface QueryRequest {
  /** The SQL, exactly as signed. */
  query: string;
  /** The job owner's EIP-191 `personal_sign` of exactly `query`. */
  signature: string;
  /**
   * The values bound to the query's placeholders, or a JSON array of them as text, whose numbers are
   * sent as they are written: JavaScript's own would alter `9007199254740993` and `1.0`.
   */
  params?: readonly JsonValue[] | string;
  /** The refiner whose schema the query is written for. */
  refinerId?: number;
  /** The compute job the query belongs to. */
  jobId?: number;
}

/** What all queries of a client have in common. */
export interface EngineSettings {
  /** The engine's base URL; its path ends with a slash. */
  base: URL;
  /** Seconds a query may take, from submit to success. */
  timeoutSeconds: number;
  /** The origins that may see the signature. */
  trusted: ReadonlySet<string>;
  /** Names the proxy that a request to a URL goes through. */
  proxyFor?(url: URL): string | undefined;
  /** Whether messages show the engine's text. */
  showDetail: boolean;
  /** Where to log. */
  log: Log;
}

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5_000;

/**
 * A pause is this share of the time waited so far. An answer is then seen within a third of the time
 * it took, where pauses that double see one that took a second after 1.75 s.
 */
const POLL_SHARE = 1 / 3;

/** What a query has ended with that will never succeed. Any other status but `success` is pending. */
const FAILED_STATUSES: readonly string[] = [
  "failed",
  "failure",
  "error",
  "errored",
  "cancelled",
  "canceled",
  "aborted",
  "expired",
  "rejected",
  "timeout",
  "timed_out",
];

const LONGEST_ID = 256;

/** An id that stays one segment of a path. */
const Id = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(LONGEST_ID),
  v.check((id) => id.isWellFormed() && id !== "." && id !== ".."),
);

const Submitted = v.object({
  query_id: v.union([Id, v.pipe(v.number(), v.transform(String))]),
});

const Status = v.object({
  query_status: v.string(),
  query_results: v.nullish(v.string()),
  detail: v.optional(v.unknown()),
});

/** One query on its way. */
export class QuerySession {
  /** Shows the engine's text without the query's secrets. */
  readonly text: EngineText;
  readonly #settings: EngineSettings;
  readonly #request: QueryRequest;

  /** Prepares a query; nothing is sent yet. */
  constructor(settings: EngineSettings, request: QueryRequest) {
    this.#settings = settings;
    this.#request = request;
    this.text = new EngineText(request, settings.showDetail);
  }

  /** Starts the time that the query has. */
  start(signal?: AbortSignal): Deadline {
    return new Deadline(this.#settings.timeoutSeconds, signal);
  }

  /** The headers that a URL may get. */
  headersFor(url: URL): Headers {
    const { trusted } = this.#settings;
    const { signature } = this.#request;
    return new Headers(trusted.has(url.origin) ? { "x-query-signature": signature } : {});
  }

  /** Sends the query and returns its id. */
  async submit(deadline: Deadline): Promise<string> {
    const { base, log } = this.#settings;
    const { query, params = [], refinerId, jobId } = this.#request;
    const body = {
      query,
      params: exactParams(params),
      // JSON leaves out what is undefined.
      refiner_id: refinerId,
      job_id: jobId === undefined ? undefined : String(jobId),
    };
    const url = new URL("query", base);
    const { query_id } = await this.#call(Submitted, {
      url,
      place: describeUrl(url),
      body: JSON.stringify(body),
      deadline,
    });
    log.info("Submitted the query", { queryId: this.text.show(query_id) });
    return query_id;
  }

  /** Asks how the query is until it has succeeded, and returns where its results are. */
  async wait(id: string, deadline: Deadline): Promise<URL> {
    const { base, log } = this.#settings;
    const url = new URL(`query/${encodeURIComponent(id)}`, base);
    const place = `${describeUrl(base)}query/${this.text.show(id) || "..."}`;
    let state: string | undefined;
    let shown: string | undefined;
    const started = performance.now();
    for (;;) {
      const answer = await this.#call(Status, { url, place, deadline, state });
      const status = answer.query_status.toLowerCase();
      if (status === "success") {
        if (answer.query_results) return parseHttpUrl(answer.query_results, url, "results URL");
        throw new QueryEngineError(
          "The Query Engine says the query succeeded but names no results URL (query_results)",
        );
      }
      if (FAILED_STATUSES.includes(status)) {
        const detail = this.text.detail(answer);
        const how = status === "failed" ? "failed" : `ended with the status "${status}"`;
        throw new QueryEngineError(
          `The query ${how} on the Query Engine${detail}; check the SQL and its parameters`,
        );
      }
      if (status !== shown) log.debug(`The query is pending${this.text.show(status, ": ", 40)}`);
      shown = status;
      // Near the deadline the pauses shorten, so that a query that is ready in time is seen in time.
      const now = performance.now();
      const usual = Math.max(
        FIRST_POLL_MS,
        Math.min((now - started) * POLL_SHARE, LONGEST_POLL_MS),
      );
      const jittered = usual * (0.8 + Math.random() * 0.4);
      const wait = Math.min(jittered, Math.max(FIRST_POLL_MS, (deadline.at - now) / 2));
      state = "it is still pending";
      if (now + wait >= deadline.at) throw deadline.tooLate(state);
      await pause(wait, deadline.signal);
    }
  }

  /** Sends one request of the protocol. */
  async #call<T>(
    schema: v.GenericSchema<unknown, T>,
    call: { url: URL; place: string; body?: string; deadline: Deadline; state?: string },
  ): Promise<T> {
    const { trusted, proxyFor, log } = this.#settings;
    return await exchange(schema, {
      ...call,
      headersFor: (url) => this.headersFor(url),
      isTrusted: (url) => trusted.has(url.origin),
      proxyFor,
      text: this.text,
      log,
    });
  }
}
