/**
 * The life of one job: parameters, input in place, network revoked, `process`, output committed,
 * exit code.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Artifacts } from "../output/artifacts.ts";
import { ExitCode, messageOf, ParameterError, RelayError, ResultsError } from "../errors.ts";
import { exists } from "../files.ts";
import { type Log, openLog } from "../logging.ts";
import { formatBytes } from "../format_bytes.ts";
import { prepareDirectory } from "./mounts.ts";
import {
  type JobParameters,
  readLogSettings,
  readParameters,
  type ReadVariable,
  type RunParameters,
} from "./parameters.ts";
import { pause } from "../pause.ts";
import { queryInput } from "./query_input.ts";
import { removeCutDownloads } from "../query_engine/client.ts";
import { createRedact, valuesIn } from "../redact.ts";
import { settleDatabase } from "../results/database_file.ts";
import { Results, RESULTS_FILE } from "../results/results.ts";

/** What a job is given to work with. */
export interface JobContext {
  /** The query's answer. */
  readonly results: Results;
  /** The output. */
  readonly artifacts: Artifacts;
  /** What the environment said. */
  readonly parameters: Readonly<JobParameters>;
  /** Writes log lines. */
  readonly log: Log;
  /** Aborted when the job is told to stop (SIGTERM, SIGINT). */
  readonly signal: AbortSignal;
}

/** A job: what becomes of the query's answer. */
export interface Job {
  /** Its name, for logs. */
  readonly name: string;
  /**
   * Makes artifacts of the results. They are published if it succeeds; if it throws, the output stays
   * as it was.
   */
  process(context: JobContext): void | Promise<void>;
  /**
   * Keep network access while `process` runs. Logged, so that whoever approves the job can see it.
   *
   * @default false
   */
  readonly network?: boolean;
}

/** Signals that stop a job, and the exit codes they give (128 + the signal's number). */
const STOP_SIGNALS = { SIGTERM: ExitCode.terminated, SIGINT: ExitCode.interrupted } as const;

/** Milliseconds a stopped run waits for what it has under way; it must end within a second. */
const LAST_MOMENT_MS = 400;

/** The reason of a job's `signal` when it is told to stop. */
class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: number;

  constructor(signal: keyof typeof STOP_SIGNALS) {
    super(`Stopped by ${signal}`);
    this.exitCode = STOP_SIGNALS[signal];
  }
}

/**
 * Defines a job. It gives back what it is given: its use is to have the types checked where the job
 * is written.
 *
 * @example
 * ```ts
 * import { defineJob } from "../../mod.ts";
 *
 * export const countRows = defineJob({
 *   name: "count-rows",
 *   process: ({ results, artifacts }) => artifacts.writeJson("count.json", { rows: results.count() }),
 * });
 * ```
 */
export function defineJob(job: Job): Job {
  return job;
}

/**
 * Runs a job from its start to the end of the process. It never returns: it exits with 0 when the
 * output is in place, 1 for bad parameters or mounts, 2 for no valid input, 3 when the job failed,
 * 143 or 130 when stopped by SIGTERM or SIGINT.
 *
 * A signal stops it within a second at any stage of the relay. A job's own synchronous code, and SQL
 * it runs, stop at the next `await` only.
 *
 * @param job What becomes of the query's answer.
 */
export async function runJob(job: Job): Promise<never> {
  const read: ReadVariable = (name) => Deno.env.get(name);
  const params = read("QUERY_PARAMS") ?? "";
  const redact = createRedact({
    signature: read("QUERY_SIGNATURE"),
    texts: [read("QUERY") ?? "", params, ...valuesIn(parseOrNothing(params))],
  });
  const log = openLog({ ...readLogSettings(read), redact });
  const run: Run = { job, log, stop: new AbortController() };
  const { signal } = run.stop;
  for (const name of Object.keys(STOP_SIGNALS) as (keyof typeof STOP_SIGNALS)[]) {
    Deno.addSignalListener(name, () => run.stop.abort(new Stopped(name)));
  }
  // What a job leaves behind and nobody awaits must neither end the process with its output staged
  // nor go unseen.
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    run.stop.abort(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    run.stop.abort(event.error);
  });
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  addEventListener("unload", () => run.artifacts?.discard());
  const life = live(run, read);
  let exitCode: number = ExitCode.done;
  try {
    await Promise.race([life, stopped]);
  } catch (error) {
    exitCode = report(error, run);
    // What was under way gets a moment to remove its temporary files.
    await Promise.race([life.catch(() => {}), pause(LAST_MOMENT_MS)]);
  }
  Deno.exit(exitCode);
}

/** One run under way. */
interface Run {
  job: Job;
  log: Log;
  stop: AbortController;
  artifacts?: Artifacts;
  /** The job's own code is running. */
  processing?: boolean;
}

