/**
 * The life of one run: parameters, input in place, the job in its isolate, output published, exit code.
 *
 * All of this is the host's own code. A job's code runs in its isolate only.
 *
 * @module
 */

import { ExitCode, messageOf, QueryEngineError, RelayError, ResultsError } from "../errors.ts";
import { formatBytes } from "../format_bytes.ts";
import { describeNetwork, type JobDescription } from "../job/description.ts";
import type { JobFailure } from "../job/messages.ts";
import { type HostLog, openLog } from "../logging.ts";
import { publish } from "../output/publication.ts";
import { pause } from "../pause.ts";
import { createRedact, valuesIn } from "../redact.ts";
import { settleDatabase, type SettledDatabase } from "../results/database_file.ts";
import { inspectResults } from "../results/inspect.ts";
import { placeInput } from "./input.ts";
import { type Isolate, startIsolate } from "./isolate.ts";
import { describeFailure } from "./job_failure.ts";
import { prepareDirectory } from "./mounts.ts";
import { openOutput, type Output } from "./output.ts";
import {
  PARAMETER_NAMES,
  readLogSettings,
  readParameters,
  type RunParameters,
} from "./parameters.ts";
import { openSockets, settled, threads } from "./process_state.ts";
import { relayResults } from "./relay_results.ts";
import { STOP_SIGNALS, Stopped, type StopSignal } from "./stopped.ts";

/** A job, and where its isolate starts. */
export interface HostedJob {
  /** What the host knows about it. */
  description: JobDescription;
  /** The module that its isolate starts with. */
  entry: URL;
  /** The URL that places in its code are shown relative to, with a slash at its end. */
  root: string;
}

/** Milliseconds a stopped run waits for what it has under way; it must end within a second. */
const LAST_MOMENT_MS = 400;

/** Milliseconds that a closed connection may take to be gone. */
const CLOSING_MS = 1000;

/** Milliseconds that an ended isolate's threads may take to be gone: V8 ends their code after two seconds. */
const ENDING_MS = 3000;

/** One run under way. */
interface Run {
  readonly job: HostedJob;
  readonly log: HostLog;
  readonly stop: AbortController;
  output?: Output;
  isolate?: Isolate;
  /** The job says that it has ended well. */
  done: boolean;
  /** Resolved when the job has ended, well or not. */
  readonly ended: PromiseWithResolvers<void>;
  /** What the host does before the isolate takes over. */
  life: Promise<void>;
  /** The sockets that the process has without any connection. */
  sockets: ReadonlySet<string>;
  /** The threads that there were before the isolate's. */
  threads: ReadonlySet<string>;
}

/**
 * Runs a job from its start to the end of the process: it exits with 0 when the output is in place, 1
 * for bad parameters or mounts, 2 for no valid input, 3 when the job failed, 143 or 130 when stopped by
 * SIGTERM or SIGINT.
 *
 * It returns while the run is under way. The caller must not keep the event loop alive: a job that ends
 * its isolate shows only by the loop's end.
 */
export function runHost(job: HostedJob): void {
  const read = takeEnvironment();
  const redact = createRedact({
    signature: read("QUERY_SIGNATURE"),
    texts: [read("QUERY"), read("QUERY_PARAMS")].flatMap((text) => text ?? [])
      .concat(valuesIn(parseOrNothing(read("QUERY_PARAMS")))),
  });
  const log = openLog({ ...readLogSettings(read), redact });
  const run: Run = {
    job,
    log,
    stop: new AbortController(),
    done: false,
    ended: Promise.withResolvers(),
    life: Promise.resolve(),
    sockets: new Set(),
    threads: new Set(),
  };
  addEventListener("beforeunload", (event) => {
    event.preventDefault();
    void endDrained(run);
  });
  for (const name of Object.keys(STOP_SIGNALS) as StopSignal[]) {
    Deno.addSignalListener(name, () => void stop(run, new Stopped(name)));
  }
  // A signal listener has a socket pair of its own.
  run.sockets = openSockets();
  run.life = live(run, read);
  run.life.catch((error) => {
    if (!run.stop.signal.aborted) fail(run, error);
  });
}

/**
 * Takes the parameters out of the environment: Deno lets code without permissions read variables by its
 * internals, and the signature is among them.
 */
function takeEnvironment(): (name: string) => string | undefined {
  const values = new Map(PARAMETER_NAMES.map((name) => [name, Deno.env.get(name)]));
  for (const name of values.keys()) Deno.env.delete(name);
  return (name) => values.get(name);
}

/** Does all there is to do before the job's isolate takes over; the stock relay to its end. */
async function live(run: Run, read: (name: string) => string | undefined): Promise<void> {
  const { job, log, stop: { signal } } = run;
  const parameters = readParameters(read);
  prepareDirectory(parameters.inputPath, "INPUT_PATH");
  const output = run.output = await openOutput(parameters.outputPath, log);
  const path = await placeInput(parameters, { log, signal });
  signal.throwIfAborted();
  const database = await settleDatabase(path, output.scratch);
  signal.throwIfAborted();
  checkKind(inspectResults(database.path, path).kind, { path, parameters, log });
  if (!job.description.stock) {
    await expectNoConnection(run);
    signal.throwIfAborted();
    return startJob(run, { output, settled: database, parameters });
  }
  await relayResults(database.complete, output);
  signal.throwIfAborted();
  publishAndExit(run, output);
}

