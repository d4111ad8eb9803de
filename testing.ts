/**
 * Test a job the way it runs in production: in an isolate with a job's permissions, on a results database
 * that the test makes.
 *
 * @example
 * ```ts
 * import { testJob } from "./testing.ts";
 *
 * Deno.test("counts users by locale", async () => {
 *   const run = await testJob(import.meta.resolve("./examples/count_by_locale.ts"), {
 *     sql: "CREATE TABLE results(locale TEXT); INSERT INTO results VALUES ('de'), ('de'), ('fr');",
 *   });
 *   if (run.error !== undefined) throw run.error;
 *   if (run.text("count_by_locale.csv") !== "locale,users\r\nde,2\r\nfr,1\r\n") throw new Error("miscounted");
 * });
 * ```
 *
 * @module
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeJob } from "./src/host/describe.ts";
import { type Isolate, startIsolate } from "./src/host/isolate.ts";
import { describeFailure } from "./src/host/job_failure.ts";
import type { JobParameters, QueryParam } from "./src/job/define_job.ts";
import { sourceEntry } from "./src/job/isolate_entry.ts";
import type { JobDescription } from "./src/job/description.ts";
import type { LogLevel } from "./src/log.ts";
import { publish } from "./src/output/publication.ts";
import { settleDatabase } from "./src/results/database_file.ts";
import { inspectResults } from "./src/results/inspect.ts";
import { RESULTS_FILE } from "./src/results/results.ts";

export type { JobParameters, LogLevel, QueryParam };

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Options of {@linkcode testJob}. */
export interface TestJobOptions {
  /** An SQL script that makes the table `results`. Give this or `database`. */
  sql?: string;
  /** The path of a results database. Give this or `sql`. */
  database?: string;
  /**
   * What the job gets as its parameters.
   *
   * @default { devMode: true, queryParams: [] }
   */
  parameters?: Partial<JobParameters>;
  /**
   * Seconds the job may take.
   *
   * @default 30
   */
  timeoutSeconds?: number;
}

/** A line that a job logged. */
export interface LoggedLine {
  /** Its level. */
  level: LogLevel;
  /** Its message. */
  message: string;
  /** Its properties. */
  properties: Record<string, unknown>;
}

/** What a job did. */
export interface JobRun {
  /** The names of its artifacts, sorted; none if it failed. */
  readonly names: readonly string[];
  /** Why it failed, in the words that a user's log would have; `undefined` if it ended well. */
  readonly error?: Error;
  /** What it logged, in order. */
  readonly log: readonly LoggedLine[];
  /**
   * An artifact's text.
   *
   * @throws {Error} There is no such artifact.
   */
  text(name: string): string;
  /**
   * An artifact, parsed as JSON.
   *
   * @throws {Error} There is no such artifact.
   * @throws {SyntaxError} It isn't JSON.
   */
  json(name: string): unknown;
  /**
   * The path of an artifact, a database for instance. It is removed when the process ends.
   *
   * @throws {Error} There is no such artifact.
   */
  path(name: string): string;
}

/**
 * Runs a job on a results database, in an isolate with the rights it will have in the binary.
 *
 * @param module The URL of the job's module, as `import.meta.resolve("./main.ts")` gives it.
 * @returns What it did. A job that fails doesn't throw: see `error`.
 * @throws {TypeError} Neither `sql` nor `database` is given, or both are.
 * @throws {Error} The script fails.
 * @throws {ResultsError} There is no usable `results` in the database.
 */
export async function testJob(module: string, options: TestJobOptions): Promise<JobRun> {
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  const folder = Deno.makeTempDirSync({ prefix: "test-job-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const results = makeResults(folder, options);
  const settled = await settleDatabase(results, folder);
  inspectResults(settled.path, results);
  const folders = {
    staging: join(folder, "staging"),
    scratch: join(folder, "scratch"),
    directory: join(folder, "output"),
  };
  for (const path of Object.values(folders)) Deno.mkdirSync(path);
  const log: LoggedLine[] = [];
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(new Error(`The job took longer than ${timeoutSeconds} s`)),
    timeoutSeconds * 1000,
  );
  let names: string[] = [];
  let error: Error | undefined;
  try {
    await runInIsolate({
      entry: sourceEntry(module),
      results: settled.path,
      original: settled.complete,
      staging: folders.staging,
      parameters: { devMode: true, queryParams: [], ...options.parameters },
      log,
      signal: timeout.signal,
    });
    names = publish(folders).map(({ name }) => name);
  } catch (cause) {
    error = cause as Error;
  } finally {
    clearTimeout(timer);
  }
  const path = (name: string) => {
    if (names.includes(name)) return join(folders.directory, name);
    throw new Error(`There is no artifact ${name}; there are: ${names.join(", ") || "none"}`);
  };
  const text = (name: string) => Deno.readTextFileSync(path(name));
  return { names, error, log, path, text, json: (name) => JSON.parse(text(name)) };
}

function makeResults(folder: string, { sql, database }: TestJobOptions): string {
  if ((sql === undefined) === (database === undefined)) {
    throw new TypeError("testJob() needs either `sql` or `database`");
  }
  if (database !== undefined) return database;
  const path = join(folder, RESULTS_FILE);
  using db = new DatabaseSync(path);
  db.exec(sql!);
  return path;
}

/** The checkout: places in a job's code are shown relative to it. */
const ROOT = new URL(".", import.meta.url).href;

interface IsolateRun {
  entry: URL;
  results: string;
  original: string;
  staging: string;
  parameters: JobParameters;
  log: LoggedLine[];
  signal: AbortSignal;
}

async function runInIsolate({ entry, log, signal, ...run }: IsolateRun): Promise<void> {
  const description: JobDescription = await describeJob({ entry, root: ROOT }, { signal });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { results, original, staging } = run;
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  let isolate: Isolate | undefined;
  try {
    isolate = startIsolate({
      entry,
      rights: {
        read: [results, original, staging],
        write: [staging],
        network: description.network,
      },
      root: ROOT,
      listener: {
        onLog: (level, message, properties) => log.push({ level, message, properties }),
        onDone: resolve,
        onFailed: (failure) => reject(new Error(describeFailure(description, failure))),
      },
    });
    isolate.send({ type: "run", root: ROOT, ...run });
    await promise;
  } finally {
    isolate?.terminate();
    signal.removeEventListener("abort", onAbort);
  }
}
