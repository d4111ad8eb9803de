/**
 * The client of the Query Engine: submit a query, wait for it, download its answer.
 *
 * @module
 */

import { join } from "node:path";
import {
  DEFAULT_DOWNLOAD_STALL_SECONDS,
  DEFAULT_QUERY_ENGINE_URL,
  DEFAULT_QUERY_TIMEOUT_SECONDS,
} from "./defaults.ts";
import { download } from "./download.ts";
import type { EngineText } from "./engine_text.ts";
import { type EngineSettings, type QueryRequest, QuerySession } from "./protocol.ts";
import type { FileNames, Progress } from "./transfer.ts";
import { messageOf, QueryEngineError, ResultsError } from "../errors.ts";
import { isDirectory, removeIfThere, removeLeftovers, setMode, temporaryName } from "../files.ts";
import { type Log, silentLog } from "../log.ts";
import { isLoopback } from "../loopback.ts";
import { describeUrl } from "../redact.ts";
import { readDatabaseHeader, SIDECARS } from "../results/database_file.ts";
import { inspectResults } from "../results/inspect.ts";
import { RESULTS_FILE } from "../results/results.ts";

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
   * Names the proxy that the environment sets for a URL, for messages. A failure to connect is then the
   * proxy's and final.
   *
   * @default No proxy is known
   */
  proxyFor?(url: URL): string | undefined;
  /**
   * Show the engine's own words in messages. What could be the signature, the query's values or its
   * parameters is cut out of them in any case.
   *
   * @default true
   */
  showDetail?: boolean;
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
  /** Called for every chunk of the download. */
  onProgress?(progress: Progress): void;
}

/** What {@linkcode QueryEngineClient.fetchResults} brought. */
export interface FetchedResults {
  /** The database's path. */
  path: string;
  /** Its length in bytes. */
  bytes: number;
}

/** What messages call a download that isn't in its place yet. */
const RECEIVED = "The downloaded file";

/** What the download is called. */
const NAMES: FileNames = {
  file: "the results",
  url: "results URL",
  kind: "a SQLite database",
  source: "the Query Engine",
  magic: new TextEncoder().encode("SQLite format 3\0"),
};

const PART_PREFIX = `.${RESULTS_FILE}.part-`;

/**
 * A client of the Query Engine.
 *
 * It retries what may pass (connection errors, 408, 425, 429 and the server's own errors) with exponential
 * backoff, jitter and `Retry-After`, within the query's deadline, and resumes a cut download. The
 * signature goes to the engine's origin and the trusted ones only, and never into a log or an error.
 *
 * @example
 * ```ts
 * import { Results } from "../results/results.ts";
 * import { QueryEngineClient, type QueryRequest } from "../../query_engine.ts";
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
  readonly #settings: EngineSettings;
  readonly #stallSeconds: number;

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
    const base = new URL(url);
    base.pathname = base.pathname.replace(/\/*$/, "/");
    const log = options.log ?? silentLog;
    this.#settings = {
      base,
      timeoutSeconds: options.timeoutSeconds ?? DEFAULT_QUERY_TIMEOUT_SECONDS,
      trusted: new Set([base.origin, ...options.trustedOrigins ?? []]),
      proxyFor: options.proxyFor,
      showDetail: options.showDetail ?? true,
      log,
    };
    this.#stallSeconds = options.stallSeconds ?? DEFAULT_DOWNLOAD_STALL_SECONDS;
    if (!isConfidential(base)) {
      log.warn(
        `The Query Engine's URL ${describeUrl(base)} is plain http: the signature and the data ` +
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
   * the download failed; or the directory can't be written to, and nothing was sent.
   * @throws {ResultsError} What came is not a whole results database.
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
    const file = openPart(directory, part);
    try {
      const started = performance.now();
      const session = this.#session(request);
      const { text } = session;
      const deadline = session.start(signal);
      const id = await session.submit(deadline);
      const url = await session.wait(id, deadline);
      const { log } = this.#settings;
      log.info(`The query succeeded after ${secondsSince(started)}; downloading its results`);
      if (!isConfidential(url)) {
        const where = text.show(url.origin, " at ");
        log.warn(`The results${where} come over plain http: they can be read on the way`);
      }
      const begun = performance.now();
      const bytes = await download({
        url,
        headersFor: (url) => session.headersFor(url),
        file,
        directory,
        names: NAMES,
        stallSeconds: this.#stallSeconds,
        renewUrl: () => session.wait(id, session.start(signal)),
        checkWhole: () => void readDatabaseHeader(part, RECEIVED),
        onProgress,
        signal,
        proxyFor: this.#settings.proxyFor,
        text,
        log,
      });
      checkResults(part, text);
      setMode(part, 0o644);
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
    const session = this.#session(request);
    return session.submit(session.start(signal));
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
    const session = this.#session(request);
    return session.wait(id, session.start(signal));
  }

  #session(request: QueryRequest): QuerySession {
    return new QuerySession(this.#settings, request);
  }
}

/** Removes from a directory what a killed run had downloaded so far. */
export function removeCutDownloads(directory: string): void {
  removeLeftovers(directory, PART_PREFIX);
}

/** Whether no third party can read along. */
function isConfidential(url: URL): boolean {
  return url.protocol === "https:" || isLoopback(url);
}

function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Checks that a download is a results database. */
function checkResults(part: string, text: EngineText): void {
  try {
    inspectResults(part, RECEIVED);
  } catch (error) {
    if (!(error instanceof ResultsError)) throw error;
    const { truncated } = error;
    throw new ResultsError(text.message(error.message), { truncated });
  }
}

/** Opens the file that the download is written to. */
function openPart(directory: string, part: string): Deno.FsFile {
  try {
    removeCutDownloads(directory);
    const path = join(directory, RESULTS_FILE);
    if (isDirectory(path)) throw new Error(`${path} is a directory`);
    return Deno.openSync(part, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    throw new QueryEngineError(`${directory} can't be written to (${messageOf(error)})`, {
      remedy: "directory",
      cause: error,
    });
  }
}