/** In production `results` is a table: a view's SQL could run for ever. */
function checkKind(
  kind: "table" | "view",
  { path, parameters, log }: { path: string; parameters: RunParameters; log: HostLog },
): void {
  if (kind === "table") return;
  if (!parameters.devMode) {
    throw new ResultsError(
      `${path}: "results" is a view; expected a table, as the Query Engine makes it`,
    );
  }
  log.warn('"results" is a view, which is accepted in DEV_MODE only: in production it is a table');
}

/**
 * Makes sure that the download's connections are gone: by Deno's internals a job can write to any
 * descriptor of the process.
 */
async function expectNoConnection({ sockets }: Run): Promise<void> {
  if (await settled(openSockets, sockets, CLOSING_MS)) return;
  throw new QueryEngineError(
    "A connection to the Query Engine is still open after the download, so the job was not started; try " +
      "again",
  );
}

function startJob(
  run: Run,
  { output, settled, parameters }: {
    output: Output;
    settled: SettledDatabase;
    parameters: RunParameters;
  },
): void {
  const { job, log } = run;
  const { name, network } = job.description;
  if (network.length > 0) {
    log.notice(`The job ${name} may connect to: ${describeNetwork(network)}`);
  }
  const files = [...new Set([settled.path, settled.complete])];
  run.threads = threads();
  run.isolate = startIsolate({
    entry: job.entry,
    rights: { read: [...files, output.staging], write: [output.staging], network },
    root: job.root,
    listener: {
      onLog(level, message, properties) {
        const write = { debug: log.debug, info: log.info, warning: log.warn, error: log.error };
        write[level](message, properties);
      },
      onDone() {
        run.done = true;
        run.ended.resolve();
      },
      onFailed(failure) {
        run.ended.resolve();
        if (!run.stop.signal.aborted) failJob(run, failure);
      },
    },
  });
  run.isolate.send({
    type: "run",
    results: settled.path,
    original: settled.complete,
    staging: output.staging,
    parameters: {
      devMode: parameters.devMode,
      query: parameters.query,
      queryParams: parameters.queryParams,
      computeJobId: parameters.computeJobId,
      dataRefinerId: parameters.dataRefinerId,
    },
    root: job.root,
  });
}

/**
 * The event loop has nothing left to do: the isolate has ended. Workers that the job started in it may go
 * on for a while; the staging folder is still when their threads are gone, too.
 */
async function endDrained(run: Run): Promise<void> {
  const { output, job: { description: { name } } } = run;
  if (run.done && output !== undefined) {
    const still = await settled(threads, run.threads, ENDING_MS);
    if (run.stop.signal.aborted) return;
    if (still) return publishAndExit(run, output);
    run.log.error(`The job ${name} failed: a worker that it started didn't end with it`);
    return exit(run, ExitCode.jobFailed);
  }
  if (run.stop.signal.aborted) return;
  run.log.error(
    `The job ${name} failed: it ended its isolate before it was done. Return from process() instead of ` +
      "closing or exiting",
  );
  exit(run, ExitCode.jobFailed);
}

function publishAndExit(run: Run, output: Output): never {
  const { log, job: { description: { name } } } = run;
  try {
    const files = publish(output);
    if (files.length === 0) log.warn(`The job ${name} wrote no artifacts`);
    for (const { name, bytes } of files) {
      const path = `${output.directory}/${name}`;
      log.info(`Wrote ${path} (${formatBytes(bytes)})`, { path, bytes });
    }
  } catch (error) {
    return fail(run, error);
  }
  return exit(run, ExitCode.done);
}

/** Ends a run that was told to stop, after a moment for what it has under way. */
async function stop(run: Run, stopped: Stopped): Promise<void> {
  if (run.stop.signal.aborted) return;
  run.stop.abort(stopped);
  run.isolate?.send({ type: "stop", reason: stopped.message });
  const underWay = run.isolate === undefined ? run.life.catch(() => {}) : run.ended.promise;
  await Promise.race([underWay, pause(LAST_MOMENT_MS)]);
  run.log.warn(`${stopped.message}; the output is as it was`);
  exit(run, stopped.exitCode);
}

function failJob(run: Run, failure: JobFailure): never {
  run.log.error(describeFailure(run.job.description, failure));
  if (failure.places.length > 0) run.log.debug(`Thrown at ${failure.places.join(", from ")}`);
  return exit(run, failure.badInput ? ExitCode.noInput : ExitCode.jobFailed);
}

function fail(run: Run, error: unknown): never {
  if (error instanceof RelayError) {
    run.log.error(error.message);
    return exit(run, error.exitCode);
  }
  run.log.error(`The run failed: ${messageOf(error)}`);
  if (error instanceof Error) run.log.debug(error.stack ?? "no stack");
  return exit(run, ExitCode.jobFailed);
}

function exit(run: Run, code: number): never {
  run.isolate?.terminate();
  run.output?.discard();
  Deno.exit(code);
}

function parseOrNothing(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return null;
  }
}
