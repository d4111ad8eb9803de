/**
 * The client of the Query Engine: submit a query, wait for it, download its answer.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { Deadline } from "./deadline.ts";
import { download, parseHttpUrl } from "./download.ts";
import { detailOf } from "./detail.ts";
import { exchange } from "./exchange.ts";
import { QueryEngineError } from "../errors.ts";
import { removeIfThere, removeLeftovers, temporaryName } from "../files.ts";
import { type Log, silentLog } from "../log.ts";
import { isLoopback } from "../loopback.ts";
import { tryToWrite } from "../host/mounts.ts";
import {
  DEFAULT_DOWNLOAD_STALL_SECONDS,
  DEFAULT_QUERY_ENGINE_URL,
  DEFAULT_QUERY_TIMEOUT_SECONDS,
} from "../host/parameters.ts";
import type { QueryParam } from "../job/define_job.ts";
import { pause } from "../pause.ts";
import type { Progress } from "../host/progress.ts";
import { createRedact, describeUrl, type Redact, secretsIn } from "../redact.ts";
import { readDatabaseHeader, SIDECARS } from "../results/database_file.ts";
import { Results, RESULTS_FILE } from "../results/results.ts";

/** A query as the engine takes it. */
export interface QueryRequest {
  /** The SQL, exactly as signed. */
  query: string;
  /** The job owner's EIP-191 `personal_sign` of exactly `query`. */
  signature: string;
  /** The values bound to the query's placeholders. */
  params?: readonly QueryParam[];
  /** The refiner whose schema the query is written for. */
  refinerId?: number;
  /** The compute job the query belongs to. */
  jobId?: number;
}

/** Options of {@linkcode QueryEngineClient}. */
export interface QueryEngineOptions {
  /**
   * The engine's base URL.
   *
   * @default "https://query.vana.org"
   */
  url?: string | URL;
  /**
   * Seconds a query may take, from submit to success.
   *
   * @default 150
   */
  timeoutSeconds?: number;
  /**
   * Seconds without a byte after which a download is cut and resumed.
   *
   * @default 30
   */
  stallSeconds?: number;
  /**
   * Origins besides the engine's own that may see the signature.
   *
   * @default []
   */
  trustedOrigins?: readonly string[];
  /**
   * Where to log.
   *
   * @default Nowhere
   */
  log?: Log;
}

/** Options of one call to the engine. */
export interface CallOptions {
  /** Stops the call; it then throws the signal's reason. */
  signal?: AbortSignal;
}

/** Options of {@linkcode QueryEngineClient.fetchResults}. */
export interface FetchResultsOptions extends CallOptions {
  /** Told of every chunk of the download. */
  onProgress?(progress: Progress): void;
}

/** What {@linkcode QueryEngineClient.fetchResults} brought. */
export interface FetchedResults {
  /** The database's path. */
  path: string;
  /** Its length in bytes. */
  bytes: number;
}

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5_000;

/**
 * A pause is this share of the time waited so far. An answer is then seen within a third of the time
 * it took, where pauses that double see one that took a second after 1.75 s.
 */
const POLL_SHARE = 1 / 3;

/** What messages call a download that isn't in its place yet. */
const RECEIVED = "What the results URL gave";

const PART_PREFIX = `.${RESULTS_FILE}.part-`;

const Submitted = v.object({
  query_id: v.union([
    v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
    v.pipe(v.number(), v.transform(String)),
  ]),
});

const Status = v.object({
  query_status: v.string(),
  query_results: v.nullish(v.string()),
  detail: v.optional(v.unknown()),
});

/**
 * A client of the Query Engine.
 *
 * It retries what may pass (connection errors, 408, 429, 500, 502, 503, 504) with exponential
 * backoff, jitter and `Retry-After`, within the query's deadline, and resumes a cut download. The
 * signature goes to the engine's origin and the trusted ones only, and never into a log or an error.
 *
 * @example
 * ```ts
 * import { QueryEngineClient, type QueryRequest, Results } from "../../mod.ts";
 *
 * async function countRows(request: QueryRequest, directory: string): Promise<number> {
 *   const client = new QueryEngineClient({ timeoutSeconds: 60 });
 *   const { path } = await client.fetchResults(request, directory);
 *   using results = Results.open(path);
 *   return results.count();
 * }
 * ```
 */