async function live(run: Run, read: ReadVariable): Promise<void> {
  const { job, log, stop: { signal } } = run;
  const parameters = readParameters(read);
  warnOfUnset(parameters, log);
  prepareDirectory(parameters.inputPath, "INPUT_PATH");
  const artifacts = run.artifacts = Artifacts.open(parameters.outputPath);
  const database = await placeInput(parameters, log, signal);
  signal.throwIfAborted();
  const settled = await settleDatabase(database, artifacts.scratch);
  signal.throwIfAborted();
  using results = Results.open(settled.path);
  artifacts.useResults(settled.complete);
  if (job.network === true) log.warn(`The job ${job.name} keeps its network access`);
  else Deno.permissions.revokeSync({ name: "net" });
  const { querySignature: _, ...forTheJob } = parameters;
  run.processing = true;
  await job.process({ results, artifacts, parameters: forTheJob, log, signal });
  // Two turns of the event loop (the first may still belong to this one): a rejection that the job
  // left behind shows before its output does.
  await setImmediate();
  await setImmediate();
  run.processing = false;
  signal.throwIfAborted();
  const { names } = artifacts;
  artifacts.commit();
  if (names.length === 0) log.warn(`The job ${job.name} wrote no artifacts`);
  for (const name of names) {
    const path = join(parameters.outputPath, name);
    const { size } = Deno.statSync(path);
    log.info(`Wrote ${path} (${formatBytes(size)})`, { path, bytes: size });
  }
}

function warnOfUnset(parameters: RunParameters, log: Log): void {
  if (parameters.devMode || parameters.query === undefined) return;
  const left = [
    ["COMPUTE_JOB_ID", parameters.computeJobId],
    ["DATA_REFINER_ID", parameters.dataRefinerId],
  ].flatMap(([name, value]) => value === undefined ? [name] : []);
  for (const name of left) log.warn(`${name} is not set: the request goes without it`);
}

/** Gets the results database into the input mount, in one of the three ways, and returns its path. */
async function placeInput(
  parameters: RunParameters,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  const { inputPath, query, querySignature } = parameters;
  const path = join(inputPath, RESULTS_FILE);
  if (query === undefined || parameters.devMode) clearInput(inputPath);
  if (parameters.devMode) {
    log.info(`Dev mode: using ${path}`);
    if (!exists(path)) {
      throw new ResultsError(
        `${path} doesn't exist; in DEV_MODE the job reads it and asks nobody. Make one with ` +
          "`deno task seed`, or put a database with a results table there",
      );
    }
    return path;
  }
  if (query === undefined || querySignature === undefined) {
    if (exists(path)) {
      log.info(`No query is set: using the ${RESULTS_FILE} already in ${inputPath}`);
      return path;
    }
    throw new ParameterError(
      "There is no input. Do one of three: set DEV_MODE=1 to use dummy data in INPUT_PATH; set QUERY " +
        `and QUERY_SIGNATURE to ask the Query Engine; or put a ${RESULTS_FILE} into INPUT_PATH ` +
        `(${inputPath})`,
    );
  }
  const sha256 = createHash("sha256").update(query).digest("hex").slice(0, 8);
  log.info(`Sending the query (${query.length} characters, SHA-256 ${sha256}...)`);
  await queryInput(parameters, { query, signature: querySignature }, { log, signal });
  return path;
}

/** Clears what a killed download left, where that can be done: an input of one's own may be read-only. */
function clearInput(inputPath: string): void {
  try {
    removeCutDownloads(inputPath);
  } catch {
    // It stays; nothing reads it.
  }
}

/** Logs why a run ended, and gives its exit code. */
function report(error: unknown, { job, log, processing }: Run): number {
  if (error instanceof Stopped) {
    log.warn(`${error.message}; the output is as it was`);
    return error.exitCode;
  }
  if (error instanceof RelayError) {
    log.error(error.message);
    return error.exitCode;
  }
  const what = processing ? `The job ${job.name} failed` : "The run failed";
  log.error(`${what}: ${messageOf(error)}${hintFor(error, job)}`);
  if (error instanceof Error) log.debug(error.stack ?? "no stack");
  return ExitCode.jobFailed;
}

/** Explains the errors that the sandbox gives a job's own code. */
function hintFor(error: unknown, job: Job): string {
  const { code, syscall } = (error ?? {}) as { code?: string; syscall?: string };
  const lacking = /Requires (\w+) access/.exec(messageOf(error))?.[1];
  // Through Node's modules a refusal shows as if the network had said it.
  const offline = lacking === "net" || code === "ECONNREFUSED" || syscall === "getaddrinfo";
  if (offline && job.network !== true) {
    return ". A job has no network access once its input is in place; if it needs one, define it with " +
      "`network: true`";
  }
  if (lacking !== undefined || error instanceof Deno.errors.NotCapable) {
    return '. A job runs with the permissions of the set "worker" in deno.json, and no others';
  }
  return "";
}

function parseOrNothing(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return null;
  }
}