export class QueryEngineClient {
  readonly #base: URL;
  readonly #timeoutSeconds: number;
  readonly #stallSeconds: number;
  readonly #trusted: ReadonlySet<string>;
  readonly #log: Log;

  /**
   * Makes a client; nothing is sent yet.
   *
   * @throws {QueryEngineError} The URL isn't http or https, or an origin isn't one.
   */
  constructor(options: QueryEngineOptions = {}) {
    const url = String(options.url ?? DEFAULT_QUERY_ENGINE_URL);
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new QueryEngineError("The Query Engine's URL must be http or https");
    }
    this.#base = new URL(url);
    this.#base.pathname = this.#base.pathname.replace(/\/*$/, "/");
    this.#timeoutSeconds = options.timeoutSeconds ?? DEFAULT_QUERY_TIMEOUT_SECONDS;
    this.#stallSeconds = options.stallSeconds ?? DEFAULT_DOWNLOAD_STALL_SECONDS;
    this.#trusted = new Set([this.#base.origin, ...options.trustedOrigins ?? []]);
    this.#log = options.log ?? silentLog;
    if (!isConfidential(this.#base)) {
      this.#log.warn(
        `The Query Engine's URL ${
          describeUrl(this.#base)
        } is plain http: the signature and the data ` +
          "can be read on the way; use https",
      );
    }
  }

  /**
   * Runs a query and downloads its answer to `query_results.db` in a directory. The file appears
   * there, or replaces an earlier one, only when it is whole and was checked.
   *
   * @param request The query.
   * @param directory A directory that can be written to, absolute.
   * @throws {QueryEngineError} The engine refused or failed the query, did not finish in time, or
   * the download failed.
   * @throws {ResultsError} What came is not a whole results database.
   * @throws {ParameterError} The directory can't be written to; nothing was sent then.
   * @throws The signal's reason, when stopped.
   */
  async fetchResults(
    request: QueryRequest,
    directory: string,
    { signal, onProgress }: FetchResultsOptions = {},
  ): Promise<FetchedResults> {
    const part = join(directory, temporaryName(PART_PREFIX));
    const path = join(directory, RESULTS_FILE);
    // Made before the query is sent: a query whose answer can't be stored isn't run.
    const file = tryToWrite(directory, "INPUT_PATH", () => {
      removeCutDownloads(directory);
      refuseDirectory(path);
      return Deno.openSync(part, { write: true, createNew: true, mode: 0o600 });
    });
    try {
      const started = performance.now();
      const deadline = this.#deadline(signal);
      const id = await this.#submit(request, deadline);
      const url = await this.#wait(id, request, deadline);
      const log = this.#log;
      log.info(`The query succeeded after ${secondsSince(started)}; downloading its results`);
      if (!isConfidential(url)) {
        log.warn(`The results at ${url.origin} come over plain http: they can be read on the way`);
      }
      const begun = performance.now();
      const bytes = await download({
        url,
        headersFor: (url) => this.#headersFor(url, request.signature),
        file,
        directory,
        stallSeconds: this.#stallSeconds,
        renewUrl: () => this.waitForResults(id, request, { signal }),
        checkWhole: () => void readDatabaseHeader(part, RECEIVED),
        onProgress,
        signal,
        log,
      });
      Results.open(part, RECEIVED).close();
      Deno.chmodSync(part, 0o644);
      for (const suffix of SIDECARS) removeIfThere(path + suffix);
      Deno.renameSync(part, path);
      log.info(`Downloaded ${bytes} bytes in ${secondsSince(begun)}`, { bytes });
      return { path, bytes };
    } finally {
      file.close();
      // Looking into a database in WAL mode puts files beside it.
      for (const suffix of ["", ...SIDECARS]) removeIfThere(part + suffix);
    }
  }

  /**
   * Sends a query to the engine.
   *
   * @returns The query's id.
   * @throws {QueryEngineError} The engine refused it, or did not answer in time.
   * @throws The signal's reason, when stopped.
   */
  submit(request: QueryRequest, { signal }: CallOptions = {}): Promise<string> {
    return this.#submit(request, this.#deadline(signal));
  }

  /**
   * Waits until a query has succeeded. Asks at once and every 0.25 s, then less and less often, down
   * to every 5 s.
   *
   * @param id What {@linkcode submit} returned.
   * @param request The query, for its signature.
   * @returns Where the results can be downloaded.
   * @throws {QueryEngineError} The query failed, the id is unknown, or it took too long.
   * @throws The signal's reason, when stopped.
   */
  waitForResults(
    id: string,
    request: QueryRequest,
    { signal }: CallOptions = {},
  ): Promise<URL> {
    return this.#wait(id, request, this.#deadline(signal));
  }

  async #submit(request: QueryRequest, deadline: Deadline): Promise<string> {
    const body = {
      query: request.query,
      params: request.params ?? [],
      // JSON leaves out what is undefined.
      refiner_id: request.refinerId,
      job_id: request.jobId === undefined ? undefined : String(request.jobId),
    };
    const { query_id } = await this.#call(Submitted, "query", {
      request,
      body: JSON.stringify(body),
      deadline,
    });
    this.#log.info("Submitted the query", { queryId: query_id });
    return query_id;
  }

  async #wait(id: string, request: QueryRequest, deadline: Deadline): Promise<URL> {
    const path = `query/${encodeURIComponent(id)}`;
    let state: string | undefined;
    const started = performance.now();
    for (;;) {
      const answer = await this.#call(Status, path, { request, deadline, state });
      const status = answer.query_status.toLowerCase();
      if (status === "success") {
        if (!answer.query_results) {
          throw new QueryEngineError(
            "The Query Engine says the query succeeded but names no results URL (query_results)",
          );
        }
        return parseHttpUrl(answer.query_results, new URL(path, this.#base));
      }
      if (status === "failed") {
        const detail = detailOf(answer, redactFor(request));
        throw new QueryEngineError(
          `The query failed on the Query Engine${
            detail === "" ? "" : `: ${detail}`
          }; check the SQL ` +
            "and its parameters",
        );
      }
      this.#log.debug(`The query is ${redactFor(request)(status).slice(0, 40)}`);
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

  #deadline(signal?: AbortSignal): Deadline {
    return new Deadline(this.#timeoutSeconds, signal);
  }

  /** Sends one request of the protocol. */
  async #call<T>(
    schema: v.GenericSchema<unknown, T>,
    path: string,
    { request, ...rest }: {
      request: QueryRequest;
      body?: string;
      deadline: Deadline;
      state?: string;
    },
  ): Promise<T> {
    return await exchange(schema, {
      url: new URL(path, this.#base),
      headersFor: (url) => this.#headersFor(url, request.signature),
      isTrusted: (url) => this.#trusted.has(url.origin),
      redact: redactFor(request),
      log: this.#log,
      ...rest,
    });
  }

  #headersFor(url: URL, signature: string): Headers {
    return new Headers(this.#trusted.has(url.origin) ? { "x-query-signature": signature } : {});
  }
}

/** Removes from a directory what a killed run had downloaded so far. */
export function removeCutDownloads(directory: string): void {
  removeLeftovers(directory, PART_PREFIX);
}

function redactFor(request: QueryRequest): Redact {
  return createRedact([request.signature, request.query, ...secretsIn(request.params)]);
}

/** Whether nobody on the way can read along. */
function isConfidential(url: URL): boolean {
  return url.protocol === "https:" || isLoopback(url);
}

function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

function refuseDirectory(path: string): void {
  try {
    if (!Deno.lstatSync(path).isDirectory) return;
  } catch {
    return;
  }
  throw new Error(`${path} is a directory`);
}
